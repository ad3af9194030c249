import { OAuthError } from "./oauth_error.ts";
import { isAbsoluteUri } from "./redirect_uri.ts";

/** Most resources that one request may name. */
export const RESOURCES_MAX = 10;

/**
 * Reads a `resource` parameter, a list separated by spaces, and checks it against what may be
 * granted. Throws `resource_refused` (RFC 8707 §2).
 */
export function chooseResources(requested: string, granted: readonly string[]): readonly string[] {
  const resources = [...new Set(requested.split(" ").filter((uri) => uri !== ""))];
  const allowed = resources.every((uri) => isAbsoluteUri(uri) && granted.includes(uri));
  if (!allowed || resources.length > RESOURCES_MAX) throw new OAuthError("resource_refused");
  return resources;
}
