import { createHash } from "node:crypto";
import { compactDecrypt } from "jose";
import {
  CONTENT_ENCRYPTION,
  ENCRYPTION_ALGORITHMS,
  isBase64urlParts,
  membersOf,
  PUBLIC_ENCRYPTION,
  SECRET_ENCRYPTION,
} from "../protocol/client_assertion.ts";
import { Diagnosis, shown } from "../protocol/diagnosis.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import type { Client } from "../store/clients.ts";
import type { Services } from "./services.ts";

/** Header members of a JWE that we understand; `crit` can then name none that matters to us. */
interface JweHeader {
  readonly alg: (typeof ENCRYPTION_ALGORITHMS)[number];
  readonly enc: keyof typeof CONTENT_ENCRYPTION;
  readonly kid: string | undefined;
}

/** A key to try. */
type Key = CryptoKey | Uint8Array;

/**
 * The text inside a JWE (RFC 7516 §5.2), decrypted by keys that the client's secrets give, or by ours.
 * It proves nothing: who encrypts to a public key need be nobody (attack 30). Throws
 * `assertion_not_decrypted`, alike for a wrong key, a wrong tag and wrong padding (attack 33).
 */
export async function decryptAssertion(
  text: string,
  { client, secrets }: { readonly client: Client; readonly secrets: readonly string[] },
  services: Services,
): Promise<string> {
  const header = readHeader(text, client);
  for (const key of await keysFor(header, secrets, services)) {
    const plaintext = await decryptBy(text, key, header);
    if (plaintext !== undefined) return plaintext;
  }
  throw refusal("decryption", "no key decrypts it");
}

/** Judges the header before any of it is used, so that PBES2 counts and zip bombs cost nothing (attacks 31, 32). */
function readHeader(text: string, { metadata }: Client): JweHeader {
  const header = membersOf(text, 0);
  if (!header) throw refusal("header", "the JWE header is no JSON object");
  if (!isBase64urlParts(text)) throw refusal("form", "it is not base64url");
  const alg = ENCRYPTION_ALGORITHMS.find((name) => name === header["alg"]);
  if (!alg) throw refusal("encryption", `alg ${shown(header["alg"])} is not accepted`);
  const { token_endpoint_auth_encryption_alg: registeredAlg } = metadata;
  if (registeredAlg !== undefined && alg !== registeredAlg) {
    throw refusal("encryption", `alg ${alg}, registered ${registeredAlg}`);
  }
  const enc = Object.keys(CONTENT_ENCRYPTION).find(isContentEncryption(header["enc"]));
  if (!enc) throw refusal("encryption", `enc ${shown(header["enc"])} is not accepted`);
  const { token_endpoint_auth_encryption_enc: registeredEnc } = metadata;
  if (registeredEnc !== undefined && enc !== registeredEnc) {
    throw refusal("encryption", `enc ${enc}, registered ${registeredEnc}`);
  }
  for (const name of ["zip", "crit"]) {
    if (header[name] !== undefined) throw refusal("header", `${name} is not accepted`);
  }
  const { kid } = header as { kid?: unknown };
  return { alg, enc, kid: typeof kid === "string" ? kid : undefined };
}

const isContentEncryption =
  (value: unknown) =>
  (name: string): name is JweHeader["enc"] =>
    name === value;

/** The keys that could have been meant: those of the live secrets, or ours of that `kid`. */
async function keysFor(
  { alg, enc, kid }: JweHeader,
  secrets: readonly string[],
  { keys }: Services,
): Promise<readonly Key[]> {
  if (isPublic(alg)) {
    const ours = await keys.decrypting(PUBLIC_ENCRYPTION[alg], kid);
    if (ours.length > 0) return ours.map(({ privateKey }) => privateKey);
    throw refusal("kid", `kid ${shown(kid)} is no key of ours for ${alg}`);
  }
  const bits = alg === "dir" ? CONTENT_ENCRYPTION[enc] : SECRET_ENCRYPTION[alg];
  if (secrets.length === 0)
    throw refusal("encryption", `alg ${alg} needs a client_secret_jwt client`);
  return secrets.map((secret) => deriveKey(secret, bits));
}

function isPublic(alg: JweHeader["alg"]): alg is keyof typeof PUBLIC_ENCRYPTION {
  return Object.hasOwn(PUBLIC_ENCRYPTION, alg);
}

/** The symmetric key of a secret: its hash, cut to the length that is needed (OpenID Connect Core §10.2). */
export function deriveKey(secret: string, bits: 128 | 256 | 512): Uint8Array {
  const hash = createHash(bits > 256 ? "sha512" : "sha256")
    .update(secret)
    .digest();
  return new Uint8Array(hash.subarray(0, bits / 8));
}

/** The plaintext of a JWE by one key, or undefined: why not is nobody's business. */
export async function decryptBy(
  text: string,
  key: Key,
  { alg, enc }: Pick<JweHeader, "alg" | "enc">,
): Promise<string | undefined> {
  const allowed = { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [enc] };
  try {
    const { plaintext } = await compactDecrypt(text, key, allowed);
    return new TextDecoder("utf-8", { fatal: true }).decode(plaintext);
  } catch {
    return undefined;
  }
}

function refusal(check: Diagnosis["check"], reason: string): OAuthError {
  const cause = new Diagnosis(check, `JWE: ${reason}`);
  return new OAuthError("assertion_not_decrypted", { cause });
}
