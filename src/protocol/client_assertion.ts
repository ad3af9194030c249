import { Diagnosis, shown } from "./diagnosis.ts";
import { OAuthError } from "./oauth_error.ts";

/** The one value of `client_assertion_type` (RFC 7523 §2.2). */
export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Longest `client_assertion`, in characters. */
export const ASSERTION_LENGTH_MAX = 16_384;

/** Longest `jti`, in bytes. */
export const JTI_BYTES_MAX = 256;

/** How far clocks may differ, in seconds (FAPI 2.0 §5.3.2.1). */
export const SKEW_SECONDS = 10;

/** HMACs and how many bytes a secret must have for each: as many as the hash (OpenID Connect Core §10.1). */
export const HMAC_ALGORITHMS = { HS256: 32, HS384: 48, HS512: 64 } as const;

/** An HMAC by the client's secret. */
export type HmacAlgorithm = keyof typeof HMAC_ALGORITHMS;

/** Whether the algorithm is an HMAC. */
export function isHmac(alg: unknown): alg is HmacAlgorithm {
  return typeof alg === "string" && Object.hasOwn(HMAC_ALGORITHMS, alg);
}

/** Signatures by a client's own key (RFC 7518 §3.1, RFC 8037, RFC 9864). */
export const SIGNATURE_ALGORITHMS = [
  "ES256",
  "ES384",
  "ES512",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "EdDSA",
  "Ed25519",
] as const;

/** A signature by a client's own key. */
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

/** Whether the algorithm is a signature by a key. */
export function isSignature(alg: unknown): alg is SignatureAlgorithm {
  return SIGNATURE_ALGORITHMS.some((name) => name === alg);
}

/** Every algorithm that an assertion may be signed by. */
export const ASSERTION_ALGORITHMS = [
  ...(Object.keys(HMAC_ALGORITHMS) as HmacAlgorithm[]),
  ...SIGNATURE_ALGORITHMS,
] as const;

/** Encryption to our published keys (RFC 7518 §4.3, §4.6), by the `alg` under which they are published. */
export const PUBLIC_ENCRYPTION = {
  "RSA-OAEP-256": "RSA-OAEP-256",
  "ECDH-ES": "ECDH-ES",
  "ECDH-ES+A128KW": "ECDH-ES",
  "ECDH-ES+A256KW": "ECDH-ES",
} as const;

/** Encryption by a key derived from the secret, by that key's bits (OpenID Connect Core §10.2). */
export const SECRET_ENCRYPTION = { A128KW: 128, A256KW: 256, A256GCMKW: 256 } as const;

/** Content encryptions by the bits of their keys (RFC 7518 §5). */
export const CONTENT_ENCRYPTION = {
  "A128CBC-HS256": 256,
  "A256CBC-HS512": 512,
  A128GCM: 128,
  A256GCM: 256,
} as const;

/** Every `alg` that an encrypted assertion may have. PBES2 and RSA1_5 are left out on purpose (RFC 8725 §3.2). */
export const ENCRYPTION_ALGORITHMS = [
  "dir",
  ...(Object.keys(SECRET_ENCRYPTION) as (keyof typeof SECRET_ENCRYPTION)[]),
  ...(Object.keys(PUBLIC_ENCRYPTION) as (keyof typeof PUBLIC_ENCRYPTION)[]),
] as const;

/** Every `enc` that an encrypted assertion may have. */
export const CONTENT_ENCRYPTIONS = Object.keys(
  CONTENT_ENCRYPTION,
) as (keyof typeof CONTENT_ENCRYPTION)[];

/** A JSON object out of an assertion; nothing of it is verified. */
export type Members = Readonly<Record<string, unknown>>;

/** How an assertion is serialised: a JWS has three parts, a JWE five (RFC 7516 §9). */
export function serializationOf(text: string): "JWS" | "JWE" | undefined {
  const parts = text.split(".", 6).length;
  return parts === 3 ? "JWS" : parts === 5 ? "JWE" : undefined;
}

/** Whether all parts are base64url; a lenient decoder passes over other characters (RFC 7515 §2). */
export function isBase64urlParts(text: string): boolean {
  return /^[A-Za-z0-9_.-]*$/.test(text);
}

