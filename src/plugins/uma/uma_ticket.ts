import { checkScopes, defineGrant, t } from "../../plugin.ts";
import { missingParameter } from "../../protocol/oauth_error.ts";
import { TOKEN_LENGTH_MAX } from "../../protocol/token_claims.ts";
import type { Party } from "../../protocol/uma_party.ts";
import { type Asker, evaluate, type Verdict } from "../../protocol/uma_policy.ts";
import {
  CLAIM_TOKEN_FORMATS,
  type ClaimTokenContext,
  readClaimToken,
} from "../../services/claim_tokens.ts";
import type { IssuerKeys } from "../../services/issuer_keys.ts";
import {
  checkAddedScopes,
  type Gathered,
  gather,
  requestsOf,
} from "../../services/uma_evaluation.ts";
import { OpaqueParameter } from "../grants/parameters.ts";
import { answersOf, SEED_GRANT_TYPE, UMA2_GRANT_TYPE } from "./grant_answers.ts";
import { issuanceOf, type Judged } from "./issuance.ts";
import { presentTicket } from "./present_ticket.ts";
import { readEarlier } from "./token_permissions.ts";

const params = t.Object({
  ticket: OpaqueParameter(
    "The newest ticket, from the resource server or a refusal",
    "tst_CkhwVqcA",
  ),
  claim_token: t.Optional(
    t.String({
      maxLength: TOKEN_LENGTH_MAX,
      description: "An ID token of the requesting party: ours, or a configured issuer's",
    }),
  ),
  claim_token_format: t.Optional(
    t.String({ maxLength: 255, description: `With claim_token: ${CLAIM_TOKEN_FORMATS[0]}` }),
  ),
  rpt: t.Optional(
    t.String({
      maxLength: TOKEN_LENGTH_MAX,
      description: "A token of this client whose permissions the new one carries on",
    }),
  ),
  pct: t.Optional(t.String({ maxLength: 4096, description: "Taken and not needed" })),
  scope: t.Optional(
    t.String({
      maxLength: 4096,
      description: "Registered scopes to add to the ticket's, where its resources have them",
    }),
  ),
});

/**
 * A permission ticket for a requesting party token (idserver.md A.8, UMA 2.0 Grant §3.3). It gives no
 * refresh token: a refreshed one would have to be judged anew, which is what a ticket is for.
 */
export function umaTicket(keys: IssuerKeys) {
  return defineGrant({
    grantType: SEED_GRANT_TYPE,
    aliases: [UMA2_GRANT_TYPE],
    source: "UMA 2.0 Grant §3.3.1",
    clients: "any",
    errors: [
      "ticket_unknown",
      "ticket_expired",
      "permission_ticket_unknown",
      "permission_ticket_expired",
      "resources_gone",
      "policy_unsatisfied",
      "rpt_incorrect",
      "need_info",
      "request_submitted",
      "request_denied",
    ],
    params,
    async prove({ client, grantType, params: sent, scope, shown: proven, now }, services) {
      const answers = answersOf(grantType);
      const request = { client, shown: proven, now, services };
      const presented = await presentTicket(sent.ticket, answers, request);
      const { ticket } = presented;
      checkScopes(scope, client.scopes);
      const shown = await showParty(sent, { ...presented, keys });
      const earlier = await readEarlier(sent.rpt, shown.party, presented);
      const gathered = await gather(
        ticket.permissions,
        { clientId: client.id, party: shown.party },
        services,
      );
      checkAddedScopes(scope, gathered.lines);
      const asker: Asker = {
        clientId: client.id,
        party: shown.party,
        added: scope,
        told: !answers.tells || ticket.clientId !== null,
        issuer: services.issuer,
      };
      const verdict = judge(gathered, asker, shown);
      if (verdict.kind !== "granted")
        return refuse(verdict, { answers, asker, gathered, presented });
      return issuanceOf({ verdict, earlier, asker, gathered, presented, answers });
    },
  });
}

/** The requesting party, and whether a claim token was sent that says nothing good of anybody. */
interface Shown {
  readonly party: Party | undefined;
  readonly bad: boolean;
}

async function showParty(
  { claim_token, claim_token_format }: { claim_token?: string; claim_token_format?: string },
  context: ClaimTokenContext,
): Promise<Shown> {
  if (claim_token === undefined && claim_token_format === undefined) {
    return { party: undefined, bad: false };
  }
  // Neither goes without the other (UMA 2.0 Grant §3.3.1).
  if (claim_token === undefined) throw missingParameter("claim_token");
  if (claim_token_format === undefined) throw missingParameter("claim_token_format");
  const known = (CLAIM_TOKEN_FORMATS as readonly string[]).includes(claim_token_format);
  const party = known ? await readClaimToken(claim_token, context) : undefined;
  return { party, bad: party === undefined };
}

/** A claim token that is not good is more information that is needed, whatever the policies say (D7). */
function judge({ lines }: Gathered, asker: Asker, { bad }: Shown): Verdict {
  const verdict = evaluate(lines, asker);
  if (!bad || verdict.kind === "need_info") return verdict;
  return { kind: "need_info", needs: [] };
}

function refuse(
  verdict: Exclude<Verdict, { kind: "granted" }>,
  { answers, asker, gathered, presented }: Judged,
): Promise<never> {
  if (verdict.kind !== "submitted") return answers.refuse(verdict, presented);
  const about = { ...asker, resources: gathered.resources };
  const requests = requestsOf(verdict.submissions, about, presented.now);
  return answers.refuse({ kind: "submitted", requests }, presented);
}
