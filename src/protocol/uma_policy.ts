/**
 * Who may have what: the one evaluation of policies (idserver.md A.8, decisions D7). Pure. All lines
 * of a ticket must be granted, any policy of a resource suffices, and any rule of a policy; a
 * resource without policies, and a policy without rules, authorize nobody but the owner.
 */
import {
  intersect,
  type Permission,
  type PolicyRule,
  type RequiredClaim,
  subtract,
} from "./permission.ts";
import { hasClaims, type Party } from "./uma_party.ts";

/** Most requests of one client and party that wait for an owner's answer about one resource. */
const WAITING_MAX = 10;

/** What the owner said to a client's request before, or has not said yet. */
export interface Answer {
  readonly state: "pending" | "approved" | "denied" | "withdrawn";
  /** Party of the request; empty for the client's own. */
  readonly party: string;
  readonly scopes: readonly string[];
}

/** One line of a ticket, and everything that decides it. */
export interface Line {
  readonly resourceId: string;
  /** The user who owns the resource; null where the resource server does. */
  readonly userId: string | null;
  readonly resourceServerId: string;
  /** Scopes that the resource is registered with, now. */
  readonly registered: readonly string[];
  /** Scopes of the ticket. */
  readonly asked: readonly string[];
  readonly policies: readonly { readonly id: string; readonly rules: readonly PolicyRule[] }[];
  /** Of this client, at this resource. */
  readonly answers: readonly Answer[];
}

/** Who asks. */
export interface Asker {
  readonly clientId: string;
  readonly party: Party | undefined;
  /** Scopes that the client adds to the ticket's, where the resource has them (UMA 2.0 Grant §3.3.1). */
  readonly added: readonly string[];
  /** Whether asking for more about the party would be in vain, since the client has been told. */
  readonly told: boolean;
  /** This server, whose subjects need no provider. */
  readonly issuer: string;
}

/** What a rule gives, or the owner's own right. */
export interface Granted extends Permission {
  /** The policy; null where the owner himself asks. */
  readonly policyId: string | null;
  /** Whose permission it is: empty where the rule looks at the client only. */
  readonly party: string;
}

/** What the owner is to be asked. */
export interface Submission extends Permission {
  readonly party: string;
}

/** Claims that a rule needs, and whose. */
export interface Need {
  readonly claims: readonly RequiredClaim[];
  readonly provider: string | undefined;
}

/** What the evaluation comes to. */
export type Verdict =
  | { readonly kind: "granted"; readonly permissions: readonly Granted[] }
  | { readonly kind: "need_info"; readonly needs: readonly Need[] }
  | { readonly kind: "submitted"; readonly submissions: readonly Submission[] }
  | { readonly kind: "denied" };

type Outcome =
  | { readonly kind: "granted"; readonly permission: Granted }
  | { readonly kind: "need_info"; readonly need: Need }
  | { readonly kind: "submitted"; readonly submission: Submission }
  | { readonly kind: "denied" };

const DENIED: Outcome = { kind: "denied" };

/** Decides over a whole ticket. */
export function evaluate(lines: readonly Line[], asker: Asker): Verdict {
  const judged = lines.map((line) => judgeLine(line, asker));
  const of = <K extends Outcome["kind"]>(kind: K) =>
    judged
      .flat()
      .filter((outcome): outcome is Extract<Outcome, { kind: K }> => outcome.kind === kind);
  if (judged.length === 0 || of("denied").length > 0) return { kind: "denied" };
  const needs = of("need_info").map(({ need }) => need);
  if (needs.length > 0) return { kind: "need_info", needs };
  const submissions = of("submitted").map(({ submission }) => submission);
  if (submissions.length > 0) return { kind: "submitted", submissions };
  return { kind: "granted", permissions: of("granted").map(({ permission }) => permission) };
}

/** What is asked for on a line: the ticket's scopes and the client's, as far as the resource has them. */
export function wantedScopes({ asked, registered }: Line, added: readonly string[]) {
  return intersect([...new Set([...asked, ...added])], registered);
}

