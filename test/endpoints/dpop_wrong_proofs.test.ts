import { describe, expect, test } from "bun:test";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { checkDpopProof } from "../../src/services/dpop_proof.ts";
import { type DpopKey, dpopKey, proofOf } from "../support/dpop.ts";
import { ISSUER, START } from "../support/server.ts";
import { ask, dpopServer, MACHINE, WEB } from "./dpop_fixture.ts";

const server = await dpopServer();
const fresh = await dpopServer();
const key = await dpopKey();
const other = await dpopKey();
const weak = await generateKeyPair("RS256", { extractable: true, modulusLength: 2048 });

const PAYLOAD = { jti: "j", htm: "POST", htu: `${ISSUER}/token`, iat: START };
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** The refusal of a request with this header. */
const refusal = (DPoP: string) => ask(server, MACHINE, { headers: { DPoP }, ...WEB });

/** A proof that somebody without a private key could make. */
async function hmacProof(): Promise<string> {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const jwk = { kty: "oct", k: Buffer.from(secret).toString("base64url") };
  return new SignJWT(PAYLOAD)
    .setProtectedHeader({ typ: "dpop+jwt", alg: "HS256", jwk })
    .sign(secret);
}

/** HS256 with the public key's text as secret, which a careless verifier would take. */
async function confusedProof(): Promise<string> {
  const header = { typ: "dpop+jwt", alg: "HS256", jwk: key.jwk };
  const secret = new TextEncoder().encode(JSON.stringify(key.jwk));
  return new SignJWT(PAYLOAD).setProtectedHeader(header).sign(secret);
}

/** Signed by an RSA key of 1024 bits, which jose would not sign with. */
async function weakProof(): Promise<string> {
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 1024,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const jwk = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const { kty, n, e } = jwk;
  const text = `${base64({ typ: "dpop+jwt", alg: "RS256", jwk: { kty, n, e } })}.${base64(PAYLOAD)}`;
  const bytes = new TextEncoder().encode(text);
  const signature = await crypto.subtle.sign(algorithm.name, pair.privateKey, bytes);
  return `${text}.${Buffer.from(signature).toString("base64url")}`;
}

