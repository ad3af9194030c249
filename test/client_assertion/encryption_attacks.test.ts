import { describe, expect, test } from "bun:test";
import { deflateRawSync } from "node:zlib";
import { CompactEncrypt, EncryptJWT } from "jose";
import { deriveKey } from "../../src/services/assertion_decryption.ts";
import { bodyOf, expectRefusal } from "../endpoints/token_fixture.ts";
import {
  ask,
  claimsOf,
  encrypted,
  hmacBy,
  lastDiagnosis,
  part,
  publishedKey,
  SHARED,
} from "../support/assertions.ts";
import { testServer } from "../support/server.ts";

const NOT_DECRYPTED = [400, "invalid_client", "the jwe token cannot be decrypted"] as const;

const server = await testServer();
await server.addClient({
  client_id: "c",
  client_secret: SHARED,
  token_endpoint_auth_method: "client_secret_jwt",
  grant_types: ["client_credentials"],
  scope: "api1",
});
const send = (assertion: string) => ask(server, assertion, { client_id: "c" });

/** A JWE whose header was exchanged for another; its tag no longer holds. */
function withHeader(jwe: string, header: object): string {
  return [part(header), ...jwe.split(".").slice(1)].join(".");
}

describe("encrypted assertions under attack", () => {
  test("attack 31: zip is refused before anything is inflated", async () => {
    const bomb = deflateRawSync(Buffer.alloc(8_000_000, 0x61));
    const header = { alg: "dir", enc: "A256GCM", zip: "DEF" };
    const inner = await hmacBy(SHARED, claimsOf(server, "c"));
    const key = deriveKey(SHARED, 256);
    const honest = await new CompactEncrypt(new TextEncoder().encode(inner))
      .setProtectedHeader(header)
      .encrypt(key);
    const plain = await encrypted(bomb.toString("base64url").slice(0, 6_000), key, {
      alg: "dir",
      enc: "A256GCM",
    });
    const before = process.memoryUsage().rss;
    for (const text of [honest, withHeader(plain, header)]) {
      await expectRefusal(await send(text), NOT_DECRYPTED);
      expect(await lastDiagnosis(server)).toMatchObject({
        check: "header",
        reason: "JWE: zip is not accepted",
      });
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(64_000_000);
  });

  test("attack 31: an assertion longer than 16 KiB is malformed, and not read", async () => {
    const long = `${"a".repeat(16_384)}.b.c`;
    const body = await bodyOf(await send(long), 400);
    expect([body.error, body.detail]).toEqual(["invalid_request", "client_assertion"]);
  });

  test("attack 32: PBES2 with 2^31 rounds is refused at once", async () => {
    const inner = await hmacBy(SHARED, claimsOf(server, "c"));
    const jwe = await new EncryptJWT({ inner })
      .setProtectedHeader({ alg: "PBES2-HS256+A128KW", enc: "A128CBC-HS256", p2c: 1000 })
      .encrypt(new TextEncoder().encode(SHARED));
    for (const p2c of [1000, 2 ** 31, 2 ** 53]) {
      const header = { alg: "PBES2-HS256+A128KW", enc: "A128CBC-HS256", p2c, p2s: "AAAAAAAAAAA" };
      const began = performance.now();
      await expectRefusal(await send(withHeader(jwe, header)), NOT_DECRYPTED);
      expect(performance.now() - began).toBeLessThan(1_000);
    }
    await expectRefusal(await send(jwe), NOT_DECRYPTED);
    expect(await lastDiagnosis(server)).toMatchObject({ check: "encryption" });
  });

  test.each([
    ["RSA1_5", "A128CBC-HS256"],
    ["RSA-OAEP", "A128CBC-HS256"],
    ["A192KW", "A256GCM"],
    ["A128GCMKW", "A256GCM"],
    ["none", "A256GCM"],
    ["A256KW", "A192GCM"],
    ["A256KW", "none"],
  ])("attack 33: alg %s with enc %s is not accepted", async (alg, enc) => {
    const inner = await hmacBy(SHARED, claimsOf(server, "c"));
    const jwe = await encrypted(inner, deriveKey(SHARED, 256), { alg: "A256KW", enc: "A256GCM" });
    await expectRefusal(await send(withHeader(jwe, { alg, enc })), NOT_DECRYPTED);
    expect((await lastDiagnosis(server))?.check).toBe("encryption");
  });

  test("attack 33: bad padding, a bad tag and a key that is not there answer alike", async () => {
    const { key, kid } = await publishedKey(server, "RSA-OAEP-256");
    const inner = await hmacBy(SHARED, claimsOf(server, "c"));
    const header = { alg: "RSA-OAEP-256", enc: "A128CBC-HS256", kid };
    const jwe = await encrypted(inner, key, header);
    const parts = jwe.split(".");
    const flipped = (index: number) => {
      const bytes = Buffer.from(parts[index] ?? "", "base64url");
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      return parts.map((one, at) => (at === index ? bytes.toString("base64url") : one)).join(".");
    };
    const empty = parts.map((one, at) => (at === 1 ? "" : one)).join(".");
    const bodies: unknown[] = [];
    for (const text of [flipped(1), flipped(2), flipped(3), flipped(4), empty]) {
      const body = await bodyOf(await send(text), 400);
      bodies.push(body);
    }
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    const unknown = await encrypted(inner, key, { ...header, kid: "other" });
    expect(await bodyOf(await send(unknown), 400)).toEqual(bodies[0] as never);
    expect((await send(jwe)).status).toBe(200);
  });

  test("attack 33: a point off the curve is refused", async () => {
    const { key, kid } = await publishedKey(server, "ECDH-ES");
    const inner = await hmacBy(SHARED, claimsOf(server, "c"));
    const jwe = await encrypted(inner, key, { alg: "ECDH-ES+A256KW", enc: "A256GCM", kid });
    const header = JSON.parse(Buffer.from(jwe.split(".")[0] ?? "", "base64url").toString());
    const zero = "A".repeat(43);
    const points = [
      { ...header.epk, x: zero },
      { ...header.epk, x: zero, y: zero },
      { kty: "EC", crv: "P-256", x: "AQ", y: "AQ" },
      { kty: "EC", crv: "secp256k1", x: zero, y: zero },
      { kty: "OKP", crv: "X25519", x: zero },
      {},
      "epk",
    ];
    for (const epk of points) {
      await expectRefusal(await send(withHeader(jwe, { ...header, epk })), NOT_DECRYPTED);
    }
    expect((await send(jwe)).status).toBe(200);
  });

  test("other letters than base64url in a JWE are refused (RFC 7516 §5.2)", async () => {
    const inner = await hmacBy(SHARED, claimsOf(server, "c"));
    const jwe = await encrypted(inner, deriveKey(SHARED, 256), { alg: "dir", enc: "A256GCM" });
    for (const more of [" ", "=", "  ", "é"])
      await expectRefusal(await send(jwe + more), NOT_DECRYPTED);
    expect((await send(jwe)).status).toBe(200);
  });

  test("attack 29: crit in a JWE is refused", async () => {
    const inner = await hmacBy(SHARED, claimsOf(server, "c"));
    const jwe = await encrypted(inner, deriveKey(SHARED, 256), { alg: "dir", enc: "A256GCM" });
    const header = { alg: "dir", enc: "A256GCM", crit: ["exp"], exp: 1 };
    await expectRefusal(await send(withHeader(jwe, header)), NOT_DECRYPTED);
  });

  test("the hash of the secret's UTF-8, cut from the left, is the key (OpenID Connect Core §10.2)", () => {
    // printf 'pässwörd' | sha256sum, and sha512sum
    expect(Buffer.from(deriveKey("p\u00e4ssw\u00f6rd", 256)).toString("hex")).toBe(
      new Bun.CryptoHasher("sha256").update("p\u00e4ssw\u00f6rd").digest("hex"),
    );
    expect(Buffer.from(deriveKey("s", 128)).toString("hex")).toBe(
      "043a718774c572bd8a25adbeb1bfcd5c",
    );
    expect(deriveKey("s", 512)).toHaveLength(64);
  });
});
