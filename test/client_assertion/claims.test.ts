import { describe, expect, test } from "bun:test";
import { JTI_BYTES_MAX, SKEW_SECONDS } from "../../src/protocol/client_assertion.ts";
import { expectRefusal, onEachDatabase, sql, stateOf } from "../endpoints/token_fixture.ts";
import { ask, claimsOf, lastDiagnosis, newClientKey, signedBy } from "../support/assertions.ts";
import { DATABASES } from "../support/databases.ts";
import { ISSUER, testServer } from "../support/server.ts";

const key = await newClientKey("ES256");
const app = {
  token_endpoint_auth_method: "private_key_jwt",
  grant_types: ["client_credentials"],
  scope: "api1",
  jwks: { keys: [key.jwk] },
};

const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database });
  await server.addClient({ ...app, client_id: "c" });
  await server.addClient({ ...app, client_id: "other" });
  await server.addClient({
    ...app,
    client_id: "older",
    assertion_audience: "token_endpoint",
  });
  return server;
});

const refused = (text: string) => [400, "invalid_client", text] as const;
const CLIENT = refused("the client id passed in JWT is not correct");
const AUDIENCE = refused("the audience passed in JWT is not correct");
const EXPIRED = refused("the received JWT has expired");
const incorrect = (claim: string) =>
  refused(`the claim ${claim} of the client assertion is missing or not acceptable`);
const REPLAYED = refused("the client assertion has been used before");

type Changes = Readonly<Record<string, unknown>>;

describe("RFC 7523 §3 claims", () => {
  const server = servers.sqlite;
  const now = server.services.now();
  const send = async (changes: Changes, id = "c") =>
    ask(server, await signedBy(key, claimsOf(server, id, changes)), { client_id: id });

  test.each([
    ["attack 26: sub of another client", { sub: "other" }, CLIENT, "sub"],
    ["attack 26: no sub", { sub: undefined }, CLIENT, "sub"],
    ["attack 26: no iss", { iss: undefined }, CLIENT, "iss"],
    ["attack 26: iss that is no text", { iss: ["c"] }, CLIENT, "iss"],
    ["attack 23: another server's aud", { aud: "https://other.example" }, AUDIENCE, "aud"],
    ["attack 23: ours among others", { aud: [ISSUER, "https://other.example"] }, AUDIENCE, "aud"],
    ["attack 23: ours twice", { aud: [ISSUER, ISSUER] }, AUDIENCE, "aud"],
    ["attack 23: the token endpoint", { aud: `${ISSUER}/token` }, AUDIENCE, "aud"],
    ["attack 23: no aud", { aud: undefined }, AUDIENCE, "aud"],
    ["attack 23: an empty list", { aud: [] }, AUDIENCE, "aud"],
    ["attack 23: an object", { aud: { 0: ISSUER } }, AUDIENCE, "aud"],
    ["attack 24: ours as a part", { aud: `https://evil.example/?x=${ISSUER}` }, AUDIENCE, "aud"],
    ["attack 24: ours as a beginning", { aud: `${ISSUER}.evil.example` }, AUDIENCE, "aud"],
    ["attack 24: ours with a slash", { aud: `${ISSUER}/` }, AUDIENCE, "aud"],
    ["attack 24: ours in capitals", { aud: ISSUER.toUpperCase() }, AUDIENCE, "aud"],
    ["attack 26: exp past by the skew", { exp: now - SKEW_SECONDS }, EXPIRED, "exp"],
    ["attack 26: exp long past", { exp: now - 341 }, EXPIRED, "exp"],
    ["attack 26: no exp", { exp: undefined }, incorrect("exp"), "exp"],
    ["attack 26: exp as text", { exp: String(now + 60) }, incorrect("exp"), "exp"],
    ["attack 26: exp before 1970", { exp: -1 }, incorrect("exp"), "exp"],
    ["attack 26: exp years ahead", { exp: now + 3 * 365 * 86_400 }, incorrect("exp"), "exp"],
    ["attack 26: exp past all numbers", { exp: 1e300 }, incorrect("exp"), "exp"],
    ["attack 26: exp a second too far", { exp: now + 311 }, incorrect("exp"), "exp"],
    ["attack 86: nbf 11 s ahead", { nbf: now + 11 }, incorrect("nbf"), "nbf"],
    ["attack 86: iat 61 s ahead", { iat: now + 61, exp: now + 120 }, incorrect("iat"), "iat"],
    ["attack 86: iat that is no time", { iat: "now" }, incorrect("iat"), "iat"],
    ["attack 26: no jti", { jti: undefined }, incorrect("jti"), "jti"],
    ["attack 26: an empty jti", { jti: "" }, incorrect("jti"), "jti"],
    ["attack 26: a jti that is a number", { jti: 7 }, incorrect("jti"), "jti"],
    ["attack 26: a jti of 257 bytes", { jti: `${"é".repeat(128)}x` }, incorrect("jti"), "jti"],
  ] as const)("%s is refused", async (_name, changes, refusal, check) => {
    const before = await stateOf(server.url);
    await expectRefusal(await send(changes), refusal);
    expect(await stateOf(server.url)).toBe(before);
    expect((await lastDiagnosis(server))?.check).toBe(check);
  });

  test.each([
    ["aud alone in a list", { aud: [ISSUER] }],
    ["exp five minutes ahead, and a slow clock's ten seconds more", { exp: now + 310 }],
    ["attack 86: exp 9 s past", { exp: now - 9 }],
    ["attack 86: nbf and iat 10 s ahead", { nbf: now + 10, iat: now + 10 }],
    ["exp that is no whole number", { exp: now + 30.5 }],
    ["no iat and no nbf", { iat: undefined, nbf: undefined }],
    ["a jti of 256 bytes", { jti: "é".repeat(JTI_BYTES_MAX / 2) }],
    ["a jti with a NUL", { jti: "a\0b" }],
    ["further claims", { scope: "x", nested: { aud: "x" } }],
  ])("%s is accepted", async (_name, changes) => {
    expect((await send(changes)).status).toBe(200);
  });

  test("a client registered for it may name the token endpoint, and nothing else", async () => {
    for (const aud of [ISSUER, `${ISSUER}/token`, [`${ISSUER}/token`]]) {
      expect((await send({ aud }, "older")).status).toBe(200);
    }
    for (const aud of [`${ISSUER}/par`, `${ISSUER}/token/`, [ISSUER, `${ISSUER}/token`]]) {
      await expectRefusal(await send({ aud }, "older"), AUDIENCE);
    }
  });

  test("the setting moves the bound of exp", async () => {
    const { url, secret } = server;
    const settings = { assertionLifetimeSeconds: 30 };
    const strict = await testServer({ url, secret, settings });
    const at = (exp: number) => signedBy(key, claimsOf(strict, "c", { exp }));
    await expectRefusal(await ask(strict, await at(now + 41)), incorrect("exp"));
    expect((await ask(strict, await at(now + 40))).status).toBe(200);
  });

  test("iss names the client of a JWS: an unknown one, or one with a NUL, does not exist", async () => {
    for (const iss of ["nobody", "c\0", "C"]) {
      const assertion = await signedBy(key, claimsOf(server, iss));
      await expectRefusal(await ask(server, assertion), refused("the client doesn't exist"));
    }
  });
});

