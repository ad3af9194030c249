import { OAuthError } from "../protocol/oauth_error.ts";

/** The strong entity tag of a version (RFC 9110 §8.8.3). */
export function entityTag(version: number): string {
  return `"v${version}"`;
}

/**
 * Whether a reader has the version already, and 304 is his answer (RFC 9110 §13.1.2). Throws
 * `uma_precondition_failed` when he asks for another one (§13.1.1).
 */
export function isUnchanged(headers: Headers, version: number): boolean {
  requireMatch(headers, version);
  const none = tagsOf(headers.get("if-none-match"));
  return matches(none, version, /^W\//);
}

/**
 * The version that a change must find, where the caller says which; undefined for any. Throws
 * `uma_precondition_failed` when it is another by now (RFC 9110 §13.1).
 */
export function requireVersion(headers: Headers, version: number): number | undefined {
  requireMatch(headers, version);
  if (matches(tagsOf(headers.get("if-none-match")), version, /^W\//)) {
    throw new OAuthError("uma_precondition_failed");
  }
  return headers.has("if-match") ? version : undefined;
}

/** `If-Match` compares strongly: a weak tag is never the same. */
function requireMatch(headers: Headers, version: number): void {
  const match = headers.get("if-match");
  if (match !== null && !matches(tagsOf(match), version)) {
    throw new OAuthError("uma_precondition_failed");
  }
}

function tagsOf(header: string | null): readonly string[] {
  return header === null ? [] : header.split(",").map((tag) => tag.trim());
}

function matches(tags: readonly string[], version: number, ignored?: RegExp): boolean {
  const plain = ignored ? tags.map((tag) => tag.replace(ignored, "")) : tags;
  return plain.includes("*") || plain.includes(entityTag(version));
}
