import { isSignature, type Members, type SignatureAlgorithm } from "./client_assertion.ts";

/** A public key of a client as it came (RFC 7517 §4); nothing of it is known to be true. */
export type ClientJwk = Members;

/** Most keys of one client. */
export const CLIENT_KEYS_MAX = 50;

/** Longest modulus of an RSA key that we calculate with, in bits. */
const RSA_BITS_MAX = 8192;

/** Shortest modulus that is safe, in bits (RFC 7518 §3.3). */
const RSA_BITS_MIN = 2048;

/** Longest public exponent, in characters of base64url: 40 bits. */
const RSA_EXPONENT_LENGTH_MAX = 7;

/** Members of a JWK that make it private or symmetric (RFC 7518 §6). */
const PRIVATE_MEMBERS = ["d", "k", "p", "q", "dp", "dq", "qi", "oth", "priv"];

/** Curves of keys that sign, with the length of a coordinate in base64url. */
const COORDINATE_LENGTHS: ReadonlyMap<unknown, number> = new Map([
  ["P-256", 43],
  ["P-384", 64],
  ["P-521", 88],
  ["Ed25519", 43],
]);

/** Kind and curve of the key that an algorithm needs. */
const NEEDS: Readonly<Record<SignatureAlgorithm, readonly [kty: string, crv?: string]>> = {
  ES256: ["EC", "P-256"],
  ES384: ["EC", "P-384"],
  ES512: ["EC", "P-521"],
  RS256: ["RSA"],
  RS384: ["RSA"],
  RS512: ["RSA"],
  PS256: ["RSA"],
  PS384: ["RSA"],
  PS512: ["RSA"],
  EdDSA: ["OKP", "Ed25519"],
  Ed25519: ["OKP", "Ed25519"],
};

/**
 * What is wrong with a key, in words that continue "holds". Kinds and curves that we do not know
 * are left alone: the client may have them for others.
 */
export function jwkFault(jwk: ClientJwk): string | undefined {
  if (isPrivate(jwk)) {
    return "a private key; register its public half";
  }
  if (jwk["kty"] === "RSA") return rsaFault(jwk);
  const { kty, crv, x, y } = jwk as Readonly<Record<string, unknown>>;
  const length = COORDINATE_LENGTHS.get(crv);
  if (kty !== "EC" && kty !== "OKP") return undefined;
  if (typeof crv !== "string") return "a key without its curve";
  if (length === undefined) return undefined;
  const sound = isBase64url(x, length) && (kty !== "EC" || isBase64url(y, length));
  return sound ? undefined : `a key that is no point of ${crv}`;
}

/** Whether a key is its owner's alone: private, or symmetric. */
export function isPrivate(jwk: ClientJwk): boolean {
  return PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name)) || jwk["kty"] === "oct";
}

function rsaFault({ n, e }: ClientJwk): string | undefined {
  if (!isBase64url(n) || !isBase64url(e) || e.length > RSA_EXPONENT_LENGTH_MAX) {
    return "an RSA key without its numbers";
  }
  const bits = bitsOf(n);
  if (bits < RSA_BITS_MIN) return `an RSA key of ${bits} bits; ${RSA_BITS_MIN} is the least`;
  return bits > RSA_BITS_MAX
    ? `an RSA key of ${bits} bits; ${RSA_BITS_MAX} is the most`
    : undefined;
}

/** Bits of a number in base64url, without the zeros before it. */
function bitsOf(encoded: string): number {
  const hex = Buffer.from(encoded, "base64url").toString("hex").replace(/^0+/, "");
  return hex === ""
    ? 0
    : hex.length * 4 - (4 - Number.parseInt(hex.slice(0, 1), 16).toString(2).length);
}

function isBase64url(value: unknown, length?: number): value is string {
  if (typeof value !== "string" || !/^[A-Za-z0-9_-]+$/.test(value)) return false;
  return length === undefined || value.length === length;
}

/** Whether a key may verify by the algorithm: by its kind, `use`, `key_ops` and `alg` (RFC 7517 §4). */
export function fitsAlgorithm(jwk: ClientJwk, algorithm: SignatureAlgorithm): boolean {
  const { kty, crv, use, key_ops: operations, alg } = jwk as Readonly<Record<string, unknown>>;
  const [needsKty, needsCrv] = NEEDS[algorithm];
  return (
    kty === needsKty &&
    (needsCrv === undefined || crv === needsCrv) &&
    (use === undefined || use === "sig") &&
    (operations === undefined || (Array.isArray(operations) && operations.includes("verify"))) &&
    (alg === undefined || alg === algorithm || sameKey(alg, algorithm)) &&
    jwkFault(jwk) === undefined
  );
}

/** `Ed25519` names in full what `EdDSA` leaves to the key (RFC 9864 §2.2). */
function sameKey(alg: unknown, algorithm: SignatureAlgorithm): boolean {
  const edwards: readonly unknown[] = ["EdDSA", "Ed25519"];
  return edwards.includes(alg) && edwards.includes(algorithm);
}

/** Whether any algorithm of ours can be verified by the key. */
export function canVerify(jwk: ClientJwk): boolean {
  const names = Object.keys(NEEDS);
  return names.some((name) => isSignature(name) && fitsAlgorithm(jwk, name));
}

/** Keys of a JWK Set (RFC 7517 §5), or why the text is none. */
export function parseJwks(text: string): readonly ClientJwk[] | string {
  const keys = keysOf(text);
  if (!Array.isArray(keys) || !keys.every(isMembers)) return "it is no JWK Set";
  return keys.length > CLIENT_KEYS_MAX ? `it holds more than ${CLIENT_KEYS_MAX} keys` : keys;
}

function keysOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isMembers(value) ? value["keys"] : undefined;
  } catch {
    return undefined;
  }
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
