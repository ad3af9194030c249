import { OAuthError } from "./oauth_error.ts";
import { isAbsoluteUri } from "./redirect_uri.ts";

/** Most resources that one request may name. */
export const RESOURCES_MAX = 10;

/** Most characters of all resources of one token, so that the token stays one that can be sent. */
const RESOURCES_LENGTH_MAX = 4096;

/**
 * Reads a `resource` parameter, a list separated by spaces, and checks it against what may be
 * granted. Throws `resource_refused` (RFC 8707 §2).
 */
export function chooseResources(requested: string, granted: readonly string[]): readonly string[] {
  const resources = [...new Set(requested.split(" ").filter((uri) => uri !== ""))];
  checkResources(resources, granted);
  return resources;
}

/** Throws `resource_refused` unless every resource is well-formed and allowed, and all are few and short. */
export function checkResources(resources: readonly string[], allowed: readonly string[]): void {
  const wellFormed = resources.every((uri) => isAbsoluteUri(uri) && allowed.includes(uri));
  const bounded =
    resources.length <= RESOURCES_MAX && resources.join(" ").length <= RESOURCES_LENGTH_MAX;
  if (!wellFormed || !bounded) throw new OAuthError("resource_refused");
}
