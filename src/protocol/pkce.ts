import { timingSafeEqual } from "node:crypto";

/** Values of `code_challenge_method` (RFC 7636 §4.3). */
export const CODE_CHALLENGE_METHODS = ["S256", "plain"] as const;

/** One value of `code_challenge_method`. */
export type CodeChallengeMethod = (typeof CODE_CHALLENGE_METHODS)[number];

/** A challenge as an authorization request stored it. */
export interface CodeChallenge {
  readonly challenge: string;
  readonly method: CodeChallengeMethod;
}

/** Whether the text has the form of a verifier, and so of a plain challenge (RFC 7636 §4.1). */
export function isCodeVerifier(text: string): boolean {
  return /^[A-Za-z0-9\-._~]{43,128}$/.test(text);
}

/** Whether the text has the form of a challenge by the method (RFC 7636 §4.2). */
export function isCodeChallenge(text: string, method: CodeChallengeMethod): boolean {
  return method === "plain" ? isCodeVerifier(text) : /^[A-Za-z0-9_-]{43}$/.test(text);
}

/**
 * Whether the verifier proves the challenge (RFC 7636 §4.6). A verifier without a stored challenge
 * proves nothing, and neither does a stored challenge without a verifier (RFC 9700 §4.8.2).
 */
export async function provesChallenge(
  verifier: string | undefined,
  stored: CodeChallenge | undefined,
): Promise<boolean> {
  if (verifier === undefined || stored === undefined) return verifier === stored;
  if (!isCodeVerifier(verifier)) return false;
  const computed = stored.method === "plain" ? verifier : await s256(verifier);
  const [a, b] = [new TextEncoder().encode(computed), new TextEncoder().encode(stored.challenge)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** BASE64URL(SHA-256(ASCII(verifier))) by WebCrypto (RFC 7636 §4.2). */
export async function s256(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return new Uint8Array(digest).toBase64({ alphabet: "base64url", omitPadding: true });
}
