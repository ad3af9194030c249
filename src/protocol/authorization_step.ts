import {
  ACR,
  type AgreedWishes,
  type AuthorizationRequest,
  acrOf,
  type InteractionFacts,
} from "./authorization_types.ts";
import type { ErrorCode } from "./catalogue.ts";
import { essentialAcr } from "./claims_parameter.ts";

/** The sign-in session that the browser shows, as the client would see it. */
export interface SessionFacts {
  readonly id: string;
  /** `sub` of the user towards this client. */
  readonly subject: string;
  readonly authTime: number;
  readonly amr: readonly string[];
  /** Whether the user could sign in with a second factor. */
  readonly canStepUp: boolean;
}

/** What the user, or the operator for him, has agreed to before. */
export interface ConsentFacts {
  /** Scopes and resources that the user agreed to; undefined when he never did. */
  readonly remembered: AgreedWishes | undefined;
  /** The operator's own application: users are not asked. */
  readonly skipped: boolean;
  /** Another program could pose as this client: he is asked each time (RFC 8252 §8.6). */
  readonly imitable: boolean;
}

/** Everything that decides what comes next. */
export interface StepFacts {
  readonly request: Pick<
    AuthorizationRequest,
    "prompt" | "maxAge" | "hintedSubject" | "scope" | "resource" | "acrValues" | "claims"
  >;
  readonly facts: InteractionFacts;
  readonly session: SessionFacts | undefined;
  readonly consent: ConsentFacts;
  readonly now: number;
}

/** What comes next: a page, the code, or the row of the error that the client is sent. */
export type Step =
  | { readonly kind: "login" | "select_account" | "consent" | "code" }
  | { readonly kind: "error"; readonly error: ErrorCode };

/** A reason to show a page, and what is said instead under `prompt=none`. */
interface Need {
  readonly page: "login" | "select_account" | "consent";
  readonly silent: ErrorCode;
}

/** Seconds that a user has for the pages after a sign-in, however small `max_age` is. */
const PAGES_SECONDS = 60;

/**
 * Decides the next step of an authorization request (OpenID Connect Core §3.1.2.3, §3.1.2.4). Pure:
 * a refusal, then sign-in, then the choice of an account, then consent, then the code.
 */
export function nextStep(facts: StepFacts): Step {
  const { request } = facts;
  if (facts.facts.consent === "refused") return { kind: "error", error: "consent_refused" };
  const need = loginNeed(facts) ?? accountNeed(facts);
  const failure = need ? undefined : signInFailure(facts);
  if (failure) return { kind: "error", error: failure };
  const wanted = need ?? consentNeed(facts);
  if (!wanted) return { kind: "code" };
  if (request.prompt.includes("none")) return { kind: "error", error: wanted.silent };
  return { kind: wanted.page };
}

/** Whether the session is the one that the facts of this interaction tell of. */
function isOwn({ facts, session }: StepFacts): boolean {
  return session !== undefined && facts.sessionId === session.id;
}

/** Whether the user has signed in within this interaction, and is still the one signed in. */
function hasSignedIn(step: StepFacts): boolean {
  return step.facts.signedInAt !== undefined && isOwn(step);
}

function loginNeed(step: StepFacts): Need | undefined {
  const { request, session, now } = step;
  const need: Need = { page: "login", silent: "login_required" };
  if (!session) return need;
  if (hasSignedIn(step)) return hasIdled(step, session) ? need : undefined;
  if (request.prompt.includes("login")) return need;
  if (isTooOld(request.maxAge, now - session.authTime)) return need;
  return acrNeed(step, session);
}

/** `max_age=0` asks for a new sign-in, as `prompt=login` does. */
function isTooOld(maxAge: number | undefined, ageSeconds: number): boolean {
  return maxAge !== undefined && (maxAge === 0 || ageSeconds > maxAge);
}

/** Whether the sign-in of this interaction grew too old on a later page; 0 is content with it. */
function hasIdled({ request: { maxAge }, facts, now }: StepFacts, session: SessionFacts): boolean {
  if (maxAge === undefined || maxAge === 0) return false;
  const since = now - Math.max(session.authTime, facts.signedInAt ?? 0);
  return since > Math.max(maxAge, PAGES_SECONDS);
}

/** A better sign-in is asked for where the user can give one; without pages only when it is essential. */
function acrNeed({ request }: StepFacts, session: SessionFacts): Need | undefined {
  const essential = essentialAcr(request.claims);
  const wanted = essential ?? request.acrValues;
  const better = wanted.includes(ACR.secondFactor) && !wanted.includes(acrOf(session.amr));
  const silently = request.prompt.includes("none") && essential === undefined;
  if (!better || silently || !session.canStepUp) return undefined;
  return { page: "login", silent: "interaction_required" };
}

function accountNeed(step: StepFacts): Need | undefined {
  const { request, facts, session } = step;
  const need: Need = { page: "select_account", silent: "account_selection_required" };
  if (!session || hasSignedIn(step)) return undefined;
  if (request.hintedSubject !== undefined && request.hintedSubject !== session.subject) return need;
  const chosen = facts.accountChosen === true && isOwn(step);
  return request.prompt.includes("select_account") && !chosen ? need : undefined;
}

/** What no further page can mend: the wrong user signed in, or none of the wanted classes is in reach. */
function signInFailure({ request, session }: StepFacts): ErrorCode | undefined {
  if (!session) return undefined;
  if (request.hintedSubject !== undefined && request.hintedSubject !== session.subject) {
    return "account_selection_required";
  }
  const essential = essentialAcr(request.claims);
  const met = essential === undefined || essential.includes(acrOf(session.amr));
  return met ? undefined : "acr_unmet";
}

function consentNeed(step: StepFacts): Need | undefined {
  const { request, facts, consent } = step;
  const need: Need = { page: "consent", silent: "consent_required" };
  // What another user agreed to in this browser is not this user's consent, and what the client
  // came to wish after the page was shown is nobody's.
  const given = facts.consent === "refused" ? undefined : facts.consent;
  if (isOwn(step) && isCovered(request, given)) return undefined;
  if (request.prompt.includes("consent")) return need;
  const known = consent.skipped || isCovered(request, consent.remembered);
  if (consent.imitable) return known ? { ...need, silent: "interaction_required" } : need;
  if (consent.skipped) return undefined;
  // OpenID Connect Core §11: offline access needs consent each time.
  return known && !request.scope.includes("offline_access") ? undefined : need;
}

/** Whether somebody who agreed to the one has agreed to all wishes. */
export function isCovered(wishes: AgreedWishes, agreed: AgreedWishes | undefined): boolean {
  return (
    agreed !== undefined &&
    wishes.scope.every((scope) => agreed.scope.includes(scope)) &&
    wishes.resource.every((uri) => agreed.resource.includes(uri))
  );
}
