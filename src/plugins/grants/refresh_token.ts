import {
  checkScopes,
  defineGrant,
  type GrantRequest,
  OAuthError,
  type Services,
  type Spent,
  t,
} from "../../plugin.ts";
import { refreshTokenRow } from "../../services/issue_tokens.ts";
import { isRefreshTokenLive } from "../../services/recognize_token.ts";
import { refreshBinding, showsAll } from "../../services/sender_binding.ts";
import type { OpaqueToken } from "../../services/server_secret.ts";
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
    const sender = { client, shown, confirmation };
    checkKey(presented, sender);
    await checkHead(presented, sender, services);
    if (params.scope !== undefined) checkScopes(scope, authorization.scope);
    return {
      subject: authorization.subject,
      ...(authorization.userId !== null && { userId: authorization.userId }),
      scope: params.scope === undefined ? authorization.scope : scope,
      resource: authorization.resource,
      authorization,
      refresh: true,
      spend: () => rotate(presented, sender, services),
    };
  },
});

/** Who refreshes: what the request shows, and what new tokens are bound to. */
type Sender = Pick<GrantRequest<unknown>, "client" | "shown" | "confirmation">;

/**
 * Who steals a bound token has not its key: he learns nothing, and ends nothing, by using it (RFC
 * 9449 §5, attack 14).
 */
function checkKey({ found: { token } }: Presented, { shown }: Sender): void {
  if (token.confirmation !== null && !showsAll(token.confirmation, shown)) {
    throw new OAuthError("refresh_token_key_mismatch", { cause: "another key, or none" });
  }
}

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
async function checkHead(presented: Presented, sender: Sender, services: Services): Promise<void> {
  const verdict = await judge(presented, sender, services);
  if (verdict === "late") await endFamily(presented.found, services);
  if (verdict !== "head" || !(await isRefreshTokenLive(presented.found, services))) {
    throw new OAuthError("refresh_token_incorrect", {
      cause: verdict === "head" ? "expired, revoked or disabled" : verdict,
    });
  }
}

async function judge(
  { opaque, found: { token } }: Presented,
  { client, shown }: Sender,
  { secret, store, settings, now }: Services,
): Promise<Verdict> {
  if (token.consumedAt === null || token.salt === null) return "head";
  const successor = secret.successorOf(opaque, { salt: token.salt, at: token.consumedAt });
  const next = await store.findRefreshToken(successor.key);
  // Spent and never replaced: whoever spent it failed before he wrote, so it is still the head.
  if (!next) return "head";
  // Who gave the successor to a key holds an unbound token that somebody else holds too.
  if (next.token.confirmation !== null && !showsAll(next.token.confirmation, shown)) return "late";
  const bound = client.authMethod !== "none" || token.confirmation !== null;
  const graceSeconds = bound ? settings.refreshGraceSeconds : settings.refreshGracePublicSeconds;
  // From the successor's birth, not from the spending: a crash may have put time between them.
  if (now() - next.token.issuedAt >= graceSeconds) return "late";
  return next.token.consumedAt === null ? "head" : "superseded";
}

/** Spends the token and writes its successor; who asks again, or at once, gets the same successor. */
async function rotate(presented: Presented, sender: Sender, services: Services): Promise<Spent> {
  const { secret, store, settings } = services;
  const { opaque, found } = presented;
  let spent = spentOf(found);
  if (!spent) {
    const mine = { salt: secret.newSalt(), at: services.now() };
    const won = await store.consumeRefreshToken(opaque.key, { now: mine.at, salt: mine.salt });
    spent = won ? mine : await spentByAnother(presented, sender, services);
  }
  const successor = secret.successorOf(opaque, spent);
  // A bound token stays bound to what it is; the first proof binds the successor of another (§5).
  const confirmation =
    found.token.confirmation ?? refreshBinding(sender.client, sender.confirmation);
  const context = { settings, now: services.now(), confirmation };
  await store.insertRefreshToken(refreshTokenRow(successor.key, found.authorization, context));
  if (found.token.confirmation === null && sender.client.authMethod === "none") {
    await checkSuccessor(successor, sender, services);
  }
  await services.audit.record("refresh_token.rotated", {
    clientId: sender.client.id,
    userId: found.authorization.userId ?? undefined,
    details: { authorization_id: found.authorization.id },
  });
  return { refreshToken: successor.text };
}

/** How the request that won the race spent the token; it is judged anew, since time has passed. */
async function spentByAnother({ opaque }: Presented, sender: Sender, services: Services) {
  const found = await services.store.findRefreshToken(opaque.key);
  const spent = found && spentOf(found);
  if (!found || !spent) throw new OAuthError("refresh_token_incorrect", { cause: "revoked" });
  await checkHead({ opaque, found }, sender, services);
  return spent;
}

/**
 * Of several that write one successor at once, the one whose row was written has it. Who does not
 * show its key came too late as surely as a moment later, when {@linkcode judge} would have seen it.
 */
async function checkSuccessor(
  { key }: OpaqueToken,
  { shown }: Sender,
  services: Services,
): Promise<void> {
  const written = await services.store.findRefreshToken(key);
  if (!written || showsAll(written.token.confirmation ?? {}, shown)) return;
  await endFamily(written, services);
  throw new OAuthError("refresh_token_incorrect", { cause: "late" });
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
