import { acrOf } from "../protocol/authorization_types.ts";
import {
  type AccessTokenClaims,
  type Confirmation,
  PROTOCOL_CLAIMS,
  tokenTypeOf,
  withoutReserved,
} from "../protocol/token_claims.ts";
import type { Authorization } from "../store/authorizations.ts";
import type { Client } from "../store/clients.ts";
import { TOKEN_FORMATS } from "./access_token.ts";
import { mintIdToken } from "./id_token.ts";
import { newId } from "./ids.ts";
import type { Issuance, Spent, TokenResponse } from "./issuance.ts";
import { refreshBinding } from "./sender_binding.ts";
import type { Services } from "./services.ts";

/** What the endpoint settled beside the proof. */
export interface Settled {
  readonly resource: readonly string[];
  readonly confirmation?: Confirmation | undefined;
  readonly spent: Spent;
}

/** Issues the tokens of a proved and spent grant, and writes what must be written first. */
export async function issueTokens(
  client: Client,
  issuance: Issuance,
  { resource, confirmation, spent, ...services }: Settled & Services,
): Promise<TokenResponse> {
  const { secret, store, settings, now } = services;
  const iat = now();
  const authorization = continuedOrNew(client, issuance, { resource, services });
  const refresh =
    authorization && spent.refreshToken === undefined && mayRefresh(client, issuance)
      ? secret.mintOpaque("refresh", iat)
      : undefined;
  const exp = expiryOf(issuance, authorization, { settings, iat });
  const claims: AccessTokenClaims = {
    ...withoutReserved(issuance.claims, PROTOCOL_CLAIMS),
    iss: services.issuer,
    sub: issuance.subject,
    aud: audience(resource, issuance, services.issuer),
    client_id: client.id,
    scope: issuance.scope.join(" "),
    iat,
    exp,
    jti: newId(),
    ...authenticationClaims(authorization),
    ...(confirmation && { cnf: confirmation }),
  };
  const written = { settings, now: iat, confirmation: refreshBinding(client, confirmation) };
  const [accessToken] = await Promise.all([
    TOKEN_FORMATS[client.accessTokenFormat].mint(claims, services),
    issuance.authorization === "new" && authorization && store.insertAuthorization(authorization),
    refresh &&
      authorization &&
      store.insertRefreshToken(refreshTokenRow(refresh.key, authorization, written)),
  ]);
  const refreshToken = spent.refreshToken ?? refresh?.text;
  const openid = issuance.scope.includes("openid") ? authorization : undefined;
  const idToken = await idTokenFor(openid, { client, accessToken, spent, services });
  return {
    access_token: accessToken,
    token_type: tokenTypeOf(confirmation),
    expires_in: exp - iat,
    // A scope is one at least (RFC 6749 §3.3): a token that has none says nothing of it.
    ...(claims.scope !== "" && { scope: claims.scope }),
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    ...(idToken !== undefined && { id_token: idToken }),
  };
}

/** The ID token of an authorization; a refreshed one carries no nonce (OpenID Connect Core §12.2). */
async function idTokenFor(
  authorization: Authorization | undefined,
  parts: { client: Client; accessToken: string; spent: Spent; services: Services },
): Promise<string | undefined> {
  if (!authorization || authorization.userId === null) return undefined;
  const { client, accessToken, spent, services } = parts;
  const user = await services.store.findUser(authorization.userId);
  if (!user) return undefined;
  const refreshed = spent.refreshToken !== undefined;
  return mintIdToken(
    {
      client,
      authorization: refreshed ? { ...authorization, nonce: null } : authorization,
      accessToken,
      user,
    },
    services,
  );
}

/** A new row for a refresh token: it idles for a while and never outlives its authorization. */
export function refreshTokenRow(
  key: string,
  authorization: Authorization,
  context: {
    settings: Services["settings"];
    now: number;
    /** What it is bound to; nothing by default. */
    confirmation?: Confirmation | null;
  },
) {
  const { settings, now, confirmation = null } = context;
  return {
    key,
    authorizationId: authorization.id,
    clientId: authorization.clientId,
    issuedAt: now,
    expiresAt: Math.min(now + settings.refreshTokenIdleSeconds, authorization.expiresAt),
    consumedAt: null,
    salt: null,
    confirmation,
  };
}

/** A user's new authorization; without refresh tokens it lasts as long as one access token. */
export function newAuthorization(
  client: Client,
  issuance: Omit<Issuance, "authorization">,
  { resource, services }: { resource: readonly string[]; services: Services },
): Authorization {
  const { settings, now } = services;
  const lifetimeSeconds = mayRefresh(client, issuance)
    ? settings.refreshTokenAbsoluteSeconds
    : settings.accessTokenLifetimeSeconds;
  return {
    id: newId(),
    clientId: client.id,
    subject: issuance.subject,
    userId: issuance.userId ?? null,
    scope: issuance.scope,
    resource,
    authTime: issuance.authentication?.authTime ?? null,
    amr: issuance.authentication?.amr ?? null,
    acr: issuance.authentication ? acrOf(issuance.authentication.amr) : null,
    nonce: null,
    claims: null,
    sessionId: null,
    createdAt: now(),
    expiresAt: now() + lifetimeSeconds,
    revokedAt: null,
  };
}

function continuedOrNew(
  client: Client,
  issuance: Issuance,
  context: { resource: readonly string[]; services: Services },
): Authorization | undefined {
  if (issuance.authorization === "none") return undefined;
  if (issuance.authorization !== "new") return issuance.authorization;
  return newAuthorization(client, issuance, context);
}

function mayRefresh(client: Client, issuance: Pick<Issuance, "refresh">): boolean {
  return issuance.refresh && client.grantTypes.includes("refresh_token");
}

/** A token lives as long as its grant says, or as usual, and never longer than its authorization. */
function expiryOf(
  { lifetimeSeconds }: Issuance,
  authorization: Authorization | undefined,
  { settings, iat }: { settings: Services["settings"]; iat: number },
): number {
  const end = iat + (lifetimeSeconds ?? settings.accessTokenLifetimeSeconds);
  return authorization ? Math.min(end, authorization.expiresAt) : end;
}

/** The resource that was asked for, else whom the grant names, else this server. */
function audience(
  resource: readonly string[],
  { audience: named = [] }: Issuance,
  issuer: string,
): string | readonly string[] {
  const chosen = resource.length > 0 ? resource : named;
  const [first = issuer, ...more] = chosen;
  return more.length === 0 ? first : chosen;
}

function authenticationClaims(authorization: Authorization | undefined) {
  if (!authorization) return {};
  const { id, authTime, amr, acr } = authorization;
  return {
    authorization_id: id,
    ...(authTime !== null && { auth_time: authTime }),
    ...(amr && { amr }),
    ...(acr !== null && { acr }),
  };
}
