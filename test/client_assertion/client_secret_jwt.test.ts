import { describe, expect, test } from "bun:test";
import { deriveKey } from "../../src/services/assertion_decryption.ts";
import { expectRefusal, onEachDatabase } from "../endpoints/token_fixture.ts";
import {
  ask,
  claimsOf,
  encrypted,
  hmacBy,
  lastDiagnosis,
  newClientKey,
  part,
  publishedKey,
  rawHmac,
  SHARED,
  signedBy,
} from "../support/assertions.ts";
import { DATABASES } from "../support/databases.ts";
import { START, testServer } from "../support/server.ts";

const es256 = await newClientKey("ES256");
const rs256 = await newClientKey("RS256");
const method = { token_endpoint_auth_method: "client_secret_jwt" } as const;
const app = {
  ...method,
  client_secret: SHARED,
  grant_types: ["client_credentials"],
  scope: "api1",
};
const CONTENT = { "A128CBC-HS256": 256, "A256CBC-HS512": 512, A128GCM: 128, A256GCM: 256 } as const;
const WRAPS = { A128KW: 128, A256KW: 256, A256GCMKW: 256 } as const;

const refused = (text: string) => [400, "invalid_client", text] as const;
const SIGNATURE = refused("the signature is not correct");
const NOT_JWS = refused("the client assertion is not a JWS token");
const NOT_JWE = refused("the client assertion is not a JWE token");
const NOT_DECRYPTED = refused("the jwe token cannot be decrypted");
const NOT_EXTRACTED = refused("the JWS payload cannot be extracted");

const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database });
  await server.addClient({ ...app, client_id: "c" });
  await server.addClient({ ...app, client_id: "keyed", jwks: { keys: [es256.jwk] } });
  for (const alg of ["HS256", "HS384", "HS512"] as const) {
    await server.addClient({ ...app, client_id: alg, token_endpoint_auth_signing_alg: alg });
  }
  await server.addClient({ ...app, client_id: "short", client_secret: "x".repeat(32) });
  await server.addClient({
    ...app,
    client_id: "closed",
    token_endpoint_auth_encryption_alg: "A256KW",
    token_endpoint_auth_encryption_enc: "A256GCM",
  });
  await server.addClient({ ...app, client_id: "ends", client_secret_expires_at: START + 100 });
  return server;
});

describe.each(DATABASES)("OpenID Connect Core §9 client_secret_jwt on %s", (database) => {
  const server = servers[database];

  test.each(["HS256", "HS384", "HS512"])("%s authenticates", async (alg) => {
    for (const id of ["c", alg]) {
      const assertion = await hmacBy(SHARED, claimsOf(server, id), alg);
      expect((await ask(server, assertion)).status).toBe(200);
    }
  });

  test.each(Object.entries(CONTENT))(
    "the seed's JWE by %s and dir, or by each key wrap, authenticates (OpenID Connect Core §10.2)",
    async (enc, bits) => {
      const send = async (alg: string, length: 128 | 256 | 512, id: string) => {
        const claims = claimsOf(server, id);
        const inner = id === "keyed" ? await signedBy(es256, claims) : await hmacBy(SHARED, claims);
        const text = await encrypted(inner, deriveKey(SHARED, length), { alg, enc });
        return (await ask(server, text, { client_id: id })).status;
      };
      for (const id of ["c", "keyed"]) {
        expect(await send("dir", bits, id)).toBe(200);
        for (const [alg, length] of Object.entries(WRAPS)) {
          expect([alg, await send(alg, length, id)]).toEqual([alg, 200]);
        }
      }
    },
  );

  test.each(["RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"])(
    "the seed's JWE by %s to our published key authenticates",
    async (alg) => {
      const { key, kid } = await publishedKey(server, alg);
      const inner = await hmacBy(SHARED, claimsOf(server, "c"), "HS384");
      const text = await encrypted(inner, key, { alg, enc: "A256GCM", kid });
      expect((await ask(server, text, { client_id: "c" })).status).toBe(200);
    },
  );

  test("a secret works until the second in which it expires, then it is message 12", async () => {
    const fresh = await testServer({ url: server.url, secret: server.secret });
    fresh.advance(99);
    const send = async () => ask(fresh, await hmacBy(SHARED, claimsOf(fresh, "ends")));
    expect((await send()).status).toBe(200);
    fresh.advance(1);
    await expectRefusal(await send(), refused("the client ends doesn't have a shared secret"));
    expect(await lastDiagnosis(fresh)).toMatchObject({ check: "secret" });
  });
});

