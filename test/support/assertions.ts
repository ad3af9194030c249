/** Client assertions, good and bad, as clients and attackers make them. */
import { createHmac, createSign, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { CompactEncrypt, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { ISSUER, type TestServer } from "./server.ts";

/** The one value of `client_assertion_type`. */
export const TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** A secret long enough for every HMAC. */
export const SHARED = "a secret of sixty-four bytes and more, for HS512 needs that many!";

/** A client's key pair; `jwk` is the public half as it is registered. */
export interface ClientKey {
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK & { readonly kty: string };
}

/** A new key for an algorithm. */
export async function newClientKey(alg: string, kid = `${alg}-1`): Promise<ClientKey> {
  const pair = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(pair.publicKey);
  return { alg, privateKey: pair.privateKey, jwk: { ...jwk, kty: jwk.kty ?? "", kid } };
}

/** Claims that a client may send now. Members that are undefined are left out. */
export function claimsOf(
  { services }: TestServer,
  clientId: string,
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const now = services.now();
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: ISSUER,
    iat: now,
    exp: now + 60,
    jti: crypto.randomUUID(),
    ...changes,
  };
  return JSON.parse(JSON.stringify(claims));
}

/** A JWS by a client's key. */
export function signedBy(
  { alg, privateKey, jwk }: ClientKey,
  claims: Record<string, unknown>,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg, ...(jwk.kid && { kid: jwk.kid }), ...header })
    .sign(privateKey);
}

/** A JWS by an HMAC. */
export function hmacBy(
  secret: string | Uint8Array,
  claims: Record<string, unknown>,
  alg = "HS256",
): Promise<string> {
  const key = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(key);
}

/** JSON as a part of a JWS. */
export const part = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A JWS whose header is taken as it is, under a real HMAC by SHA-256. */
export function rawHmac(secret: string | Buffer, header: object, payload: unknown): string {
  const text = `${part(header)}.${part(payload)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

/** A JWS whose header is taken as it is, under a real signature by RSA and SHA-256. */
export function rawRsa(key: KeyObject, header: object, payload: unknown): string {
  const text = `${part(header)}.${part(payload)}`;
  return `${text}.${createSign("sha256").update(text).sign(key, "base64url")}`;
}

/** A JWS whose header is taken as it is, under a real ES256 signature. */
export function rawEcdsa(key: KeyObject, header: object, payload: unknown): string {
  const text = `${part(header)}.${part(payload)}`;
  const signature = sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}

/** An RSA key that is too short to be safe. */
export function weakRsaKey() {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
  return { jwk: { ...publicKey.export({ format: "jwk" }), kty: "RSA" }, privateKey };
}

/** A JWE. */
export function encrypted(
  plaintext: string,
  key: CryptoKey | Uint8Array,
  header: { readonly alg: string; readonly enc: string; readonly [name: string]: unknown },
): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(plaintext))
    .setProtectedHeader(header)
    .encrypt(key);
}

/** The server's published key that clients encrypt to, for an algorithm of its family. */
export async function publishedKey(server: TestServer, alg: string) {
  const { keys } = (await (await server.get("/jwks")).json()) as { keys: JWK[] };
  const family = alg.startsWith("ECDH-ES") ? "ECDH-ES" : alg;
  const jwk = keys.find((key) => key.use === "enc" && key.alg === family);
  if (!jwk) throw new TypeError(`No key is published for ${alg}`);
  return { kid: jwk.kid ?? "", key: (await importJWK(jwk, alg)) as CryptoKey };
}

/** The form parameters that carry an assertion. */
export const formOf = (assertion: string): Record<string, string> => ({
  client_assertion_type: TYPE,
  client_assertion: assertion,
});

/** Sends an assertion with a client_credentials request. */
export function ask(
  server: TestServer,
  assertion: string,
  more: Record<string, string> = {},
): Promise<Response> {
  return server.post("/token", {
    grant_type: "client_credentials",
    scope: "api1",
    ...formOf(assertion),
    ...more,
  });
}

/** What the newest refusal in the audit log says to the operator. */
export async function lastDiagnosis({ services }: TestServer) {
  const rows = await services.store.listAuditRows(50);
  const refusal = rows.find(({ event }) => event === "request.refused");
  return refusal?.details as { code?: string; check?: string; reason?: string } | undefined;
}