describe.each(DATABASES)("RFC 7523 §3 a jti works once on %s", (database) => {
  const server = servers[database];

  test("attack 25: in sequence, and again after a restart, it is refused until it is dead", async () => {
    const again = await testServer({ url: server.url, secret: server.secret });
    const assertion = await signedBy(
      key,
      claimsOf(server, "c", { exp: server.services.now() + 60 }),
    );
    expect((await ask(server, assertion)).status).toBe(200);
    await expectRefusal(await ask(server, assertion), REPLAYED);
    await expectRefusal(await ask(again, assertion), REPLAYED);
    for (const seconds of [60, SKEW_SECONDS - 1]) {
      again.advance(seconds);
      await again.services.store.sweepExpired(again.services.now());
      await expectRefusal(await ask(again, assertion), REPLAYED);
    }
    again.advance(1);
    await expectRefusal(await ask(again, assertion), EXPIRED);
    const held = () => sql(server.url, "SELECT id FROM records WHERE id LIKE 'client_assertion:%'");
    expect((await held()).length).toBeGreaterThan(0);
    again.advance(86_400);
    await again.services.store.sweepExpired(again.services.now());
    expect(await held()).toEqual([]);
  });

  test("attack 25: an instance whose clock is ahead by the skew sweeps no jti that another takes", async () => {
    const ahead = await testServer({ url: server.url, secret: server.secret });
    const behind = await testServer({ url: server.url, secret: server.secret });
    const assertion = await signedBy(key, claimsOf(behind, "c"));
    expect((await ask(behind, assertion)).status).toBe(200);
    behind.advance(60 + SKEW_SECONDS - 1);
    ahead.advance(60 + 2 * SKEW_SECONDS - 1);
    await ahead.services.store.sweepExpired(ahead.services.now());
    await expectRefusal(await ask(behind, assertion), REPLAYED);
    await ahead.close();
    await behind.close();
  });

  test("attack 25: the same jti of another client, and another jti, are others", async () => {
    const jti = "the same";
    for (const [id, name] of [
      ["c", jti] as const,
      ["other", jti] as const,
      ["c", "next"] as const,
    ]) {
      const assertion = await signedBy(key, claimsOf(server, id, { jti: name }));
      expect((await ask(server, assertion)).status).toBe(200);
    }
    const other = await signedBy(key, claimsOf(server, "other", { jti: "next" }));
    expect((await ask(server, other)).status).toBe(200);
    await expectRefusal(
      await ask(server, await signedBy(key, claimsOf(server, "c", { jti }))),
      REPLAYED,
    );
  });

  test("what was refused before it was spent is not spent", async () => {
    const jti = crypto.randomUUID();
    const stranger = await newClientKey("ES256");
    await ask(server, await signedBy(stranger, claimsOf(server, "c", { jti })));
    await ask(
      server,
      await signedBy(key, claimsOf(server, "c", { jti, aud: "https://x.example" })),
    );
    await ask(server, await signedBy(key, claimsOf(server, "c", { jti, exp: 1 })));
    expect((await ask(server, await signedBy(key, claimsOf(server, "c", { jti })))).status).toBe(
      200,
    );
  });

  test("attack 25: of fifty at once on two instances one is taken", async () => {
    const second = await testServer({ url: server.url, secret: server.secret });
    const assertion = await signedBy(key, claimsOf(server, "c"));
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => ask(index % 2 ? server : second, assertion)),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 400)).toHaveLength(49);
  });
});
