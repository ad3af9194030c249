/** Two live secrets of a client, and which of them is still in use (issue 4 line 6). */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { sweep } from "../../src/services/sweep.ts";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { breakTable } from "../store/faults.ts";
import { admin, fileOf, printed } from "../support/admin.ts";
import { ask, claimsOf, hmacBy, newClientKey, weakRsaKey } from "../support/assertions.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";

setDefaultTimeout(120_000);

const DAY = 86_400;
const SERVICE = ["--id", "web", "--grant-type", "client_credentials", "--scope", "api1"];

const METHODS = {
  client_secret_basic: (server: TestServer, secret: string) =>
    server.post(
      "/token",
      { grant_type: "client_credentials", scope: "api1" },
      { basic: ["web", secret] },
    ),
  client_secret_post: (server: TestServer, secret: string) =>
    server.post("/token", {
      grant_type: "client_credentials",
      scope: "api1",
      client_id: "web",
      client_secret: secret,
    }),
  client_secret_jwt: async (server: TestServer, secret: string) =>
    ask(server, await hmacBy(secret, claimsOf(server, "web"))),
} as const;

const servers = await onEachDatabase((database) => testServer({ database }));

/** A server without the client; making one for each test would take most of the time. */
async function serverOf(database: DatabaseName = "sqlite"): Promise<TestServer> {
  const server = servers[database];
  await server.services.store.deleteClient("web");
  return server;
}

interface ShownSecret {
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
}

async function secretsOf(server: TestServer): Promise<readonly ShownSecret[]> {
  const shown = printed(await admin(server, ["client", "show", "web"]));
  return shown["secrets"] as ShownSecret[];
}

/** Expects the times of the last uses, once the sweep has written them. */
async function noted(server: TestServer, lastUsed: readonly (number | null)[]) {
  await sweep(server.services);
  const secrets = await secretsOf(server);
  expect(secrets.map((secret) => secret.last_used_at)).toEqual([...lastUsed]);
}

describe.each(DATABASES)("two live secrets on %s", (database) => {
  test.each(Object.entries(METHODS))(
    "%s: both work for the overlap, each with the time of its last use",
    async (method, authenticate) => {
      const server = await serverOf(database);
      const { now } = server.services;
      const began = now();
      const added = await admin(server, ["client", "add", ...SERVICE, "--auth-method", method]);
      const old = String(printed(added)["client_secret"]);
      expect((await authenticate(server, old)).status).toBe(200);
      await noted(server, [began]);

      server.advance(DAY);
      const rotate = ["client", "rotate-secret", "web", "--overlap", "7d"];
      const fresh = String(printed(await admin(server, rotate))["client_secret"]);
      expect(fresh).not.toBe(old);
      expect(await secretsOf(server)).toEqual([
        { created_at: began, expires_at: began + 8 * DAY, last_used_at: began },
        { created_at: began + DAY, expires_at: null, last_used_at: null },
      ]);
      for (const secret of [old, fresh]) {
        expect((await authenticate(server, secret)).status).toBe(200);
      }
      await noted(server, [began + DAY, began + DAY]);

      server.advance(7 * DAY - 1);
      expect((await authenticate(server, old)).status).toBe(200);
      server.advance(1);
      expect((await authenticate(server, old)).status).toBeGreaterThanOrEqual(400);
      expect((await authenticate(server, fresh)).status).toBe(200);
      await noted(server, [began + 8 * DAY - 1, began + 8 * DAY]);
    },
  );

  test("a use is written once an hour, and a wrong secret is no use", async () => {
    const server = await serverOf(database);
    const { now } = server.services;
    const added = await admin(server, ["client", "add", ...SERVICE]);
    const secret = String(printed(added)["client_secret"]);
    const began = now();
    await METHODS.client_secret_basic(server, "wrong");
    await noted(server, [null]);
    await METHODS.client_secret_basic(server, secret);
    await noted(server, [began]);
    server.advance(3_599);
    await METHODS.client_secret_basic(server, secret);
    await noted(server, [began]);
    server.advance(1);
    await METHODS.client_secret_basic(server, secret);
    await noted(server, [began + 3_600]);
  });
});