/** One wrong thing each. */
const WRONG: readonly (readonly [string, string, () => string | Promise<string>])[] = [
  ["an empty header", "not one JWS", () => ""],
  ["no JWT", "not one JWS", () => "nonsense"],
  [
    "a JWS of two parts",
    "not one JWS",
    async () => (await proofOf(key)).split(".").slice(0, 2).join("."),
  ],
  ["five parts", "not one JWS", async () => `${await proofOf(key)}.a.b`],
  [
    "two proofs in one header",
    "not one JWS",
    async () => `${await proofOf(key)}, ${await proofOf(key)}`,
  ],
  ["a header of 10 kB", "too long", () => proofOf(key, { claims: { pad: "x".repeat(10_000) } })],
  ["alg none", "not one JWS", () => new UnsecuredJWT({ ...PAYLOAD }).encode()],
  [
    "alg none with a key",
    "not one JWS",
    () => `${base64({ typ: "dpop+jwt", alg: "none", jwk: key.jwk })}.${base64(PAYLOAD)}.`,
  ],
  ["a symmetric alg", "jwk is no public key", hmacProof],
  ["HS256 with the public key", "signature or key", confusedProof],
  ["a weak RSA key", "signature or key", weakProof],
  ["no typ", "typ", () => proofOf(key, { header: { typ: undefined } })],
  ["typ JWT", "typ", () => proofOf(key, { header: { typ: "JWT" } })],
  ["typ of an access token", "typ", () => proofOf(key, { header: { typ: "at+jwt" } })],
  ["no jwk", "jwk is missing", () => proofOf(key, { header: { jwk: undefined } })],
  ["a jwk that is no object", "jwk is missing", () => proofOf(key, { header: { jwk: "key" } })],
  ["another's jwk", "signature or key", () => proofOf(key, { header: { jwk: other.jwk } })],
  [
    "a point off the curve",
    "signature or key",
    () => proofOf(key, { header: { jwk: { ...key.jwk, y: key.jwk.x } } }),
  ],
  [
    "a key written with padding",
    "signature or key",
    () => proofOf(key, { header: { jwk: { ...key.jwk, x: `${key.jwk.x}=` } } }),
  ],
  [
    "a key with zeros before it",
    "signature or key",
    () => proofOf(key, { header: { jwk: { ...key.jwk, x: `AAAA${key.jwk.x}` } } }),
  ],
  [
    "a jwk of another alg",
    "signature or key",
    () => proofOf(key, { header: { jwk: { ...key.jwk, alg: "ES384" } } }),
  ],
  [
    "a private key in jwk",
    "jwk is no public key",
    async () => proofOf(key, { header: { jwk: await exportJWK(key.privateKey) } }),
  ],
  [
    "a private RSA key in jwk",
    "jwk is no public key",
    async () =>
      proofOf(
        { ...key, alg: "RS256", ...weak },
        { header: { jwk: await exportJWK(weak.privateKey) } },
      ),
  ],
  ["crit", "crit", () => signText(key, JSON.stringify(PAYLOAD), { crit: ["exp"], exp: 1 })],
  ["crit b64", "crit", () => signText(key, JSON.stringify(PAYLOAD), { crit: ["b64"], b64: true })],
  ["claims that are no object", "claims are", () => signText(key, "[]")],
  ["claims that are no JSON", "signature or key", () => signText(key, "nonsense")],
  ["no jti", "claims are", () => proofOf(key, { claims: { jti: undefined } })],
  ["an empty jti", "claims are", () => proofOf(key, { claims: { jti: "" } })],
  [
    "a jti of 257 bytes",
    "jti is too long",
    () => proofOf(key, { claims: { jti: `${"x".repeat(255)}é` } }),
  ],
  ["a jti that is a number", "claims are", () => proofOf(key, { claims: { jti: 1 } })],
  ["no htm", "claims are", () => proofOf(key, { claims: { htm: undefined } })],
  ["another htm", "htm is", () => proofOf(key, { claims: { htm: "GET" } })],
  ["htm in small letters", "htm is", () => proofOf(key, { claims: { htm: "post" } })],
  ["no htu", "claims are", () => proofOf(key, { claims: { htu: undefined } })],
  ["the htu of another endpoint", "htu is", () => proofOf(key, { path: "/par" })],
  [
    "the htu of another server",
    "htu is",
    () => proofOf(key, { claims: { htu: "https://evil.example/token" } }),
  ],
  [
    "the address that Host names",
    "htu is",
    () => proofOf(key, { claims: { htu: "http://localhost/token" } }),
  ],
  ["no iat", "claims are", () => proofOf(key, { claims: { iat: undefined } })],
  ["an iat that is text", "claims are", () => proofOf(key, { claims: { iat: `${START}` } })],
  ["an iat in milliseconds", "iat is", () => proofOf(key, { claims: { iat: START * 1000 } })],
  ["an iat before 1970", "claims are", () => proofOf(key, { claims: { iat: -1 } })],
];

/** Any text as the payload of a signed proof. */
async function signText(
  { alg, jwk, privateKey }: DpopKey,
  payload: string,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const text = `${base64({ typ: "dpop+jwt", alg, jwk, ...header })}.${Buffer.from(payload).toString("base64url")}`;
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  const signature = await crypto.subtle.sign(algorithm, privateKey, new TextEncoder().encode(text));
  return `${text}.${Buffer.from(signature).toString("base64url")}`;
}

describe("attack 60: a proof with one thing wrong is invalid_dpop_proof", () => {
  test.each(WRONG)("%s: %s", async (_name, reason, wrong) => {
    const proof = await wrong();
    const request = { method: "POST", target: `${ISSUER}/token`, needsNonce: false };
    await expect(checkDpopProof(proof, request, server.services)).rejects.toThrow(reason);
    const { status, body } = await refusal(proof);
    expect([status, body.error]).toEqual([400, "invalid_dpop_proof"]);
    expect(body.access_token).toBeUndefined();
  });

  test("two headers", async () => {
    const request = new Request("http://localhost/token", {
      method: "POST",
      body: new URLSearchParams(MACHINE),
    });
    request.headers.set("Authorization", `Basic ${btoa("web:s")}`);
    request.headers.append("DPoP", await proofOf(key));
    request.headers.append("DPoP", await proofOf(key));
    const response = await server.server.handle(request);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: "invalid_dpop_proof" });
  });

  test("the audit log says what failed, and nothing of the proof", async () => {
    const { services } = fresh;
    const DPoP = await proofOf(key, { claims: { htm: "GET", jti: "remarkable-jti" } });
    await ask(fresh, MACHINE, { headers: { DPoP }, ...WEB });
    await services.audit.flush();
    const rows = JSON.stringify(await services.store.listAuditRows(10));
    expect(rows).toContain("htm is another method");
    expect(rows).not.toContain("remarkable-jti");
  });
});
