import { Type as t } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { acrOf } from "../protocol/authorization_types.ts";
import {
  type AccessTokenClaims,
  type Confirmation,
  PROTOCOL_CLAIMS,
  type TOKEN_TYPES,
  tokenTypeOf,
  withoutReserved,
} from "../protocol/token_claims.ts";
import type { Authorization } from "../store/authorizations.ts";
import type { Client } from "../store/clients.ts";
import { TOKEN_FORMATS } from "./access_token.ts";
import { mintIdToken } from "./id_token.ts";
import { newId } from "./ids.ts";
import { refreshBinding } from "./sender_binding.ts";
import type { Services } from "./services.ts";

/** What a grant has proved, and so what is issued. */
export interface Issuance {
  /** `sub` of the tokens; the client's own id when `authorization` is "none". */
  readonly subject: string;
  /** The user of this server whom the subject is; he must stay enabled. */
  readonly userId?: string;
  readonly scope: readonly string[];
  /** Resources granted before, which a `resource` parameter may narrow (RFC 8707 §2.2). */
  readonly resource?: readonly string[];
  /** none: the client acts for itself; new: a user's authorization begins; else it goes on. */
  readonly authorization: "none" | "new" | Authorization;
  /** How and when the user proved himself, for a new authorization. */
  readonly authentication?: { readonly authTime: number; readonly amr: readonly string[] };
  /** Whether a refresh token may be issued (RFC 6749 §1.5); the client must be registered for it. */
  readonly refresh: boolean;
  /** Spends what was proved, once. The endpoint calls it last; it throws when another request won. */
  readonly spend?: () => Promise<Spent>;
  /** Called instead of `spend` when the endpoint refuses what was proved. */
  readonly refused?: () => Promise<void>;
  /** Further claims of the access token; those of the protocol win. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Further members of the response; those of the protocol win. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

const IssuanceShape = TypeCompiler.Compile(
  t.Object({
    subject: t.String({ minLength: 1, maxLength: 255 }),
    scope: t.Array(t.String()),
    refresh: t.Boolean(),
    authorization: t.Union([t.Literal("none"), t.Literal("new"), t.Object({ id: t.String() })]),
  }),
);

/**
 * Judges what a grant, perhaps a stranger's, says it has proved. Throws `TypeError` for what is no
 * issuance, and for a client that speaks for itself under another name (RFC 9068 §2.2).
 */
export function checkIssuance(issuance: Issuance, client: Client): Issuance {
  if (!IssuanceShape.Check(issuance)) throw new TypeError("A grant proved no issuance");
  if (issuance.authorization === "none" && issuance.subject !== client.id) {
    throw new TypeError("Without an authorization the subject is the client");
  }
  return issuance;
}

/** What spending may give: the successor of the refresh token that was spent. */
export interface Spent {
  readonly refreshToken?: string;
}

/** A successful token response (RFC 6749 §5.1). */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: (typeof TOKEN_TYPES)[number];
  readonly expires_in: number;
  readonly scope: string;
  readonly refresh_token?: string;
  /** Where the scope has `openid` and the subject is a user of ours (OpenID Connect Core §3.1.3.3). */
  readonly id_token?: string;
}

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
  const exp = Math.min(
    iat + settings.accessTokenLifetimeSeconds,
    authorization?.expiresAt ?? Number.MAX_SAFE_INTEGER,
  );
  const claims: AccessTokenClaims = {
    ...withoutReserved(issuance.claims, PROTOCOL_CLAIMS),
    iss: services.issuer,
    sub: issuance.subject,
    aud: audience(resource, services.issuer),
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
    scope: claims.scope,
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

function audience(resource: readonly string[], issuer: string): string | readonly string[] {
  const [first = issuer, ...more] = resource;
  return more.length === 0 ? first : resource;
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
