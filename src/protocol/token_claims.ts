/** What a token is bound to (RFC 7800 §3): a certificate (RFC 8705) or a DPoP key (RFC 9449). */
export interface Confirmation {
  readonly "x5t#S256"?: string;
  readonly jkt?: string;
}

/** Values of `token_type` that access tokens have here. */
export const TOKEN_TYPES = ["Bearer", "DPoP"] as const;

/** How an access token is used: with a proof of its key, or by whoever has it (RFC 9449 §5). */
export function tokenTypeOf(cnf: Confirmation | undefined): (typeof TOKEN_TYPES)[number] {
  return cnf?.jkt === undefined ? "Bearer" : "DPoP";
}

/** Claims of an access token (RFC 9068 §2.2); an opaque one keeps the same in its row. */
export interface AccessTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly client_id: string;
  /** Scopes separated by spaces. */
  readonly scope: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
  /** The user's authorization that the token belongs to; absent for client_credentials. */
  readonly authorization_id?: string;
  readonly auth_time?: number;
  readonly amr?: readonly string[];
  readonly acr?: string;
  readonly cnf?: Confirmation;
}

/** Longest token that is issued, read, revoked or introspected, in characters. */
export const TOKEN_LENGTH_MAX = 16_384;

/**
 * Claims, and members of introspection (RFC 7662 §2.2), that the server alone sets; a plugin that
 * brings one is not heard.
 */
export const PROTOCOL_CLAIMS: readonly string[] = [
  "iss",
  "sub",
  "aud",
  "client_id",
  "scope",
  "iat",
  "nbf",
  "exp",
  "jti",
  "authorization_id",
  "auth_time",
  "amr",
  "acr",
  "cnf",
  "sid",
  "active",
  "token_type",
  "username",
  "__proto__",
];

/** Members of a token response that the server alone sets (RFC 6749 §5.1). */
export const RESPONSE_MEMBERS: readonly string[] = [
  "access_token",
  "token_type",
  "expires_in",
  "scope",
  "refresh_token",
  "id_token",
  "error",
  "error_description",
  "error_uri",
  "__proto__",
];

/** What a plugin may add: its members without those that the protocol owns. */
export function withoutReserved(
  members: Readonly<Record<string, unknown>> | undefined,
  reserved: readonly string[],
): Record<string, unknown> {
  const entries = Object.entries(members ?? {});
  return Object.fromEntries(entries.filter(([name]) => !reserved.includes(name)));
}