/** The best that any rule of any policy gives; of what is needed, all that would help. */
function judgeLine(line: Line, asker: Asker): readonly Outcome[] {
  const scopes = wantedScopes(line, asker.added);
  if (scopes.length === 0) return [DENIED];
  const outcomes = [
    judgeOwner(line, scopes, asker),
    ...line.policies.flatMap(({ id, rules }) =>
      rules.map((rule) => judgeRule({ line, scopes, rule, policyId: id }, asker)),
    ),
  ];
  // Who was told what is needed, and comes again without it, has nothing left but the owner's word.
  const order = asker.told
    ? (["granted", "submitted", "need_info"] as const)
    : (["granted", "need_info", "submitted"] as const);
  const best = order.find((kind) => outcomes.some((outcome) => outcome.kind === kind));
  if (best === undefined) return [DENIED];
  const equal = outcomes.filter(({ kind }) => kind === best);
  return best === "need_info" ? equal : equal.slice(0, 1);
}

/** Owners need no policy: a user in whose name the client asks, or the resource server itself. */
function judgeOwner(line: Line, scopes: readonly string[], { clientId, party }: Asker): Outcome {
  const { resourceId, userId, resourceServerId } = line;
  const owns = userId === null ? clientId === resourceServerId : party?.userId === userId;
  const key = userId === null ? "" : (party?.key ?? "");
  if (!owns || isRefused(line, key, scopes)) return DENIED;
  return { kind: "granted", permission: { resourceId, scopes, policyId: null, party: key } };
}

interface RuleInLine {
  readonly line: Line;
  readonly scopes: readonly string[];
  readonly rule: PolicyRule;
  readonly policyId: string;
}

/** One rule, in the order of idserver.md A.8: scopes, clients, claims, consent. */
function judgeRule({ line, scopes, rule, policyId }: RuleInLine, asker: Asker): Outcome {
  const { clientId, party } = asker;
  const { clients, claims, consentNeeded } = rule;
  if (!scopes.every((scope) => rule.scopes.includes(scope))) return DENIED;
  if (clients.length > 0 && !clients.includes(clientId)) return DENIED;
  const lacking = judgeClaims(rule, asker);
  if (lacking) return lacking;
  // A party that the rule does not look at is none: else one refused here came again without a name.
  const key = claims.length > 0 || consentNeeded ? (party?.key ?? "") : "";
  const { resourceId } = line;
  if (isRefused(line, key, scopes)) return DENIED;
  if (consentNeeded && !isApproved(line, key, scopes)) {
    return mayAsk(line, key, scopes)
      ? { kind: "submitted", submission: { resourceId, scopes, party: key } }
      : DENIED;
  }
  return { kind: "granted", permission: { resourceId, scopes, policyId, party: key } };
}

/** What a rule's claims are missed by; undefined when the party has them all. */
function judgeClaims(
  { claims, provider }: PolicyRule,
  { party, issuer }: Asker,
): Outcome | undefined {
  if (claims.length === 0) return undefined;
  if (!party || (provider !== undefined && provider !== party.issuer)) {
    return { kind: "need_info", need: { claims, provider } };
  }
  return hasClaims(party, claims, { issuer, provider }) ? undefined : DENIED;
}

/** Whether the owner ended this access, for the party or the whole client, or refused any of the scopes. */
function isRefused({ answers }: Line, party: string, scopes: readonly string[]): boolean {
  return answers.some(({ state, party: of, scopes: refused }) => {
    if (state === "withdrawn") return of === party || of === "";
    return state === "denied" && of === party && refused.some((scope) => scopes.includes(scope));
  });
}

/** Whether a user is there to be asked, who has not so much to answer already that it is buried. */
function mayAsk({ userId, answers }: Line, party: string, scopes: readonly string[]): boolean {
  const waiting = answers.filter(({ state, party: of }) => state === "pending" && of === party);
  const asked = waiting.some(
    (answer) =>
      subtract(answer.scopes, scopes).length + subtract(scopes, answer.scopes).length === 0,
  );
  return userId !== null && (asked || waiting.length < WAITING_MAX);
}

function isApproved({ answers }: Line, party: string, scopes: readonly string[]): boolean {
  const approved = answers.filter(({ state, party: of }) => state === "approved" && of === party);
  return scopes.every((scope) => approved.some((answer) => answer.scopes.includes(scope)));
}