/** The JSON object in a part of a JWS or JWE, unverified; undefined for all else. */
export function membersOf(text: string, part: 0 | 1): Members | undefined {
  const encoded = text.split(".", part + 1)[part] ?? "";
  if (!/^[A-Za-z0-9_-]+$/.test(encoded)) return undefined;
  try {
    const bytes = Buffer.from(encoded, "base64url");
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Members)
      : undefined;
  } catch {
    return undefined;
  }
}

/** What the claims are judged against. Times in seconds. */
export interface Expected {
  readonly clientId: string;
  /** The issuer, and the token endpoint for clients that are registered so. */
  readonly audiences: readonly string[];
  readonly now: number;
  readonly lifetimeSeconds: number;
}

/** What remains to be spent: an assertion works once. */
export interface Judged {
  readonly jti: string;
  /** Unix seconds at which the assertion is taken no more, by a right clock. */
  readonly deadAt: number;
}

/**
 * Judges the claims in the seed's order (RFC 7523 §3, decisions D4). Throws
 * `assertion_client_incorrect`, `assertion_audience_incorrect`, `assertion_expired` or
 * `assertion_claim_incorrect`.
 */
export function judgeClaims(claims: Members, expected: Expected): Judged {
  checkClient(claims, expected);
  checkAudience(claims, expected);
  const deadAt = checkTimes(claims, expected);
  return { jti: checkId(claims), deadAt };
}

function checkClient(claims: Members, { clientId }: Expected): void {
  for (const name of ["iss", "sub"] as const) {
    if (claims[name] === clientId) continue;
    const reason = `${name}: ${shown(claims[name])} is not the client's id`;
    throw new OAuthError("assertion_client_incorrect", { cause: new Diagnosis(name, reason) });
  }
}

/** One audience, alone: what is meant for others too could have been taken from them (RFC 7523bis). */
function checkAudience({ aud }: Members, { audiences }: Expected): void {
  const [only] = Array.isArray(aud) && aud.length === 1 ? aud : [aud];
  if (typeof only === "string" && audiences.includes(only)) return;
  const reason = `aud: ${shown(aud)} is not ${audiences.map((one) => shown(one)).join(" or ")}`;
  throw new OAuthError("assertion_audience_incorrect", { cause: new Diagnosis("aud", reason) });
}

function checkTimes(claims: Members, { now, lifetimeSeconds }: Expected): number {
  const { exp, nbf, iat } = claims;
  if (!isTime(exp)) throw incorrect("exp", `${shown(exp)} is not a time`);
  const deadAt = Math.ceil(exp) + SKEW_SECONDS;
  if (deadAt <= now) {
    const reason = `exp: ${Math.ceil(now - exp)} s past`;
    throw new OAuthError("assertion_expired", { cause: new Diagnosis("exp", reason) });
  }
  if (exp > now + lifetimeSeconds + SKEW_SECONDS) {
    const ahead = Math.ceil(exp - now);
    throw incorrect("exp", `${ahead} s ahead, and ${lifetimeSeconds} s is the most`);
  }
  for (const [name, time] of [["nbf", nbf] as const, ["iat", iat] as const]) {
    if (time === undefined) continue;
    if (!isTime(time)) throw incorrect(name, `${shown(time)} is not a time`);
    if (time > now + SKEW_SECONDS) throw incorrect(name, `${Math.ceil(time - now)} s ahead`);
  }
  return deadAt;
}

function checkId({ jti }: Members): string {
  if (typeof jti !== "string" || jti === "") throw incorrect("jti", `${shown(jti)} is not an id`);
  const bytes = Buffer.byteLength(jti);
  if (bytes <= JTI_BYTES_MAX) return jti;
  throw incorrect("jti", `${bytes} bytes, and ${JTI_BYTES_MAX} is the most`);
}

/** A NumericDate (RFC 7519 §2), within what a database holds. */
function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function incorrect(claim: "exp" | "nbf" | "iat" | "jti", why: string): OAuthError {
  const cause = new Diagnosis(claim, `${claim}: ${why}`);
  return new OAuthError("assertion_claim_incorrect", { values: [claim], cause });
}