describe("client_secret_jwt refusals", () => {
  const server = servers.sqlite;
  const wrap = (text: string, header: Record<string, unknown> = {}) =>
    encrypted(text, deriveKey(SHARED, 256), { alg: "A256KW", enc: "A256GCM", ...header });
  const asC = { client_id: "c" };

  test("an HMAC needs a secret as long as its hash (§10.1)", async () => {
    const secret = "x".repeat(32);
    expect((await ask(server, await hmacBy(secret, claimsOf(server, "short")))).status).toBe(200);
    for (const alg of ["HS384", "HS512"]) {
      await expectRefusal(
        await ask(server, await hmacBy(secret, claimsOf(server, "short"), alg)),
        SIGNATURE,
      );
    }
    expect(await lastDiagnosis(server)).toMatchObject({ check: "secret" });
  });

  test("attack 27: an HMAC client is heard by no other algorithm, and by the registered HMAC only", async () => {
    await expectRefusal(await ask(server, await signedBy(rs256, claimsOf(server, "c"))), SIGNATURE);
    await expectRefusal(
      await ask(server, await signedBy(es256, claimsOf(server, "keyed"))),
      SIGNATURE,
    );
    const other = await hmacBy(SHARED, claimsOf(server, "HS256"), "HS512");
    await expectRefusal(await ask(server, other), SIGNATURE);
    const none = `${part({ alg: "none" })}.${part(claimsOf(server, "c"))}.`;
    await expectRefusal(await ask(server, none), NOT_JWS);
  });

  test("a wrong secret is refused: in the open by its own words, inside a JWE by message 16", async () => {
    const wrong = "y".repeat(64);
    await expectRefusal(await ask(server, await hmacBy(wrong, claimsOf(server, "c"))), SIGNATURE);
    const inner = await hmacBy(wrong, claimsOf(server, "c"));
    await expectRefusal(await ask(server, await wrap(inner), asC), NOT_EXTRACTED);
    const stranger = await signedBy(await newClientKey("ES256"), claimsOf(server, "keyed"));
    await expectRefusal(
      await ask(server, await wrap(stranger), { client_id: "keyed" }),
      NOT_EXTRACTED,
    );
    // Keys are of no use to a client that registered none.
    const keyed = await signedBy(es256, claimsOf(server, "c"));
    await expectRefusal(await ask(server, await wrap(keyed), asC), NOT_EXTRACTED);
  });

  test("attack 30: a JWE proves nothing without a signature inside", async () => {
    const claims = claimsOf(server, "c");
    for (const inner of [
      `${part({ alg: "none" })}.${part(claims)}.`,
      JSON.stringify(claims),
      await wrap(await hmacBy(SHARED, claims)),
      "",
    ]) {
      await expectRefusal(await ask(server, await wrap(inner), asC), NOT_JWS);
      const ours = await publishedKey(server, "RSA-OAEP-256");
      const header = { alg: "RSA-OAEP-256", enc: "A256GCM" };
      const outer = await encrypted(inner, ours.key, header);
      await expectRefusal(await ask(server, outer, asC), NOT_JWS);
    }
  });

  test("attack 30: a JWE without client_id names nobody, whatever is inside", async () => {
    const text = await wrap(await hmacBy(SHARED, claimsOf(server, "c")));
    await expectRefusal(await ask(server, text), refused("the client doesn't exist"));
  });

  test("messages 13 and 14: registered encryption binds", async () => {
    const inner = await hmacBy(SHARED, claimsOf(server, "closed"));
    const asClosed = { client_id: "closed" };
    await expectRefusal(await ask(server, inner), NOT_JWE);
    await expectRefusal(
      await ask(server, await wrap(inner, { enc: "A128GCM" }), asClosed),
      NOT_DECRYPTED,
    );
    const direct = await encrypted(inner, deriveKey(SHARED, 256), { alg: "dir", enc: "A256GCM" });
    await expectRefusal(await ask(server, direct, asClosed), NOT_DECRYPTED);
    expect((await ask(server, await wrap(inner), asClosed)).status).toBe(200);
    for (const text of ["x", "a.b", "a.b.c.d", "a.b.c.d.e.f"]) {
      await expectRefusal(await ask(server, text, asC), NOT_JWE);
    }
  });

  test("a hashed secret without its sealed text is message 12", async () => {
    await server.addClient({
      ...app,
      client_id: "hashed",
      token_endpoint_auth_method: "client_secret_basic",
    });
    await server.addClient({ ...app, client_id: "later" });
    const { store } = server.services;
    const known = await store.findClient("hashed");
    if (!known) throw new TypeError("hashed");
    const { secrets: _, ...row } = { ...known, metadata: { ...known.metadata, ...method } };
    const { id, origin, createdAt, notBefore, metadata } = row;
    await store.writeParties({
      clients: [
        {
          row: { id, origin, createdAt, notBefore, metadata, updatedAt: known.updatedAt + 1 },
          seenAt: known.updatedAt,
          secrets: undefined,
        },
      ],
      users: [],
    });
    await expectRefusal(
      await ask(server, await hmacBy(SHARED, claimsOf(server, "hashed"))),
      refused("the client hashed doesn't have a shared secret"),
    );
  });

  test("message 15 and 16: a header or a payload that is none", async () => {
    await expectRefusal(
      await ask(server, rawHmac(SHARED, { alg: "HS256" }, "text"), asC),
      NOT_EXTRACTED,
    );
    await expectRefusal(await ask(server, `${part("[]")}.${part({ iss: "c" })}.AAAA`), NOT_JWS);
  });
});
