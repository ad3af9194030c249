import { OAuthError, type Services } from "../../plugin.ts";
import type { Confirmation } from "../../protocol/token_claims.ts";
import type { Need, Verdict } from "../../protocol/uma_policy.ts";
import { CLAIM_TOKEN_FORMATS } from "../../services/claim_tokens.ts";
import { SUBMITTED_SECONDS } from "../../services/uma_evaluation.ts";
import type { Client } from "../../store/clients.ts";
import type { UmaRequest } from "../../store/uma_requests.ts";
import type { UmaTicket } from "../../store/uma_tickets.ts";

/** The name of the grant in the first seed. */
export const SEED_GRANT_TYPE = "uma_ticket";

/** The name of the grant in UMA 2.0 (Grant §3.3.1). */
export const UMA2_GRANT_TYPE = "urn:ietf:params:oauth:grant-type:uma-ticket";

/** How long a client waits at least before it comes again for the owner's answer, in seconds. */
const INTERVAL_SECONDS = 5;

/** A ticket that a client came with. */
export interface Presented {
  readonly ticket: UmaTicket;
  /** The resource server that asked for it. */
  readonly keeper: Client;
  readonly client: Client;
  /** Keys that the request proves. */
  readonly shown: Confirmation;
  readonly now: number;
  readonly services: Services;
}

/** What is refused by a verdict: everything but a grant. */
export type Refused =
  | Exclude<Verdict, { readonly kind: "granted" | "submitted" }>
  | { readonly kind: "submitted"; readonly requests: readonly UmaRequest[] };

/** How one name of the grant refuses. */
export interface GrantAnswers {
  readonly unknownTicket: "ticket_unknown" | "permission_ticket_unknown";
  readonly expiredTicket: "ticket_expired" | "permission_ticket_expired";
  /** Whether a client is ever told what is needed; who is not has only the owner to ask. */
  readonly tells: boolean;
  /** Does to the ticket what the refusal means, and throws it. */
  refuse(verdict: Refused, presented: Presented): Promise<never>;
}

/** The answers of the name that a client used. */
export function answersOf(grantType: string): GrantAnswers {
  return grantType === UMA2_GRANT_TYPE ? UMA2 : SEED;
}

/** All refusals are one, and the ticket stays (decisions D7). */
const SEED: GrantAnswers = {
  unknownTicket: "ticket_unknown",
  expiredTicket: "ticket_expired",
  tells: false,
  async refuse(verdict, presented) {
    if (verdict.kind === "submitted") {
      const { key } = presented.ticket;
      const bound = { key, clientId: presented.client.id, expiresAt: submittedEnd(presented) };
      const kept = await presented.services.store.keepUmaTicket(bound, verdict.requests);
      if (!kept) throw new OAuthError(this.unknownTicket, { cause: "spent" });
      await noteRequest(presented);
    }
    throw new OAuthError("policy_unsatisfied", { cause: verdict.kind });
  },
};

/** Each refusal has its name, and a new ticket where asking goes on (UMA 2.0 Grant §3.3.6). */
const UMA2: GrantAnswers = {
  unknownTicket: "permission_ticket_unknown",
  expiredTicket: "permission_ticket_expired",
  tells: true,
  async refuse(verdict, presented) {
    const { ticket, client, services } = presented;
    if (verdict.kind === "need_info") {
      const next = await rotate(presented, []);
      const required_claims = requiredClaims(verdict.needs, services);
      throw new OAuthError("need_info", { members: { ticket: next, required_claims } });
    }
    if (verdict.kind === "submitted") {
      const next = await rotate(presented, verdict.requests);
      await noteRequest(presented);
      const members = { ticket: next, interval: INTERVAL_SECONDS };
      throw new OAuthError("request_submitted", { members });
    }
    // Whoever lost the race for it is told that it is gone, like all who come after him.
    if (!(await services.store.consumeUmaTicket(ticket.key, client.id))) {
      throw new OAuthError(this.unknownTicket, { cause: "spent" });
    }
    throw new OAuthError("request_denied");
  },
};

/** Spends the ticket for a successor that only this client can use, and returns the successor's text. */
async function rotate(presented: Presented, requests: readonly UmaRequest[]): Promise<string> {
  const { ticket, client, now, services } = presented;
  const next = services.secret.mintOpaque("ticket", now);
  const usual = Math.max(ticket.expiresAt, now + services.settings.ticketLifetimeSeconds);
  const last = submittedEnd(presented);
  const expiresAt = requests.length > 0 ? last : Math.min(usual, last);
  const successor = { ...ticket, key: next.key, clientId: client.id, expiresAt };
  if (!(await services.store.rotateUmaTicket(ticket.key, successor, requests))) {
    throw new OAuthError("permission_ticket_unknown", { cause: "spent" });
  }
  return next.text;
}

/**
 * The end of a ticket that waits for an owner: seven days from the first ticket of its line (D7). No
 * line lives longer, however often its client comes back without what it is told to bring.
 */
const submittedEnd = ({ ticket }: Presented) =>
  Math.max(ticket.expiresAt, ticket.createdAt + SUBMITTED_SECONDS);

/** An audit row the first time only: clients come again every few seconds. */
async function noteRequest({ ticket, client, services }: Presented): Promise<void> {
  if (ticket.expiresAt >= ticket.createdAt + SUBMITTED_SECONDS) return;
  const details = { resource_ids: ticket.permissions.map(({ resourceId }) => resourceId) };
  await services.audit.record("permission.requested", { clientId: client.id, details });
}

/** What a claim token must say, by names and never by values, which are the owner's affair. */
function requiredClaims(needs: readonly Need[], { issuer, settings }: Services) {
  const accepted = [issuer, ...settings.umaClaimTokenIssuers];
  const common = { claim_token_format: CLAIM_TOKEN_FORMATS };
  const named = needs.flatMap(({ claims, provider }) =>
    claims.map(({ type }) => ({
      ...common,
      name: type,
      friendly_name: type,
      claim_type: type,
      issuer: provider === undefined ? accepted : [provider],
    })),
  );
  const distinct = new Map(
    named.map((claim) => [JSON.stringify([claim.name, claim.issuer]), claim]),
  );
  return distinct.size > 0 ? [...distinct.values()] : [{ ...common, issuer: accepted }];
}
