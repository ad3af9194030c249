/** What DPoP proofs look like (RFC 9449 §4). Pure: neither clock nor keys. */

/** Signatures that proofs may have: asymmetric ones alone, so that a proof proves a private key. */
export const DPOP_ALGORITHMS = [
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
] as const;

/** Value of `typ`, which keeps every other signed text from being taken for a proof. */
export const DPOP_TYPE = "dpop+jwt";

/** Longest `DPoP` header, in characters: room for an RSA key of 8192 bits and a long address. */
export const DPOP_PROOF_LENGTH_MAX = 8192;

/** Longest `jti`, in bytes. */
export const DPOP_JTI_BYTES_MAX = 256;

/** What a JWK thumbprint looks like: base64url of a SHA-256 (RFC 7638 §3). */
export const THUMBPRINT_PATTERN = "^[A-Za-z0-9_-]{43}$";

/** Characters that need no escape in a URI (RFC 3986 §2.3). */
const UNRESERVED = /[A-Za-z0-9._~-]/;

/**
 * Whether `htu` names the address: without query and fragment, and normalized by RFC 3986 §6.2.2
 * and §6.2.3, as RFC 9449 §4.3 advises.
 */
export function namesTarget(htu: string, target: string): boolean {
  const named = normalized(htu);
  return named !== undefined && named === normalized(target);
}

function normalized(text: string): string | undefined {
  // A URL parser repairs what no URI may hold; who writes that means something else by it.
  if (/[^\x21-\x7e]|\\/.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, username, password, host, pathname } = new URL(text);
  if (username !== "" || password !== "") return undefined;
  const path = pathname.replace(/%[0-9a-f]{2}/gi, (escaped) => {
    const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return UNRESERVED.test(character) ? character : escaped.toUpperCase();
  });
  return `${protocol}//${host}${path}`;
}
