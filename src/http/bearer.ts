import type { ErrorCode } from "../protocol/catalogue.ts";
import { OAuthError, type OAuthErrorDetails } from "../protocol/oauth_error.ts";
import type { AccessTokenClaims } from "../protocol/token_claims.ts";
import { isAccessTokenLive, recognizeToken } from "../services/recognize_token.ts";
import type { Services } from "../services/services.ts";
import { allowOrigins } from "./cors.ts";
import { isForm, readForm, refuseUrlParameters } from "./read_form.ts";

/** Name of the form field, and of what a URL must never hold (RFC 6750 §2.2, §2.3). */
const PARAMETER = new Set(["access_token"]);

/** What an endpoint of ours asks of an access token. */
export interface BearerDemand {
  /** The scope that the token must have. */
  readonly scope?: string;
  readonly services: Services;
}

/** A live access token that is meant for us. */
export interface Bearer {
  readonly claims: AccessTokenClaims;
  readonly token: string;
}

/**
 * The access token that a request to one of our own resources carries, in the header or in a form
 * (RFC 6750 §2.1, §2.2). Throws `bearer_missing`, `bearer_several`, `bearer_incorrect`,
 * `bearer_scope_insufficient`, or what reading a form throws.
 */
export async function requireBearer(
  request: Request,
  { scope, services }: BearerDemand,
): Promise<Bearer> {
  const refuse = (code: ErrorCode, details: OAuthErrorDetails = {}) =>
    bearerRefusal(code, { ...details, scope }, services);
  const token = await readBearer(request, refuse);
  const recognized = await recognizeToken(token, services);
  if (recognized?.kind !== "access") throw refuse("bearer_incorrect", { cause: "no access token" });
  const { claims } = recognized;
  const client = await services.store.findClient(claims.client_id);
  if (client) allowOrigins(request, client.allowedOrigins);
  // A resource's token must not open another's doors, ours included (RFC 9068 §4).
  if (![claims.aud].flat().includes(services.issuer)) {
    throw refuse("bearer_incorrect", { cause: "meant for another resource" });
  }
  // A bound token is worth nothing to a bearer who proves no key (RFC 8705 §3, RFC 9449 §7.2).
  if (claims.cnf) throw refuse("bearer_incorrect", { cause: "bound" });
  if (!(await isAccessTokenLive(claims, services))) {
    throw refuse("bearer_incorrect", { cause: "expired, revoked or disabled" });
  }
  if (scope !== undefined && !claims.scope.split(" ").includes(scope)) {
    throw refuse("bearer_scope_insufficient", { values: [scope] });
  }
  return { claims, token };
}

async function readBearer(
  request: Request,
  refuse: (code: ErrorCode) => OAuthError,
): Promise<string> {
  const header = /^Bearer +(\S+) *$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  const form =
    request.method === "POST" && isForm(request.headers)
      ? (await readForm(request, PARAMETER)).get("access_token")
      : undefined;
  refuseUrlParameters(request.url, PARAMETER);
  if (header !== undefined && form !== undefined) throw refuse("bearer_several");
  const token = header ?? form;
  if (token === undefined) throw refuse("bearer_missing");
  return token;
}

/** A refusal with the challenge of RFC 6750 §3; who sent no token at all is told no error in it. */
export function bearerRefusal(
  code: ErrorCode,
  { scope, ...details }: OAuthErrorDetails & { readonly scope?: string | undefined },
  { issuer }: Pick<Services, "issuer">,
): OAuthError {
  const { row, message } = new OAuthError(code, details);
  const attributes = [
    `realm="${issuer}"`,
    ...(code === "bearer_missing"
      ? []
      : [`error="${row.error}"`, `error_description="${message}"`]),
    ...(scope === undefined ? [] : [`scope="${scope}"`]),
  ];
  const headers = { "WWW-Authenticate": `Bearer ${attributes.join(", ")}` };
  return new OAuthError(code, { ...details, headers });
}