describe("bun run admin client, for clients that sign", () => {
  test("a use that cannot be written down fails nothing, and comes again", async () => {
    const server = await serverOf();
    const added = await admin(server, ["client", "add", ...SERVICE]);
    const secret = String(printed(added)["client_secret"]);
    const mend = await breakTable(server.url, "client_secrets", "UPDATE");
    expect((await METHODS.client_secret_basic(server, secret)).status).toBe(200);
    await noted(server, [null]);
    expect(server.log.map(({ event }) => event)).toContain("client.secret_use_unnoted");
    await mend();
    expect((await METHODS.client_secret_basic(server, secret)).status).toBe(200);
    await noted(server, [server.services.now()]);
  });

  test.each([
    ["90m", 5_400],
    ["12h", 43_200],
    ["30", 30],
    ["45s", 45],
    ["0", 0],
    ["365d", 365 * DAY],
  ])("rotate-secret takes --overlap %s", async (text, seconds) => {
    const server = await serverOf();
    await admin(server, ["client", "add", ...SERVICE]);
    printed(await admin(server, ["client", "rotate-secret", "web", "--overlap", text]));
    const now = server.services.now();
    const ends = (await secretsOf(server)).map(({ expires_at: end }) => end);
    expect(ends).toEqual(seconds === 0 ? [null] : [now + seconds, null]);
  });

  test.each(["366d", "7w", "-1", "1.5d", "", "d", "8761h"])(
    "rotate-secret refuses --overlap %p",
    async (text) => {
      const server = await serverOf();
      await admin(server, ["client", "add", ...SERVICE]);
      const { exitCode, err } = await admin(server, [
        "client",
        "rotate-secret",
        "web",
        `--overlap=${text}`,
      ]);
      expect([exitCode, err]).toEqual([
        1,
        ["error: --overlap must be seconds, or a time such as 90m, 12h or 7d, at most 365d"],
      ]);
    },
  );

  test("add takes keys from a file, and refuses what is no set of public keys", async () => {
    const server = await serverOf();
    const key = await newClientKey("ES256");
    const add = async (content: unknown, ...more: string[]) =>
      admin(server, [
        "client",
        "add",
        ...SERVICE,
        ...["--auth-method", "private_key_jwt", "--jwks", await fileOf(content, "keys.json")],
        ...more,
      ]);
    const { privateKey: _, jwk } = weakRsaKey();
    for (const [content, fault] of [
      ["x", "it is no JWK Set"],
      [[key.jwk], "it is no JWK Set"],
      [{ keys: [{ ...key.jwk, d: "AA" }] }, "jwks holds a private key; register its public half"],
      [{ keys: [jwk] }, "jwks holds an RSA key of 1024 bits; 2048 is the least"],
      [{ keys: [{ ...key.jwk, x: "AA" }] }, "jwks holds a key that is no point of P-256"],
      [{ keys: [] }, "jwks holds no key that can verify a signature"],
      [{ keys: [{ ...key.jwk, use: "enc" }] }, "jwks holds no key that can verify a signature"],
    ] as const) {
      const { exitCode, err } = await add(content);
      expect([exitCode, err.join()]).toEqual([1, expect.stringContaining(fault)]);
    }
    const none = await admin(server, [
      "client",
      "add",
      ...SERVICE,
      ...["--auth-method", "private_key_jwt"],
    ]);
    expect(none.err.join()).toContain("jwks or jwks_uri is needed for private_key_jwt");
    const clear = await admin(server, [
      "client",
      "add",
      ...SERVICE,
      ...["--auth-method", "private_key_jwt", "--jwks-uri", "http://app.example/jwks"],
    ]);
    expect(clear.err.join()).toContain("jwks_uri is plain http to another machine");
    const both = await add({ keys: [key.jwk] }, "--jwks-uri", "https://app.example/jwks");
    expect(both.err.join()).toContain("jwks and jwks_uri exclude each other (RFC 7591 §2)");
    expect(printed(await add({ keys: [key.jwk] }, "--auth-signing-alg", "ES256"))).toMatchObject({
      jwks: { keys: [key.jwk] },
      token_endpoint_auth_signing_alg: "ES256",
    });
  });
});
