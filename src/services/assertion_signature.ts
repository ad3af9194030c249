import { compactVerify, importJWK, type JWK } from "jose";
import {
  HMAC_ALGORITHMS,
  type HmacAlgorithm,
  isBase64urlParts,
  isHmac,
  isSignature,
  type Members,
  membersOf,
  type SignatureAlgorithm,
} from "../protocol/client_assertion.ts";
import { type Check, Diagnosis, shown } from "../protocol/diagnosis.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import type { Client } from "../store/clients.ts";
import type { UsableSecret } from "./client_secrets.ts";
import type { Services } from "./services.ts";

/** A signed assertion and by what it may be verified. */
export interface SignedAssertion {
  readonly text: string;
  readonly client: Client;
  /** The client's secrets for an HMAC; empty where none counts. */
  readonly secrets: readonly UsableSecret[];
  /** Whether a key of the client counts. */
  readonly byKey: boolean;
}

/** Claims that were signed, and the secret that did it. */
export interface VerifiedAssertion {
  readonly claims: Members;
  readonly secret: UsableSecret | undefined;
}

/** Values of `typ` that a client assertion may have (RFC 7519 §5.1, RFC 7523bis). */
const TYPES: readonly unknown[] = [undefined, "jwt", "client-authentication+jwt"];

/** Header members that change what is signed, or must be understood by us and are not (RFC 7515 §4.1.11, RFC 7797). */
const REFUSED_MEMBERS = ["crit", "b64"];

/**
 * The claims of a JWS whose signature holds (RFC 7515 §5.2). Algorithm and key come from the client's
 * registration; of the header only `alg` and `kid` are heard, and neither can bring a key (RFC 8725
 * §3.1). Throws `assertion_not_jws`, `assertion_not_extracted` or `assertion_signature_incorrect`.
 */
export async function verifySignature(
  assertion: SignedAssertion,
  services: Services,
): Promise<VerifiedAssertion> {
  const { text } = assertion;
  const header = checkForm(text);
  const claims = membersOf(text, 1);
  if (!claims) throw notExtracted("payload", "the payload is no JSON object");
  for (const name of REFUSED_MEMBERS) {
    if (header[name] !== undefined) throw incorrect("header", `${name} is not accepted`);
  }
  const algorithm = checkAlgorithm(header["alg"], assertion);
  if (!isBase64urlParts(text)) throw incorrect("signature", "the signature is not base64url");
  if (isHmac(algorithm)) {
    return { claims, secret: await verifyBySecret(assertion, algorithm) };
  }
  await verifyByKey(assertion, { algorithm, kid: header["kid"] }, services);
  return { claims, secret: undefined };
}

/** Three parts of which the first is a header and the last is there; what is unsigned is no JWS to us (attack 30). */
function checkForm(text: string): Members {
  const header = membersOf(text, 0);
  if (!header) throw notJws("header", "the JWS header is no JSON object");
  if (header["alg"] === "none" || text.endsWith(".")) throw notJws("alg", "it is not signed");
  const { typ } = header as { typ?: unknown };
  const type = typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : typ;
  if (!TYPES.includes(type)) throw notJws("header", `typ ${shown(typ)} is another kind of JWT`);
  return header;
}

function checkAlgorithm(
  alg: unknown,
  { client, secrets, byKey }: SignedAssertion,
): HmacAlgorithm | SignatureAlgorithm {
  const registered = client.metadata.token_endpoint_auth_signing_alg;
  if (registered !== undefined && alg !== registered) {
    throw incorrect("alg", `alg ${shown(alg)}, registered ${registered}`);
  }
  if (isHmac(alg) && secrets.length > 0) return alg;
  if (isSignature(alg) && byKey) return alg;
  throw incorrect("alg", `alg ${shown(alg)} is not for ${client.authMethod} here`);
}

async function verifyBySecret(
  { text, secrets }: SignedAssertion,
  algorithm: HmacAlgorithm,
): Promise<UsableSecret> {
  const needed = HMAC_ALGORITHMS[algorithm];
  const long = secrets.filter((secret) => Buffer.byteLength(secret.text) >= needed);
  if (long.length === 0) {
    throw incorrect("secret", `the secret is shorter than the ${needed} bytes of ${algorithm}`);
  }
  for (const secret of long) {
    if (await holds(text, new TextEncoder().encode(secret.text), algorithm)) return secret;
  }
  throw incorrect("signature", `no live secret of the client made the ${algorithm} signature`);
}

async function verifyByKey(
  { text, client }: SignedAssertion,
  { algorithm, kid }: { readonly algorithm: SignatureAlgorithm; readonly kid: unknown },
  { clientKeys }: Services,
): Promise<void> {
  const named = typeof kid === "string" ? kid : undefined;
  if (kid !== undefined && named === undefined) {
    throw incorrect("kid", `kid ${shown(kid)} is no text`);
  }
  const { keys, registered, fault } = await clientKeys.find(client, { algorithm, kid: named });
  if (keys.length === 0) {
    const among = `among ${registered} registered keys`;
    const sought = named === undefined ? "no key" : `kid ${shown(named)} is no key`;
    const unread = fault === undefined ? "" : `; jwks_uri: ${fault}`;
    throw incorrect("kid", `${sought} for ${algorithm} ${among}${unread}`);
  }
  for (const jwk of keys) {
    if (await holds(text, jwk, algorithm)) return;
  }
  throw incorrect("signature", `${keys.length} keys for ${algorithm} do not verify the signature`);
}

async function holds(
  text: string,
  key: Uint8Array | Members,
  algorithm: HmacAlgorithm | SignatureAlgorithm,
): Promise<boolean> {
  try {
    const imported = key instanceof Uint8Array ? key : await importJWK(publicPart(key), algorithm);
    await compactVerify(text, imported, { algorithms: [algorithm] });
    return true;
  } catch {
    return false;
  }
}

/** The numbers of a key alone: its certificates and addresses are not looked at (RFC 8725 §3.10). */
function publicPart({ kty, crv, x, y, n, e }: Members): JWK {
  const members = Object.entries({ kty, crv, x, y, n, e });
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

const notJws = (check: Check, reason: string) =>
  new OAuthError("assertion_not_jws", { cause: new Diagnosis(check, reason) });

const notExtracted = (check: Check, reason: string) =>
  new OAuthError("assertion_not_extracted", { cause: new Diagnosis(check, reason) });

const incorrect = (check: Check, reason: string) =>
  new OAuthError("assertion_signature_incorrect", { cause: new Diagnosis(check, reason) });
