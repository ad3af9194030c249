/** Keys and proofs of clients that speak DPoP (RFC 9449), right by default and wrong where a test says so. */
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { ISSUER, START } from "./server.ts";

/** A key pair of a client. */
export interface DpopKey {
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  /** Its thumbprint (RFC 7638). */
  readonly jkt: string;
}

/** Makes a key. */
export async function dpopKey(alg = "ES256"): Promise<DpopKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { alg, privateKey, jwk, jkt: await calculateJwkThumbprint(jwk) };
}

/** What a test changes of a proof; a member that is undefined is left out. */
export interface ProofParts {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly path?: string;
  /** The access token that the proof is for. */
  readonly token?: string;
}

/** A proof for `POST /token` at the time when tests begin. */
export function proofOf(key: DpopKey, { claims, header, path = "/token", token }: ProofParts = {}) {
  const payload = {
    jti: crypto.randomUUID(),
    htm: "POST",
    htu: ISSUER + path,
    iat: START,
    ...(token !== undefined && { ath: hashOf(token) }),
    ...claims,
  };
  return new SignJWT(payload)
    .setProtectedHeader({ typ: "dpop+jwt", alg: key.alg, jwk: key.jwk, ...header })
    .sign(key.privateKey);
}

/** The `ath` of an access token (RFC 9449 §4.2). */
export function hashOf(token: string): string {
  return new Bun.CryptoHasher("sha256").update(token).digest("base64url");
}

/** The headers of a request with a proof. */
export async function withProof(key: DpopKey, parts: ProofParts = {}) {
  return { DPoP: await proofOf(key, parts) };
}
