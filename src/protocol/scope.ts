import { OAuthError } from "./oauth_error.ts";

/** Most scopes that one request may name. */
export const SCOPES_MAX = 100;

/** Splits the text of a `scope` parameter; whether the scopes are good is for {@linkcode checkScopes}. */
export function splitScope(text: string | undefined): readonly string[] {
  return (text ?? "").split(" ").filter((scope) => scope !== "");
}

/** Whether the text is one scope-token (RFC 6749 §3.3). */
export function isScopeToken(text: string): boolean {
  return /^[\x21\x23-\x5B\x5D-\x7E]+$/.test(text);
}

/**
 * Throws `scope_repeated` for scopes named twice, and `scope_refused` for those not `allowed`.
 * Scopes are all or nothing (decisions D3).
 */
export function checkScopes(scopes: readonly string[], allowed: readonly string[]): void {
  const repeated = new Set(scopes.filter((scope, index) => scopes.indexOf(scope) !== index));
  if (repeated.size > 0)
    throw new OAuthError("scope_repeated", { values: [[...repeated].join(",")] });
  const refused = scopes.filter((scope) => !allowed.includes(scope));
  if (refused.length > 0 || scopes.length > SCOPES_MAX) {
    throw new OAuthError("scope_refused", { values: [refused.join(",")] });
  }
}
