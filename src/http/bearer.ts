import type { ErrorCode } from "../protocol/catalogue.ts";
import { DPOP_ALGORITHMS } from "../protocol/dpop.ts";
import { OAuthError, type OAuthErrorDetails } from "../protocol/oauth_error.ts";
import { type AccessTokenClaims, type TOKEN_TYPES, tokenTypeOf } from "../protocol/token_claims.ts";
import { isAccessTokenLive, recognizeToken } from "../services/recognize_token.ts";
import type { Services } from "../services/services.ts";
import { allowOrigins } from "./cors.ts";
import { isForm, readForm, refuseUrlParameters } from "./read_form.ts";
import { senderFault } from "./sender_constraint.ts";

/** Name of the form field, and of what a URL must never hold (RFC 6750 §2.2, §2.3). */
const PARAMETER = new Set(["access_token"]);

/** How an access token is sent: its type is the scheme (RFC 6750 §2.1, RFC 9449 §7.1). */
type Scheme = (typeof TOKEN_TYPES)[number];

/** What an endpoint of ours asks of an access token. */
export interface BearerDemand {
  /** The scope that the token must have. */
  readonly scope?: string | undefined;
  readonly services: Services;
}

/** A live access token that is meant for us. */
export interface Bearer {
  readonly claims: AccessTokenClaims;
  readonly token: string;
  /** How it came, and how it is refused. */
  readonly scheme: Scheme;
}

/**
 * The access token that a request to one of our own resources carries, in the header or in a form
 * (RFC 6750 §2.1, §2.2), with the proof of what it is bound to. Throws `bearer_missing`,
 * `bearer_several`, `bearer_incorrect`, `bearer_proof_incorrect`, `bearer_nonce_needed`,
 * `bearer_scope_insufficient`, or what reading a form throws.
 */
export async function requireBearer(
  request: Request,
  { scope, services }: BearerDemand,
): Promise<Bearer> {
  const { token, scheme } = await readBearer(request, { scope, services });
  const refuse = (code: ErrorCode, details: BearerDetails = {}) =>
    bearerRefusal(code, { scheme, ...details, scope }, services);
  const recognized = await recognizeToken(token, services);
  if (recognized?.kind !== "access") throw refuse("bearer_incorrect", { cause: "no access token" });
  const { claims } = recognized;
  const client = await services.store.findClient(claims.client_id);
  if (client) allowOrigins(request, client.allowedOrigins);
  // A resource's token must not open another's doors, ours included (RFC 9068 §4).
  if (![claims.aud].flat().includes(services.issuer)) {
    throw refuse("bearer_incorrect", { cause: "meant for another resource" });
  }
  const type = tokenTypeOf(claims.cnf);
  // A bound token is worth nothing to a bearer who proves no key (RFC 9449 §7.2).
  if (scheme !== type)
    throw refuse("bearer_incorrect", { scheme: type, cause: `sent as ${scheme}` });
  if (!(await isAccessTokenLive(claims, services))) {
    throw refuse("bearer_incorrect", { cause: "expired, revoked or disabled" });
  }
  const occasion = { client, accessToken: token, services };
  const fault = await senderFault(request, claims.cnf ?? {}, occasion);
  if (fault) throw refuse(fault.code, { cause: fault.cause });
  if (scope !== undefined && !claims.scope.split(" ").includes(scope)) {
    throw refuse("bearer_scope_insufficient", { values: [scope] });
  }
  return { claims, token, scheme };
}

async function readBearer(
  request: Request,
  { scope, services }: BearerDemand,
): Promise<{ token: string; scheme: Scheme }> {
  const authorization = request.headers.get("authorization") ?? "";
  const [, word, header] = /^(Bearer|DPoP) +(\S+) *$/i.exec(authorization) ?? [];
  const scheme = word?.toLowerCase() === "dpop" ? "DPoP" : "Bearer";
  const form =
    request.method === "POST" && isForm(request.headers)
      ? (await readForm(request, PARAMETER)).get("access_token")
      : undefined;
  refuseUrlParameters(request.url, PARAMETER);
  if (header !== undefined && form !== undefined) {
    throw bearerRefusal("bearer_several", { scheme, scope }, services);
  }
  const token = header ?? form;
  if (token === undefined) throw bearerRefusal("bearer_missing", { scope }, services);
  return { token, scheme };
}

/** What a refusal of an access token may add. */
export interface BearerDetails extends OAuthErrorDetails {
  readonly scope?: string | undefined;
  /** The scheme that would be right; Bearer where nothing else is known. */
  readonly scheme?: Scheme;
}

/**
 * A refusal with the challenge of RFC 6750 §3 or RFC 9449 §7.1. Who sent no token at all is told no
 * error in it, and both schemes.
 */
export function bearerRefusal(
  code: ErrorCode,
  { scope, scheme = "Bearer", ...details }: BearerDetails,
  { issuer }: Pick<Services, "issuer">,
): OAuthError {
  const { row, message } = new OAuthError(code, details);
  const algorithms = `algs="${DPOP_ALGORITHMS.join(" ")}"`;
  const attributes = [
    `realm="${issuer}"`,
    ...(code === "bearer_missing"
      ? []
      : [`error="${row.error}"`, `error_description="${message}"`]),
    ...(scope === undefined ? [] : [`scope="${scope}"`]),
    ...(scheme === "DPoP" ? [algorithms] : []),
    ...(code === "bearer_missing" ? [`DPoP ${algorithms}`] : []),
  ];
  const headers = { "WWW-Authenticate": `${scheme} ${attributes.join(", ")}` };
  return new OAuthError(code, { ...details, headers });
}
