/** What an import does to secrets that are stored already. */
import { describe, expect, test } from "bun:test";
import { createServerSecret, openServices, openStore } from "../../src/server.ts";
import { admin, importFiles, printed } from "../support/admin.ts";
import { DATABASES } from "../support/databases.ts";
import { ISSUER, START, type TestServer, testServer } from "../support/server.ts";

const DAY = 86_400;
const SECRET = "a secret of more than thirty-two bytes";
const client = (changes: Record<string, unknown> = {}) => ({
  client_id: "c",
  token_endpoint_auth_method: "client_secret_basic",
  grant_types: ["client_credentials"],
  scope: "api1",
  ...changes,
});

const statusOf = async (server: TestServer, secret: string) => {
  const form = { grant_type: "client_credentials", scope: "api1" };
  return (await server.post("/token", form, { basic: ["c", secret] })).status;
};

async function secretsOf({ services: { store } }: TestServer) {
  return (await store.findClient("c"))?.secrets ?? [];
}

describe.each(DATABASES)("bun run admin import beside two secrets on %s", (database) => {
  test("client_secret_expires_at moves the end of the newest, and wakes no secret before it", async () => {
    const server = await testServer({ database });
    await importFiles(server, [client({ client_secret: SECRET })]);
    const rotate = async () => {
      const rotated = await admin(server, ["client", "rotate-secret", "c", "--overlap", "7d"]);
      server.advance(DAY);
      return String(printed(rotated)["client_secret"]);
    };
    const second = await rotate();
    const third = await rotate();
    for (const end of [0, START + 365 * DAY]) {
      await importFiles(server, [client({ client_secret_expires_at: end })]);
      const ends = (await secretsOf(server)).map(({ expiresAt }) => expiresAt);
      expect(new Set(ends)).toEqual(new Set([START + 7 * DAY, START + 8 * DAY, end || null]));
    }
    server.advance(5 * DAY);
    await importFiles(server, [client({ client_secret_expires_at: 0 })]);
    expect(await statusOf(server, SECRET)).toBe(401);
    expect(await statusOf(server, second)).toBe(200);
    expect(await statusOf(server, third)).toBe(200);
    // An earlier end is the end of all.
    const soon = server.services.now() + 60;
    await importFiles(server, [client({ client_secret_expires_at: soon })]);
    server.advance(60);
    for (const secret of [second, third]) expect(await statusOf(server, secret)).toBe(401);
    await server.close();
  });

  test("a client that is moved off secrets has none any more, and none comes back with the method", async () => {
    const server = await testServer({ database });
    await importFiles(server, [client({ client_secret: SECRET })]);
    const off = client({
      token_endpoint_auth_method: "tls_client_auth",
      tls_client_auth_san_dns: "c.example",
    });
    await importFiles(server, [off]);
    expect(await secretsOf(server)).toEqual([]);
    await importFiles(server, [client()]);
    expect(await statusOf(server, SECRET)).toBe(401);
    await server.close();
  });
});

describe("bun run admin import after TESSERA_SECRET changed", () => {
  test("the same secret is sealed anew, once, and keeps its times", async () => {
    const server = await testServer();
    const entry = client({
      token_endpoint_auth_method: "client_secret_jwt",
      client_secret: SECRET,
    });
    await importFiles(server, [entry]);
    const [before] = await secretsOf(server);
    if (!before) throw new TypeError("no secret");
    await server.services.store.noteSecretUse({
      id: before.id,
      clientId: "c",
      at: START,
      before: 0,
    });
    server.advance(DAY);
    const secret = crypto.getRandomValues(new Uint8Array(32));
    const store = await openStore(server.url);
    const services = await openServices({
      issuer: ISSUER,
      store,
      secret: createServerSecret(secret, server.secret),
      now: server.services.now,
    });
    const rotated = { ...server, services };
    await importFiles(rotated, [entry]);
    const [after] = await secretsOf(rotated);
    expect([after?.createdAt, after?.lastUsedAt]).toEqual([before.createdAt, START]);
    const alone = createServerSecret(secret);
    expect(alone.unseal(after?.sealed ?? "", `client_secret:${after?.id}`)).toBe(SECRET);
    expect(() => alone.unseal(before.sealed ?? "", `client_secret:${before.id}`)).toThrow();
    await importFiles(rotated, [entry]);
    expect(await secretsOf(rotated)).toEqual(after ? [after] : []);
    await store.close();
  });
});
