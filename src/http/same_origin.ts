import { OAuthError } from "../protocol/oauth_error.ts";

/**
 * Lets a form post of our own pages through, and nothing else: `Sec-Fetch-Site` decides where the
 * browser sends it, else `Origin` must be the issuer's. A request with neither comes from no
 * browser page and is refused. Throws `foreign_origin`. Assumed: no cross-site script of ours.
 */
export function requireSameOrigin(request: Request, issuer: string): void {
  if (!isSameOrigin(request, issuer)) throw new OAuthError("foreign_origin");
}

/** The same as a question. */
export function isSameOrigin({ headers }: Request, issuer: string): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  return headers.get("origin") === new URL(issuer).origin;
}

/**
 * The same for forms that programs send too: what says neither where it comes from nor from which
 * site comes from no browser, and has no cookies of one. Throws `foreign_origin`.
 */
export function refuseForeignOrigin(request: Request, issuer: string): void {
  const { headers } = request;
  if (headers.has("sec-fetch-site") || headers.has("origin")) requireSameOrigin(request, issuer);
}
