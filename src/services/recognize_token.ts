import { type AccessTokenClaims, TOKEN_LENGTH_MAX } from "../protocol/token_claims.ts";
import { type Authorization, isLive } from "../store/authorizations.ts";
import type { RefreshTokenOfAuthorization } from "../store/tokens.ts";
import { readSignedToken } from "./access_token.ts";
import type { OpaqueToken } from "./server_secret.ts";
import type { Services } from "./services.ts";

/** What a text turned out to be. `swept`: issued once, and its row is gone since. */
export type RecognizedToken =
  | { readonly kind: "access"; readonly claims: AccessTokenClaims }
  | {
      readonly kind: "refresh";
      readonly refresh: RefreshTokenOfAuthorization;
      readonly opaque: OpaqueToken;
    }
  | { readonly kind: "swept" };

/**
 * Tells what an access or refresh token is, live or not. Undefined when this server never issued
 * it: a JWT tells by its signature, an opaque token by its tag (decisions D5).
 */
export async function recognizeToken(
  text: string,
  services: Services,
): Promise<RecognizedToken | undefined> {
  if (text.length > TOKEN_LENGTH_MAX) return undefined;
  const opaque = services.secret.readOpaque(text);
  if (opaque?.kind === "refresh") {
    const refresh = await services.store.findRefreshToken(opaque.key);
    return refresh ? { kind: "refresh", refresh, opaque } : { kind: "swept" };
  }
  if (opaque?.kind === "access") {
    const claims = await services.store.findAccessToken(opaque.key);
    return claims ? { kind: "access", claims } : { kind: "swept" };
  }
  if (opaque) return undefined;
  const claims = await readSignedToken(text, services);
  return claims && { kind: "access", claims };
}

/** Whether an access token works at this moment: the one definition for every endpoint. */
export async function isAccessTokenLive(
  claims: AccessTokenClaims,
  { store, now }: Services,
): Promise<boolean> {
  if (claims.exp <= now()) return false;
  const [revoked, client, authorized] = await Promise.all([
    store.isTokenRevoked(claims.jti),
    store.findClient(claims.client_id),
    isAuthorized(claims, { store, now }),
  ]);
  return !revoked && isParty(client, claims.iat) && authorized;
}

/** Whether a refresh token is unexpired and its authorization stands; being spent is another matter. */
export async function isRefreshTokenLive(
  { token, authorization }: RefreshTokenOfAuthorization,
  services: Services,
): Promise<boolean> {
  return token.expiresAt > services.now() && isAuthorizationLive(authorization, services);
}

/** Whether an authorization stands, and nothing ended its client or user since it began. */
export async function isAuthorizationLive(
  authorization: Authorization,
  { store, now }: Services,
): Promise<boolean> {
  if (!isLive(authorization, now())) return false;
  const client = await store.findClient(authorization.clientId);
  return (
    isParty(client, authorization.createdAt) &&
    (await isUserLive(authorization.userId, authorization.createdAt, store))
  );
}

async function isAuthorized(
  { authorization_id: id, iat }: AccessTokenClaims,
  { store, now }: Pick<Services, "store" | "now">,
): Promise<boolean> {
  if (id === undefined) return true;
  const authorization = await store.findAuthorization(id);
  if (!authorization || !isLive(authorization, now())) return false;
  return isUserLive(authorization.userId, iat, store);
}

/** A subject that is no user of ours lives as long as his authorization. */
async function isUserLive(id: string | null, issuedAt: number, store: Services["store"]) {
  return id === null || isParty(await store.findUser(id), issuedAt);
}

/** Whether a client or user exists, is enabled, and had no tokens ended since the issue. */
function isParty(
  party: { readonly disabledAt: number | null; readonly notBefore: number } | undefined,
  issuedAt: number,
): boolean {
  return party !== undefined && party.disabledAt === null && issuedAt > party.notBefore;
}
