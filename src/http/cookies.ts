import type { Services } from "../services/services.ts";

/** Cookies that the server sets; each belongs to our own pages alone. */
export type CookieName = "session" | "browser" | "device" | "locale";

/**
 * A `Set-Cookie` value. Under https the name has the `__Host-` prefix, so that no subdomain can
 * set it (RFC 6265bis §4.1.3.2); Lax lets it come with a top-level navigation from a client's page.
 */
export function setCookie(
  name: CookieName,
  value: string,
  { issuer, maxAgeSeconds }: { issuer: string; maxAgeSeconds?: number },
): string {
  const secure = issuer.startsWith("https:") ? "; Secure" : "";
  const age = maxAgeSeconds === undefined ? "" : `; Max-Age=${maxAgeSeconds}`;
  return `${cookieName(name, issuer)}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}${age}`;
}

/** A `Set-Cookie` value that removes the cookie. */
export function clearCookie(name: CookieName, { issuer }: Pick<Services, "issuer">): string {
  return setCookie(name, "", { issuer, maxAgeSeconds: 0 });
}

/** The cookie's value, when the request carries it exactly once. */
export function readCookie(
  request: Request,
  name: CookieName,
  { issuer }: Pick<Services, "issuer">,
): string | undefined {
  const wanted = `${cookieName(name, issuer)}=`;
  const found = (request.headers.get("cookie") ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(wanted));
  const [only] = found;
  return found.length === 1 && only ? only.slice(wanted.length) : undefined;
}

function cookieName(name: CookieName, issuer: string): string {
  return issuer.startsWith("https:") ? `__Host-tessera_${name}` : `tessera_${name}`;
}
