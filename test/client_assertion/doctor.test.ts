/** What the operator is told of a refused assertion, and what nobody is told. */
import { describe, expect, test } from "bun:test";
import { deriveKey } from "../../src/services/assertion_decryption.ts";
import { bodyOf, onEachDatabase } from "../endpoints/token_fixture.ts";
import { admin } from "../support/admin.ts";
import {
  ask,
  claimsOf,
  encrypted,
  hmacBy,
  lastDiagnosis,
  newClientKey,
  SHARED,
  signedBy,
} from "../support/assertions.ts";
import { DATABASES } from "../support/databases.ts";
import { ISSUER, type TestServer, testServer } from "../support/server.ts";

const [key, second] = [await newClientKey("ES256"), await newClientKey("ES256", "second")];
const app = { grant_types: ["client_credentials"], scope: "api1" };
const shared = { ...app, client_secret: SHARED, token_endpoint_auth_method: "client_secret_jwt" };

const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database });
  await server.addClient({
    ...app,
    client_id: "keyed",
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_signing_alg: "ES256",
    jwks: { keys: [key.jwk, second.jwk] },
  });
  await server.addClient({ ...shared, client_id: "shared" });
  return server;
});

type Make = (server: TestServer) => Promise<string>;
const keyed =
  (claims: Record<string, unknown>, header: Record<string, unknown> = {}): Make =>
  (server) =>
    signedBy(key, claimsOf(server, "keyed", claims), header);
/** The same with a time claim that many seconds ahead. */
const timed =
  (claim: string, ahead: number): Make =>
  (server) =>
    keyed({ [claim]: server.services.now() + ahead })(server);
const wrapped =
  (alg: string, secret = SHARED): Make =>
  async (server) =>
    encrypted(await hmacBy(SHARED, claimsOf(server, "shared")), deriveKey(secret, 256), {
      alg,
      enc: "A256GCM",
    });

const ROWS: readonly (readonly [string, Make, string, string])[] = [
  [
    "keyed",
    keyed({ aud: "https://other.example" }),
    "aud",
    `aud: "https://other.example" is not "${ISSUER}"`,
  ],
  ["keyed", timed("exp", -341), "exp", "exp: 341 s past"],
  ["keyed", timed("exp", 901), "exp", "exp: 901 s ahead, and 300 s is the most"],
  ["keyed", keyed({ exp: undefined }), "exp", "exp: nothing is not a time"],
  ["keyed", timed("nbf", 42), "nbf", "nbf: 42 s ahead"],
  ["keyed", keyed({ jti: "x".repeat(300) }), "jti", "jti: 300 bytes, and 256 is the most"],
  ["keyed", keyed({ sub: "me" }), "sub", 'sub: "me" is not the client\'s id'],
  ["keyed", keyed({}, { kid: "x" }), "kid", 'kid "x" is no key for ES256 among 2 registered keys'],
  [
    "keyed",
    (server) => hmacBy(SHARED, claimsOf(server, "keyed")),
    "alg",
    'alg "HS256", registered ES256',
  ],
  [
    "keyed",
    async (server) => `${(await keyed({})(server)).slice(0, -4)}AAAA`,
    "signature",
    "1 keys for ES256 do not verify the signature",
  ],
  ["shared", wrapped("A256KW", "another"), "decryption", "JWE: no key decrypts it"],
  [
    "shared",
    (server) => hmacBy("y".repeat(64), claimsOf(server, "shared"), "HS512"),
    "signature",
    "no live secret of the client made the HS512 signature",
  ],
];

describe.each(DATABASES)("the assertion doctor on %s", (database) => {
  const server = servers[database];

  test.each(ROWS)("of %s: %#", async (id, make, check, reason) => {
    server.advance(61); // so that no row counts for another
    const body = await bodyOf(await ask(server, await make(server), { client_id: id }), 400);
    expect(await lastDiagnosis(server)).toMatchObject({ check, reason });
    // The caller hears the catalogue's words and nothing of the reason.
    expect(JSON.stringify(body)).not.toContain(reason.slice(reason.indexOf(":") + 1));
    const { out } = await admin(server, ["audit", "list", "--limit", "20"]);
    const [line = "{}"] = out.filter((each) => each.includes(`"check":"${check}"`));
    expect(JSON.parse(line)).toMatchObject({ event: "request.refused", client_id: id });
  });

  test("a replay is told as one", async () => {
    const assertion = await keyed({})(server);
    await ask(server, assertion);
    await ask(server, assertion);
    expect(await lastDiagnosis(server)).toMatchObject({
      code: "assertion_replayed",
      check: "jti",
    });
  });

  test("no secret, no token and no key reaches the audit log or the caller", async () => {
    const good = await keyed({ aud: "x" })(server);
    const jwe = await wrapped("A256KW", "another")(server);
    const { text: ticket } = server.services.secret.mintOpaque("ticket", server.services.now());
    const { payload = "", signature = "" } =
      /^[^.]+\.(?<payload>[^.]+)\.(?<signature>.+)$/.exec(good)?.groups ?? {};
    const answers = [
      await ask(server, good),
      await ask(server, jwe, { client_id: "shared" }),
      await ask(server, await keyed({}, { kid: good })(server)),
      await ask(server, await keyed({ aud: good })(server)),
      await ask(server, await keyed({ jti: [good] })(server)),
      await ask(server, await keyed({ sub: ticket })(server)),
      await ask(server, await hmacBy(SHARED, claimsOf(server, "shared", { aud: SHARED }))),
      await ask(server, await hmacBy(SHARED, claimsOf(server, "shared", { sub: [SHARED] }))),
    ];
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(400));
    const rows = await server.services.store.listAuditRows(1_000);
    const said = JSON.stringify([texts, rows, server.log]);
    for (const text of [payload, signature, jwe.slice(-40), SHARED, good.slice(0, 30), ticket]) {
      expect(said.includes(text)).toBe(false);
    }
  });

  test("repeated faults of one check are counted, and another check is another row", async () => {
    const fresh = await testServer({ url: server.url, secret: server.secret });
    const before = (await fresh.services.store.listAuditRows(1_000)).length;
    for (let i = 0; i < 5; i++) {
      await ask(fresh, await keyed({}, { kid: `guess-${i}` })(fresh));
      await ask(fresh, await keyed({ jti: "", iat: i })(fresh));
    }
    expect((await fresh.services.store.listAuditRows(1_000)).length).toBe(before + 2);
  });
});
