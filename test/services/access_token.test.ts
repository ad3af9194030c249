import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { exportSPKI, generateKeyPair, importJWK, type JWTHeaderParameters, SignJWT } from "jose";
import { recognizeToken } from "../../src/services/recognize_token.ts";
import { ISSUER, testServer } from "../support/server.ts";

const server = await testServer();
const { services } = server;
await server.addClient({
  client_id: "c",
  client_secret: "s",
  grant_types: ["client_credentials"],
  scope: "api1",
});
const issued = await server.post(
  "/token",
  { grant_type: "client_credentials", scope: "api1" },
  { basic: ["c", "s"] },
);
const { access_token: genuine } = (await issued.json()) as { access_token: string };
const [header = "", payload = "", signature = ""] = genuine.split(".");
const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
const { kid, privateKey } = await services.keys.current("ES256");

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const isKnown = async (text: string) => (await recognizeToken(text, services)) !== undefined;
const unsigned = (head: object) => `${encode(head)}.${encode(claims)}`;

/** The claims under a header of the attacker's choice, signed by a key. */
const signedBy = (key: CryptoKey, head: Partial<JWTHeaderParameters>) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid, ...head } as JWTHeaderParameters)
    .sign(key, { crit: { tessera: true } });

describe("RFC 9068 §4 and RFC 8725: which JWT is an access token of ours", () => {
  test("the one that was issued is, and it says by whom and of what kind", async () => {
    expect(JSON.parse(Buffer.from(header, "base64url").toString())).toEqual({
      alg: "ES256",
      typ: "at+jwt",
      kid,
    });
    expect(await recognizeToken(genuine, services)).toEqual({ kind: "access", claims });
    expect(claims).toMatchObject({ iss: ISSUER, client_id: "c", scope: "api1" });
    expect(await isKnown(await signedBy(privateKey, {}))).toBe(true);
  });

  test("attack 39: a cut, padded or altered one is not", async () => {
    for (let at = 0; at < genuine.length; at++) {
      expect(await isKnown(genuine.slice(0, at))).toBe(false);
      const other = genuine[at] === "A" ? "B" : "A";
      expect(await isKnown(genuine.slice(0, at) + other + genuine.slice(at + 1))).toBe(false);
    }
    for (const tail of ["A", "=", ".", ".A", " ", "\n", "\0", genuine, `.${genuine}`]) {
      expect(await isKnown(genuine + tail)).toBe(false);
      expect(await isKnown(tail + genuine)).toBe(false);
    }
  });

  test("a signature whose spare bits differ is another text, which nobody issued", async () => {
    const bytes = Buffer.from(signature, "base64url");
    const twins = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"]
      .map((last) => signature.slice(0, -1) + last)
      .filter((text) => text !== signature && Buffer.from(text, "base64url").equals(bytes));
    expect(twins.length).toBeGreaterThan(0);
    for (const twin of twins) expect(await isKnown(`${header}.${payload}.${twin}`)).toBe(false);
  });

  test.each([
    ["none", ""],
    ["None", ""],
    ["none", signature],
  ])("attack 27: alg %s with the signature %p is no signature", async (alg, tail) => {
    expect(await isKnown(`${unsigned({ alg, typ: "at+jwt", kid })}.${tail}`)).toBe(false);
  });

  test("attack 27: an HMAC by our public key is no signature", async () => {
    const { keys } = await services.keys.publicJwks();
    const jwk = keys.find((key) => key.kid === kid) ?? {};
    const spki = await exportSPKI((await importJWK(jwk, "ES256")) as CryptoKey);
    const secrets = [spki, spki.trim(), JSON.stringify(jwk), Buffer.from(jwk.x ?? "", "base64url")];
    for (const alg of ["HS256", "HS384", "HS512"]) {
      const text = unsigned({ alg, typ: "at+jwt", kid });
      for (const secret of secrets) {
        const mac = createHmac(`sha${alg.slice(2)}`, secret)
          .update(text)
          .digest("base64url");
        expect(await isKnown(`${text}.${mac}`)).toBe(false);
      }
    }
  });

  test("attack 28: a key in the header, or a kid that is no kid, brings no key", async () => {
    const own = await generateKeyPair("ES256", { extractable: true });
    const jwk = { ...(await crypto.subtle.exportKey("jwk", own.publicKey)), alg: "ES256" };
    const heads = [
      {},
      { jwk },
      { jku: "http://127.0.0.1:9/jwks", x5u: "http://127.0.0.1:9/x5u" },
      { x5c: ["MIIB"] },
      ...[
        "",
        "x",
        "../../../../dev/null",
        "' OR 1=1 --",
        `${kid} `,
        "__proto__",
        "constructor",
      ].map((text) => ({ kid: text })),
    ];
    for (const head of heads) {
      expect(await isKnown(await signedBy(own.privateKey, head as object))).toBe(false);
    }
    for (const strange of [undefined, null, 1, [kid], { kid }]) {
      const head = { alg: "ES256", typ: "at+jwt", kid: strange };
      expect(await isKnown(`${unsigned(head)}.${signature}`)).toBe(false);
    }
  });

  test("our own key under another algorithm, type or issuer makes no token", async () => {
    const { privateKey: rsa, kid: rsaKid } = await services.keys.current("RS256");
    expect(await isKnown(await signedBy(rsa, { alg: "RS256", kid }))).toBe(false);
    expect(await isKnown(await signedBy(rsa, { alg: "RS256", kid: rsaKid, typ: "JWT" }))).toBe(
      false,
    );
    for (const typ of ["JWT", "audit-checkpoint+jwt", "at+jwt ", ""]) {
      expect(await isKnown(await signedBy(privateKey, { typ })), typ).toBe(false);
    }
    const elsewhere = await testServer({
      url: server.url,
      secret: server.secret,
      issuer: "https://other.example",
    });
    expect(await recognizeToken(genuine, elsewhere.services)).toBeUndefined();
  });

  test("attack 29: a critical header that nobody here understands is refused", async () => {
    const critical = { crit: ["tessera"], tessera: 1 };
    expect(await isKnown(await signedBy(privateKey, critical))).toBe(false);
    expect(await isKnown(await signedBy(privateKey, { tessera: 1 }))).toBe(true);
  });

  test("five parts, JSON serialization and other shapes are no token", async () => {
    const json = JSON.stringify({ protected: header, payload, signature });
    const shapes = [`${genuine}.a.b`, json, `${header}..${signature}`, `.${payload}.`, "..", "{}"];
    for (const shape of shapes) expect(await isKnown(shape)).toBe(false);
    const notObjects = [`${encode([])}.e.e`, `${encode(null)}.e.e`, `${encode("x")}.e.e`];
    for (const shape of notObjects) expect(await isKnown(shape)).toBe(false);
    expect(await isKnown("a".repeat(20_000))).toBe(false);
  });

  test("kinds are told apart: a code is no token, whoever shows it", async () => {
    const code = services.secret.mintOpaque("code", services.now());
    expect(await isKnown(code.text)).toBe(false);
  });
});
