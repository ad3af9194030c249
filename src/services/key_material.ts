import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import type { StoredKey } from "../store/keys.ts";
import type { ServerSecret } from "./server_secret.ts";

/** Algorithms that the server signs with; each has a ring of keys of its own. */
export const SIGNING_ALGORITHMS = ["ES256", "RS256", "PS256", "EdDSA"] as const;

/** One signing algorithm (RFC 7518 §3.1). */
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** Algorithms by which clients encrypt to us; each has a ring too. `ECDH-ES` stands for its key wraps as well. */
export const ENCRYPTION_ALGORITHMS = ["RSA-OAEP-256", "ECDH-ES"] as const;

/** One algorithm of our encryption keys (RFC 7518 §4.3, §4.6). */
export type EncryptionAlgorithm = (typeof ENCRYPTION_ALGORITHMS)[number];

/** Every algorithm that has a ring of keys. */
export const KEY_ALGORITHMS = [...SIGNING_ALGORITHMS, ...ENCRYPTION_ALGORITHMS] as const;

/** An algorithm that has a ring of keys. */
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/** Whether keys of the algorithm sign; the others decrypt. */
export function isSigning(algorithm: string): algorithm is SigningAlgorithm {
  return SIGNING_ALGORITHMS.some((name) => name === algorithm);
}

/** A new pair: the public JWK with `kid`, `alg` and `use`, and the sealed private half. */
export async function makeKey(algorithm: KeyAlgorithm, secret: ServerSecret) {
  const pair = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  const privateJwk = JSON.stringify(await exportJWK(pair.privateKey));
  return {
    id: kid,
    algorithm,
    publicKey: { ...jwk, kid, alg: algorithm, use: isSigning(algorithm) ? "sig" : "enc" },
    sealedPrivateKey: secret.seal(privateJwk, `key:${kid}`),
  };
}

/** The private half of a stored key. Throws `TypeError` when it was sealed under another secret. */
export async function importPrivate(key: StoredKey, secret: ServerSecret): Promise<CryptoKey> {
  const jwk: JWK = JSON.parse(secret.unseal(key.sealedPrivateKey, `key:${key.id}`));
  return importCryptoKey(jwk, key.algorithm);
}

/** A JWK as WebCrypto takes it. Throws `TypeError` for a symmetric one. */
export async function importCryptoKey(jwk: JWK, algorithm: string): Promise<CryptoKey> {
  const key = await importJWK(jwk, algorithm);
  if (key instanceof Uint8Array) throw new TypeError("A key of the ring must be asymmetric");
  return key;
}

/** The remembered promise, or the one `make` starts; a failure is not remembered. */
export function remember<T>(
  map: Map<string, Promise<T>>,
  key: string,
  make: () => Promise<T>,
): Promise<T> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  made.catch(() => void map.delete(key));
  return made;
}
