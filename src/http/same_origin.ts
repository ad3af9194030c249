import { OAuthError } from "../protocol/oauth_error.ts";

/**
 * Lets a form post of our own pages through, and nothing else: `Sec-Fetch-Site` decides where the
 * browser sends it, else `Origin` must be the issuer's. A request with neither comes from no
 * browser page and is refused. Throws `foreign_origin`. Assumed: no cross-site script of ours.
 */
export function requireSameOrigin(request: Request, issuer: string): void {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) {
    if (site === "same-origin") return;
    throw new OAuthError("foreign_origin");
  }
  if (request.headers.get("origin") !== new URL(issuer).origin) {
    throw new OAuthError("foreign_origin");
  }
}
