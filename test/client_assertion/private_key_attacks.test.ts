import { describe, expect, test } from "bun:test";
import { createPublicKey, KeyObject } from "node:crypto";
import { expectRefusal } from "../endpoints/token_fixture.ts";
import {
  ask,
  claimsOf,
  encrypted,
  hmacBy,
  lastDiagnosis,
  newClientKey,
  part,
  publishedKey,
  rawEcdsa,
  rawHmac,
  rawRsa,
  signedBy,
} from "../support/assertions.ts";
import { ALGORITHMS, es256, keyFor, openKeyed, rs256, weak } from "./private_key_fixture.ts";

const SIGNATURE = [400, "invalid_client", "the signature is not correct"] as const;
const NOT_JWS = [400, "invalid_client", "the client assertion is not a JWS token"] as const;
const NOT_JWE = [400, "invalid_client", "the client assertion is not a JWE token"] as const;
const NOT_DECRYPTED = [400, "invalid_client", "the jwe token cannot be decrypted"] as const;
const NOT_EXTRACTED = [400, "invalid_client", "the JWS payload cannot be extracted"] as const;

const server = await openKeyed("sqlite");

describe("private_key_jwt refusals", () => {
  test("attack 27: an algorithm other than the registered one is refused, in a matrix of 14", async () => {
    for (const registered of ALGORITHMS) {
      const id = `only-${registered}`;
      for (const alg of ALGORITHMS) {
        const status = (await ask(server, await signedBy(keyFor(alg), claimsOf(server, id))))
          .status;
        expect([registered, alg, status]).toEqual([
          registered,
          alg,
          alg === registered ? 200 : 400,
        ]);
      }
      for (const alg of ["HS256", "HS384", "HS512"]) {
        const confused = await hmacBy(
          JSON.stringify(keyFor(registered).jwk),
          claimsOf(server, id),
          alg,
        );
        await expectRefusal(await ask(server, confused), SIGNATURE);
      }
    }
    expect(await lastDiagnosis(server)).toMatchObject({
      code: "assertion_signature_incorrect",
      check: "alg",
    });
  });

  test("attack 27: an HMAC under the public key, in PEM, DER or JWK, is refused", async () => {
    const registered = createPublicKey({ key: rs256.jwk, format: "jwk" });
    const forms = [
      registered.export({ type: "spki", format: "pem" }),
      registered.export({ type: "spki", format: "der" }),
      JSON.stringify(rs256.jwk),
    ];
    for (const form of forms) {
      const forged = rawHmac(
        Buffer.from(form),
        { alg: "HS256", kid: rs256.jwk.kid },
        claimsOf(server, "rs"),
      );
      await expectRefusal(await ask(server, forged), SIGNATURE);
    }
  });

  test("attack 27: alg none in every spelling, and a signature that was cut off, are message 15", async () => {
    const payload = part(claimsOf(server, "es"));
    await expectRefusal(await ask(server, `${part({ alg: "none" })}.${payload}.`), NOT_JWS);
    await expectRefusal(await ask(server, `${part({ alg: "none" })}.${payload}.AAAA`), NOT_JWS);
    await expectRefusal(await ask(server, `${part({ alg: "ES256" })}.${payload}.`), NOT_JWS);
    for (const alg of ["None", "NONE", "nOnE", "", null, ["none"]]) {
      await expectRefusal(await ask(server, `${part({ alg })}.${payload}.AAAA`), SIGNATURE);
    }
  });

  test("attack 28: keys and addresses in the header are not looked at, no request goes out", async () => {
    const visits: string[] = [];
    const host = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request) {
        visits.push(request.url);
        return Response.json({ keys: [] });
      },
    });
    const own = await newClientKey("ES256", "mine");
    const privateKey = KeyObject.from(own.privateKey);
    for (const header of [
      { jwk: own.jwk },
      { jku: `${host.url}jwks` },
      { x5u: `${host.url}x5u` },
      { x5c: ["MIIB"] },
      { jwk: own.jwk, kid: es256.jwk.kid },
      { jku: `${host.url}jwks`, kid: "mine" },
    ]) {
      const forged = rawEcdsa(privateKey, { alg: "ES256", ...header }, claimsOf(server, "es"));
      await expectRefusal(await ask(server, forged), SIGNATURE);
    }
    const good = { alg: "ES256", kid: es256.jwk.kid, jku: `${host.url}jwks`, jwk: own.jwk };
    const honest = rawEcdsa(KeyObject.from(es256.privateKey), good, claimsOf(server, "es"));
    expect((await ask(server, honest)).status).toBe(200);
    expect(visits).toEqual([]);
    await host.stop(true);
  });

  test.each(["../../../etc/passwd", "' OR '1'='1", "\0", "ES256-1 ", "es256-1", "x".repeat(5_000)])(
    "attack 28: the unknown kid %p is refused, and the audit log has it short",
    async (kid) => {
      const assertion = await signedBy(es256, claimsOf(server, "es"), { kid });
      await expectRefusal(await ask(server, assertion), SIGNATURE);
      const { reason = "", check } = (await lastDiagnosis(server)) ?? {};
      expect(check).toBe("kid");
      expect(reason).toContain("among 1 registered keys");
      expect(reason.length).toBeLessThan(250);
    },
  );

  test("a kid that is no text, and a signature in other letters than base64url, are refused (RFC 7515 §2)", async () => {
    for (const kid of [{}, [es256.jwk.kid], 1, null, true]) {
      const header = { alg: "ES256", kid };
      const privateKey = KeyObject.from(es256.privateKey);
      const assertion = rawEcdsa(privateKey, header, claimsOf(server, "es"));
      await expectRefusal(await ask(server, assertion), SIGNATURE);
      expect((await lastDiagnosis(server))?.check).toBe("kid");
    }
    const good = await signedBy(es256, claimsOf(server, "es"));
    for (const more of [" ", "=", "==", "  A", "+", "é"]) {
      await expectRefusal(await ask(server, good + more), SIGNATURE);
    }
    expect((await ask(server, good)).status).toBe(200);
  });

  test.each([
    ["an unknown crit", { crit: ["http://example/x"], "http://example/x": true }],
    ["an empty crit", { crit: [] }],
    ["b64:false with its crit", { crit: ["b64"], b64: false }],
    ["b64:false without", { b64: false }],
    ["b64:true", { b64: true }],
  ])("attack 29: %s is refused", async (_name, header) => {
    const key = KeyObject.from(es256.privateKey);
    const assertion = rawEcdsa(
      key,
      { alg: "ES256", kid: es256.jwk.kid, ...header },
      claimsOf(server, "es"),
    );
    await expectRefusal(await ask(server, assertion), SIGNATURE);
    expect(await lastDiagnosis(server)).toMatchObject({ check: "header" });
  });

  test("attack 30: a JWE around anything but a signed JWS is refused", async () => {
    const { key } = await publishedKey(server, "RSA-OAEP-256");
    const header = { alg: "RSA-OAEP-256", enc: "A256GCM" };
    const claims = claimsOf(server, "es");
    const wrap = (text: string) => encrypted(text, key, header);
    const send = async (text: string) => ask(server, await wrap(text), { client_id: "es" });
    await expectRefusal(await send(`${part({ alg: "none" })}.${part(claims)}.`), NOT_JWS);
    await expectRefusal(await send(JSON.stringify(claims)), NOT_JWS);
    await expectRefusal(await send(await wrap(await signedBy(es256, claims))), NOT_JWS);
    await expectRefusal(await send(""), NOT_JWS);
    const stranger = await newClientKey("ES256", es256.jwk.kid);
    await expectRefusal(await send(await signedBy(stranger, claims)), SIGNATURE);
  });

  test("an RSA key under 2048 bits verifies nothing", async () => {
    const assertion = rawRsa(weak.privateKey, { alg: "RS256" }, claimsOf(server, "weak"));
    await expectRefusal(await ask(server, assertion), SIGNATURE);
    expect(await lastDiagnosis(server)).toMatchObject({ check: "kid" });
  });

  test("a client registered for encryption is heard only when it encrypts (message 13)", async () => {
    const inner = await signedBy(es256, claimsOf(server, "closed"));
    await expectRefusal(await ask(server, inner), NOT_JWE);
    const rsa = await publishedKey(server, "RSA-OAEP-256");
    const good = await encrypted(inner, rsa.key, { alg: "RSA-OAEP-256", enc: "A256GCM" });
    expect((await ask(server, good, { client_id: "closed" })).status).toBe(200);
    const ec = await publishedKey(server, "ECDH-ES");
    const other = await encrypted(inner, ec.key, { alg: "ECDH-ES", enc: "A256GCM" });
    await expectRefusal(await ask(server, other, { client_id: "closed" }), NOT_DECRYPTED);
    expect(await lastDiagnosis(server)).toMatchObject({
      check: "encryption",
      reason: "JWE: alg ECDH-ES, registered RSA-OAEP-256",
    });
  });

  test("what has no three parts, or no payload, has its own message", async () => {
    for (const text of ["x", "a.b", "a.b.c.d", "a.b.c.d.e.f"]) {
      await expectRefusal(await ask(server, text, { client_id: "es" }), NOT_JWS);
    }
    const header = part({ alg: "ES256" });
    for (const payload of [part("text"), part([]), part("null"), "%%", part('"x"')]) {
      const text = `${header}.${payload}.AAAA`;
      await expectRefusal(await ask(server, text, { client_id: "es" }), NOT_EXTRACTED);
    }
    await expectRefusal(await ask(server, `${part("x")}.${part({ iss: "es" })}.AA`), NOT_JWS);
  });

  test("another kind of JWT is no assertion, though the same key signed it", async () => {
    for (const typ of ["dpop+jwt", "at+jwt", "logout+jwt", "application/oauth-authz-req+jwt", 1]) {
      const other = await signedBy(es256, claimsOf(server, "es"), { typ });
      await expectRefusal(await ask(server, other), NOT_JWS);
    }
    for (const typ of ["JWT", "jwt", "client-authentication+jwt"]) {
      const own = await signedBy(es256, claimsOf(server, "es"), { typ });
      expect((await ask(server, own)).status).toBe(200);
    }
  });
});
