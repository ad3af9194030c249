import { describe, expect, test } from "bun:test";
import type { Settings } from "../../src/protocol/settings.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { type PostOptions, type TestServer, testServer } from "../support/server.ts";
import { bodyOf, expectRefusal, onEachDatabase } from "./token_fixture.ts";

const WRONG = [400, "invalid_grant", "resource owner credentials are not valid"] as const;
const PAUSED = [
  429,
  "temporarily_unavailable",
  "too many failed attempts, try again later",
] as const;

async function openServer(
  database: DatabaseName,
  settings: Partial<Settings> = {},
): Promise<TestServer> {
  // Guesses sent at once wait for one another, on a busy machine longer than a plugin may think.
  const patient = { pluginTimeoutSeconds: 600, passwordWaitSeconds: 240, ...settings };
  const server = await testServer({ database, settings: patient });
  const app = { scope: "api1", grant_types: ["password"] };
  await server.addClient({ ...app, client_id: "app", client_secret: "s" });
  await server.addClient({ ...app, client_id: "public" });
  await server.addUser({
    username: "ada",
    password: "lovelace",
    phone_number: "+491701234567",
    email: "ada@example.org",
  });
  for (let i = 0; i < 4; i++) await server.addUser({ username: `user${i}`, password: "right" });
  return server;
}

interface Guess extends PostOptions {
  readonly username?: string;
  readonly password?: string;
  readonly scope?: string;
}

/** One sign-in as the confidential client. */
function login(server: TestServer, { username, password, scope, ...options }: Guess = {}) {
  const form = {
    grant_type: "password",
    username: username ?? "ada",
    password: password ?? "wrong",
    scope: scope ?? "api1",
  };
  return server.post("/token", form, { basic: ["app", "s"], ...options });
}

/** One sign-in as the public client, from a network address. */
function publicLogin(server: TestServer, address: string, guess: Guess = {}) {
  const { username, password, headers = {} } = guess;
  const form = {
    grant_type: "password",
    client_id: "public",
    username: username ?? "user0",
    password: password ?? "wrong",
    scope: "api1",
  };
  return server.post("/token", form, { headers, peer: { address } });
}

const servers = await onEachDatabase(async (database) => ({
  inTurn: await openServer(database),
  atOnce: await openServer(database),
  scopes: await openServer(database, { loginFailuresMax: 3 }),
  names: await openServer(database, { loginFailuresMax: 3 }),
  addresses: await openServer(database, { addressFailuresMax: 3 }),
  proxied: await openServer(database, {
    addressFailuresMax: 3,
    trustedProxies: ["10.0.0.1", "10.0.0.2"],
  }),
}));

describe.each(DATABASES)(
  "attack 63: throttle of the password grant on %s (decisions D6)",
  (database) => {
    const of = servers[database];

    test("ten failures pause the account, the right password included, until the window ends", async () => {
      const server = of.inTurn;
      for (let i = 0; i < 10; i++) {
        await expectRefusal(await login(server), WRONG);
        server.advance(1);
      }
      const paused = await login(server, { password: "lovelace" });
      expect(paused.headers.get("retry-after")).toBe("890");
      await expectRefusal(paused, PAUSED);
      expect((await login(server, { username: "user0", password: "right" })).status).toBe(200);

      const secondInstance = await testServer({ url: server.url, secret: server.secret });
      secondInstance.advance(10);
      await expectRefusal(await login(secondInstance, { password: "lovelace" }), PAUSED);

      server.advance(889);
      await expectRefusal(await login(server, { password: "lovelace" }), PAUSED);
      server.advance(1);
      expect((await login(server, { password: "lovelace" })).status).toBe(200);
      await expectRefusal(await login(server), WRONG);
    });

    test("sixty guesses at once are ten guesses, and success costs none", async () => {
      const server = of.atOnce;
      const right = await Promise.all(
        Array.from({ length: 12 }, () => login(server, { password: "lovelace" })),
      );
      expect(right.map(({ status }) => status)).toEqual(right.map(() => 200));
      const answers = await Promise.all(Array.from({ length: 60 }, () => login(server)));
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status === 400).length).toBe(10);
      expect(statuses.filter((status) => status === 429).length).toBe(50);
      await expectRefusal(await login(server, { password: "lovelace" }), PAUSED);
    });

    test("right credentials with a refused scope count as an attempt", async () => {
      const server = of.scopes;
      for (let i = 0; i < 3; i++) {
        const refused = await login(server, { password: "lovelace", scope: "api9" });
        expect((await bodyOf(refused, 400)).error).toBe("invalid_scope");
      }
      await expectRefusal(await login(server, { password: "lovelace" }), PAUSED);
    });

    test("the account counts, not the name by which it is tried", async () => {
      const server = of.names;
      for (const username of ["ada", "+491701234567", "ADA@example.org"]) {
        await expectRefusal(await login(server, { username }), WRONG);
      }
      await expectRefusal(await login(server, { password: "lovelace" }), PAUSED);
      // An unknown name pauses in the same way, so that the pause tells nothing.
      for (let i = 0; i < 3; i++)
        await expectRefusal(await login(server, { username: "x" }), WRONG);
      await expectRefusal(await login(server, { username: "x" }), PAUSED);
    });

    test("the address of public callers counts, that of a confidential client never does", async () => {
      const server = of.addresses;
      for (const username of ["user0", "user1", "user2"]) {
        await expectRefusal(await publicLogin(server, "203.0.113.7", { username }), WRONG);
      }
      const user3 = { username: "user3", password: "right" };
      await expectRefusal(await publicLogin(server, "203.0.113.7", user3), PAUSED);
      expect((await publicLogin(server, "203.0.113.8", user3)).status).toBe(200);

      const peer = { address: "203.0.113.7" };
      for (let i = 0; i < 6; i++) {
        const username = `stranger${i}`;
        await expectRefusal(await login(server, { username, peer }), WRONG);
      }
      expect((await login(server, { ...user3, peer })).status).toBe(200);
    });

    test("attack 85: X-Forwarded-For of a caller that is no trusted proxy changes nothing", async () => {
      const server = of.addresses;
      for (let i = 0; i < 3; i++) {
        const headers = { "X-Forwarded-For": `198.51.100.${i}` };
        const username = `forger${i}`;
        await expectRefusal(await publicLogin(server, "203.0.113.9", { username, headers }), WRONG);
      }
      const headers = { "X-Forwarded-For": "198.51.100.99" };
      await expectRefusal(await publicLogin(server, "203.0.113.9", { headers }), PAUSED);
      const honest = { username: "user3", password: "right" };
      expect((await publicLogin(server, "198.51.100.99", honest)).status).toBe(200);
    });

    test("attack 85: behind trusted proxies the last untrusted address counts, not what it claims", async () => {
      const server = of.proxied;
      const from = (forwarded: string, guess: Guess = {}) =>
        publicLogin(server, "::ffff:10.0.0.1", {
          ...guess,
          headers: { "X-Forwarded-For": forwarded },
        });
      for (let i = 0; i < 3; i++) {
        const chain = `198.51.100.${i}, 203.0.113.7, 10.0.0.2`;
        await expectRefusal(await from(chain, { username: `forger${i}` }), WRONG);
      }
      const right = { username: "user3", password: "right" };
      await expectRefusal(await from("203.0.113.7", right), PAUSED);
      expect((await from("203.0.113.8", right)).status).toBe(200);
      expect((await from("198.51.100.0", right)).status).toBe(200);
    });
  },
);
