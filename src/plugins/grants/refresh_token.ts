import {
  checkScopes,
  defineGrant,
  OAuthError,
  type Services,
  type Spent,
  t,
} from "../../plugin.ts";
import type { Confirmation } from "../../protocol/token_claims.ts";
import { refreshTokenRow } from "../../services/issue_tokens.ts";
import { isRefreshTokenLive } from "../../services/recognize_token.ts";
import { bindRefreshTokens, showsAll } from "../../services/sender_binding.ts";
import type { OpaqueToken } from "../../services/server_secret.ts";
import type { Authorization } from "../../store/authorizations.ts";
import type { Client } from "../../store/clients.ts";
import type { RefreshTokenOfAuthorization } from "../../store/tokens.ts";
import { NarrowerScopeParameter, OpaqueParameter } from "./parameters.ts";

/** A refresh token for new tokens (RFC 6749 §6), by idempotent rotation (decisions D5). */
export const refreshToken = defineGrant({
  grantType: "refresh_token",
  source: "RFC 6749 §6",
  clients: "any",
  errors: [
    "refresh_token_missing",
    "refresh_token_incorrect",
    "refresh_token_foreign",
    "refresh_token_key_mismatch",
  ],
  params: t.Object({
    refresh_token: OpaqueParameter("The newest refresh token of the authorization", "tsr_CkhwVqcA"),
    scope: t.Optional(NarrowerScopeParameter),
  }),

  async prove({ client, params, scope, shown, confirmation }, services) {
    const presented = await findRefreshToken(params.refresh_token, services);
    const { authorization } = presented.found;
    if (authorization.clientId !== client.id) throw new OAuthError("refresh_token_foreign");
    checkKey(authorization, client, shown);
    await checkHead(presented, client, services);
    if (params.scope !== undefined) checkScopes(scope, authorization.scope);
    return {
      subject: authorization.subject,
      ...(authorization.userId !== null && { userId: authorization.userId }),
      scope: params.scope === undefined ? authorization.scope : scope,
      resource: authorization.resource,
      authorization,
      refresh: true,
      async spend() {
        if (!(await bindRefreshTokens(authorization, { client, confirmation }, services))) {
          throw keyMismatch("bound by another request");
        }
        return rotate(presented, client, services);
      },
    };
  },
});

/**
 * Who steals the token of a public client has not its key: he learns nothing, and ends nothing, by
 * using it (RFC 9449 §5, attack 14).
 */
function checkKey({ confirmation }: Authorization, client: Client, shown: Confirmation): void {
  if (client.authMethod !== "none" || confirmation === null) return;
  if (!showsAll(confirmation, shown)) throw keyMismatch("another key, or none");
}

const keyMismatch = (cause: string) => new OAuthError("refresh_token_key_mismatch", { cause });

/** A refresh token of ours, as text and as row. */
interface Presented {
  readonly opaque: OpaqueToken;
  readonly found: RefreshTokenOfAuthorization;
}

async function findRefreshToken(text: string, { secret, store }: Services): Promise<Presented> {
  const opaque = secret.readOpaque(text);
  const found = opaque?.kind === "refresh" ? await store.findRefreshToken(opaque.key) : undefined;
  if (!opaque || !found) {
    throw new OAuthError("refresh_token_incorrect", { cause: opaque ? "unknown" : "forged" });
  }
  return { opaque, found };
}

/** Whether a refresh token may still be exchanged. `late` ends the family, `superseded` only refuses. */
type Verdict = "head" | "superseded" | "late";

/** Passes when the token is the head of its family; a spent one that comes back late ends the family. */
async function checkHead(presented: Presented, client: Client, services: Services): Promise<void> {
  const verdict = await judge(presented, client, services);
  if (verdict === "late") await endFamily(presented.found, services);
  if (verdict !== "head" || !(await isRefreshTokenLive(presented.found, services))) {
    throw new OAuthError("refresh_token_incorrect", {
      cause: verdict === "head" ? "expired, revoked or disabled" : verdict,
    });
  }
}

async function judge(
  { opaque, found: { token, authorization } }: Presented,
  client: Client,
  { secret, store, settings, now }: Services,
): Promise<Verdict> {
  if (token.consumedAt === null || token.salt === null) return "head";
  const successor = secret.successorOf(opaque, { salt: token.salt, at: token.consumedAt });
  const next = await store.findRefreshToken(successor.key);
  // Spent and never replaced: whoever spent it failed before he wrote, so it is still the head.
  if (!next) return "head";
  const bound = client.authMethod !== "none" || authorization.confirmation !== null;
  const graceSeconds = bound ? settings.refreshGraceSeconds : settings.refreshGracePublicSeconds;
  // From the successor's birth, not from the spending: a crash may have put time between them.
  if (now() - next.token.issuedAt >= graceSeconds) return "late";
  return next.token.consumedAt === null ? "head" : "superseded";
}

/** Spends the token and writes its successor; who asks again, or at once, gets the same successor. */
async function rotate(presented: Presented, client: Client, services: Services): Promise<Spent> {
  const { secret, store, settings } = services;
  const { opaque, found } = presented;
  let spent = spentOf(found);
  if (!spent) {
    const mine = { salt: secret.newSalt(), at: services.now() };
    const won = await store.consumeRefreshToken(opaque.key, { now: mine.at, salt: mine.salt });
    spent = won ? mine : await spentByAnother(presented, client, services);
  }
  const successor = secret.successorOf(opaque, spent);
  const context = { settings, now: services.now() };
  await store.insertRefreshToken(refreshTokenRow(successor.key, found.authorization, context));
  await services.audit.record("refresh_token.rotated", {
    clientId: client.id,
    userId: found.authorization.userId ?? undefined,
    details: { authorization_id: found.authorization.id },
  });
  return { refreshToken: successor.text };
}

/** How the request that won the race spent the token; it is judged anew, since time has passed. */
async function spentByAnother({ opaque }: Presented, client: Client, services: Services) {
  const found = await services.store.findRefreshToken(opaque.key);
  const spent = found && spentOf(found);
  if (!found || !spent) throw new OAuthError("refresh_token_incorrect", { cause: "revoked" });
  await checkHead({ opaque, found }, client, services);
  return spent;
}

function spentOf({ token: { consumedAt, salt } }: RefreshTokenOfAuthorization) {
  return consumedAt === null || salt === null ? undefined : { salt, at: consumedAt };
}

async function endFamily(
  { authorization }: RefreshTokenOfAuthorization,
  { store, audit, now }: Services,
): Promise<void> {
  if (!(await store.revokeAuthorization(authorization.id, now()))) return;
  await audit.record("refresh_token.reused", {
    clientId: authorization.clientId,
    userId: authorization.userId ?? undefined,
    details: { authorization_id: authorization.id },
  });
}
