import { newId, OAuthError } from "../../plugin.ts";
import { fitsToken, subtract } from "../../protocol/permission.ts";
import type { Party } from "../../protocol/uma_party.ts";
import type { Granted } from "../../protocol/uma_policy.ts";
import { isAccessTokenLive, recognizeToken } from "../../services/recognize_token.ts";
import { isRequestingPartyToken, livePermissions } from "../../services/requesting_party_token.ts";
import { mayExchange } from "../../services/sender_binding.ts";
import type { UmaResource } from "../../store/uma_resources.ts";
import type { LivePermission, UmaPermission } from "../../store/uma_tickets.ts";
import type { Presented } from "./grant_answers.ts";

/** Who a token is for, and for how long. */
interface TokenFrame {
  readonly authorizationId: string;
  readonly party: Party | undefined;
  readonly expiresAt: number;
}

/** What a token will permit, and which permissions of an earlier one it carries on. */
export interface TokenPermissions {
  readonly permissions: readonly UmaPermission[];
  /** Ids of the carried ones, in the earlier token. */
  readonly carried: readonly string[];
  /** Their resources, which the grant holds like those of the ticket: an owner may just withdraw. */
  readonly carriedResources: readonly UmaResource[];
}

/**
 * The permissions of a client's earlier token that may be carried over: those that live, at the
 * ticket's resource server, for the same requesting party. A public client's bound token is shown with
 * its key: who stole it gets no token of his own for it (RFC 9449 §5). None for a token that is dead, which
 * only makes the new one no upgrade (UMA 2.0 Grant §3.3.5). Throws `rpt_incorrect`.
 */
export async function readEarlier(
  text: string | undefined,
  party: Party | undefined,
  { client, shown, ticket, services }: Presented,
): Promise<readonly LivePermission[]> {
  if (text === undefined) return [];
  const recognized = await recognizeToken(text, services);
  if (recognized?.kind === "swept") return [];
  const claims = recognized?.kind === "access" ? recognized.claims : undefined;
  if (claims?.client_id !== client.id || !isRequestingPartyToken(claims)) {
    throw new OAuthError("rpt_incorrect");
  }
  // A bound token of a client without credentials is worth nothing to who has not its key.
  if (!mayExchange(client, claims.cnf, shown)) {
    throw new OAuthError("rpt_incorrect", { cause: "another key, or none" });
  }
  if (!(await isAccessTokenLive(claims, services))) return [];
  const live = await livePermissions(claims, services);
  return live
    .filter(({ resource }) => resource.resourceServerId === ticket.resourceServerId)
    .filter(({ permission }) => permission.party === "" || permission.party === party?.key);
}

/**
 * What was granted, and what an earlier token had beyond it, which keeps its end: nothing is
 * prolonged without being judged. Throws `scope_refused` when the client's own scopes make it too much.
 */
export function tokenPermissions(
  granted: readonly Granted[],
  earlier: readonly LivePermission[],
  {
    presented,
    frame,
    added,
  }: {
    readonly presented: Presented;
    readonly frame: TokenFrame;
    readonly added: readonly string[];
  },
): TokenPermissions {
  const { client, now } = presented;
  const { authorizationId, party, expiresAt } = frame;
  const fresh = granted.map(
    ({ resourceId, scopes, policyId, party: key }): UmaPermission => ({
      id: newId(),
      authorizationId,
      resourceId,
      policyId,
      clientId: client.id,
      party: key,
      partyName: key === "" ? "" : (party?.name ?? ""),
      scopes,
      createdAt: now,
      expiresAt,
    }),
  );
  if (!fitsToken(fresh.map(linesOf))) {
    throw new OAuthError("scope_refused", { values: [added.join(",")] });
  }
  const carried = earlier.flatMap(({ permission, resource }) => {
    const same = fresh.find(({ resourceId }) => resourceId === permission.resourceId);
    const scopes = subtract(permission.scopes, same?.scopes ?? []);
    return scopes.length === 0 ? [] : [{ permission, resource, scopes }];
  });
  const copies = carried.map(({ permission, scopes }) => ({
    ...permission,
    id: newId(),
    authorizationId,
    scopes,
  }));
  const all = [...fresh, ...copies];
  if (!fitsToken(all.map(linesOf))) {
    return { permissions: fresh, carried: [], carriedResources: [] };
  }
  return {
    permissions: all,
    carried: carried.map(({ permission }) => permission.id),
    carriedResources: carried.map(({ resource }) => resource),
  };
}

const linesOf = ({ resourceId, scopes }: UmaPermission) => ({ resourceId, scopes });
