import { describe, expect, test } from "bun:test";
import type { Settings } from "../../src/protocol/settings.ts";
import { issueTestCode, REDIRECT_URI, RFC7636 } from "../support/codes.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { type PostOptions, START, type TestServer, testServer } from "../support/server.ts";
import {
  type Body,
  bodyOf,
  eventsOf,
  expectRefusal,
  isActive,
  onEachDatabase,
  REFRESH_REFUSED,
  RESOURCE_SERVER,
  refresh,
} from "./token_fixture.ts";

const APP = { basic: ["app", "s"] } as const;

async function openServer(
  database: DatabaseName,
  settings: Partial<Settings> = {},
): Promise<TestServer> {
  const server = await testServer({ database, settings });
  const app = {
    scope: "api1",
    grant_types: ["authorization_code", "refresh_token"],
    redirect_uris: [REDIRECT_URI],
  };
  await server.addClient(RESOURCE_SERVER);
  await server.addClient({ ...app, client_id: "app", client_secret: "s" });
  await server.addClient({
    ...app,
    client_id: "opaque",
    client_secret: "s",
    access_token_format: "opaque",
  });
  await server.addClient({ ...app, client_id: "thief", client_secret: "s" });
  await server.addClient({ ...app, client_id: "public" });
  return server;
}

/** Tokens of a new authorization. */
async function begin(server: TestServer, clientId = "app"): Promise<Body> {
  const { code } = await issueTestCode(server, { clientId, challenge: RFC7636.challenge });
  const form = {
    grant_type: "authorization_code",
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: RFC7636.verifier,
    client_id: clientId,
  };
  const as: PostOptions = clientId === "public" ? {} : { basic: [clientId, "s"] };
  return bodyOf(await server.post("/token", form, as));
}

const rotate = async (server: TestServer, token: string, as: PostOptions = APP) =>
  bodyOf(await refresh(server, token, as));

const servers = await onEachDatabase(async (database) => ({
  server: await openServer(database),
  strict: await openServer(database, { refreshGraceSeconds: 0, refreshGracePublicSeconds: 0 }),
}));

describe.each(DATABASES)("decisions D5 idempotent rotation on %s", (database) => {
  const { server, strict } = servers[database];

  test("attack 15: whoever lost the answer asks again and gets the same successor", async () => {
    const first = await begin(server);
    const lost = await rotate(server, first.refresh_token);
    server.advance(29);
    const again = await rotate(server, first.refresh_token);
    expect(again.refresh_token).toBe(lost.refresh_token);
    expect(again.access_token).not.toBe(lost.access_token);
    const next = await rotate(server, again.refresh_token);
    // Once the successor is spent the old token is dead, and within the grace nothing else happens.
    await expectRefusal(await refresh(server, first.refresh_token, APP), REFRESH_REFUSED);
    expect(await isActive(server, next.access_token)).toBe(true);
    expect((await refresh(server, next.refresh_token, APP)).status).toBe(200);
  });

  test("attack 12: fifty requests at once get one and the same successor", async () => {
    const { refresh_token: token } = await begin(server);
    const answers = await Promise.all(Array.from({ length: 50 }, () => rotate(server, token)));
    expect(new Set(answers.map((answer) => answer.refresh_token)).size).toBe(1);
  });

  test.each(["app", "opaque"])(
    "attack 13: a token that comes back late ends the family, access tokens (%s) included",
    async (client) => {
      const as = { basic: [client, "s"] } as const;
      const other = await begin(server, client);
      const first = await begin(server, client);
      const second = await rotate(server, first.refresh_token, as);
      const third = await rotate(server, second.refresh_token, as);
      server.advance(30);
      await expectRefusal(await refresh(server, first.refresh_token, as), REFRESH_REFUSED);
      for (const { access_token: token } of [first, second, third]) {
        expect(await isActive(server, token)).toBe(false);
      }
      await expectRefusal(await refresh(server, third.refresh_token, as), REFRESH_REFUSED);
      const rows = await server.services.store.listAuditRows(50);
      const alarm = rows.find(({ event }) => event === "refresh_token.reused");
      expect(alarm?.clientId).toBe(client);
      expect(alarm?.at).toBe(server.services.now());
      // Another authorization of the same client goes on.
      expect((await refresh(server, other.refresh_token, as)).status).toBe(200);
    },
  );

  test("attack 13: late with an unspent successor ends the family too", async () => {
    const first = await begin(server);
    const second = await rotate(server, first.refresh_token);
    server.advance(30);
    await expectRefusal(await refresh(server, first.refresh_token, APP), REFRESH_REFUSED);
    await expectRefusal(await refresh(server, second.refresh_token, APP), REFRESH_REFUSED);
  });

  test("attack 13: the alarm is raised once, however often the token comes back", async () => {
    const alarms = async () =>
      (await eventsOf(server)).filter((event) => event === "refresh_token.reused").length;
    const first = await begin(server);
    await rotate(server, first.refresh_token);
    server.advance(30);
    const before = await alarms();
    for (let i = 0; i < 3; i++) {
      await expectRefusal(await refresh(server, first.refresh_token, APP), REFRESH_REFUSED);
    }
    expect(await alarms()).toBe(before + 1);
  });

  test("attack 14: others with an old token cannot end the family of its owner", async () => {
    const first = await begin(server);
    const second = await rotate(server, first.refresh_token);
    server.advance(3_000);
    for (const as of [{ basic: ["thief", "s"] }, { basic: ["app", "wrong"] }, {}] as const) {
      const refused = await refresh(server, first.refresh_token, as);
      expect(refused.status).toBeGreaterThanOrEqual(400);
    }
    expect(await isActive(server, first.access_token)).toBe(true);
    expect((await refresh(server, second.refresh_token, APP)).status).toBe(200);
  });

  test("attack 16: what one instance has spent is spent for all", async () => {
    const second = await testServer({ url: server.url, secret: server.secret });
    second.advance(server.services.now() - START);
    const first = await begin(server);
    const { refresh_token: token } = await rotate(server, first.refresh_token);
    const elsewhere = await rotate(second, first.refresh_token);
    expect(elsewhere.refresh_token).toBe(token);
    await rotate(second, token);
    await expectRefusal(await refresh(server, first.refresh_token, APP), REFRESH_REFUSED);
    second.advance(30);
    await expectRefusal(await refresh(second, first.refresh_token, APP), REFRESH_REFUSED);
    expect(await isActive(server, first.access_token)).toBe(false);
  });

  test("attack 17: a restart forgets nothing", async () => {
    const before = await openServer(database);
    const first = await begin(before);
    const second = await rotate(before, first.refresh_token);
    await before.close();
    const after = await testServer({ url: before.url, secret: before.secret });
    expect((await rotate(after, first.refresh_token)).refresh_token).toBe(second.refresh_token);
    after.advance(30);
    await expectRefusal(await refresh(after, first.refresh_token, APP), REFRESH_REFUSED);
    await expectRefusal(await refresh(after, second.refresh_token, APP), REFRESH_REFUSED);
  });

  test("public clients have five seconds of grace", async () => {
    const form = { client_id: "public" };
    const ask = (token: string) => refresh(server, token, { form });
    const first = await begin(server, "public");
    const second = await bodyOf(await ask(first.refresh_token));
    server.advance(4);
    expect((await bodyOf(await ask(first.refresh_token))).refresh_token).toBe(second.refresh_token);
    server.advance(1);
    await expectRefusal(await ask(first.refresh_token), REFRESH_REFUSED);
    await expectRefusal(await ask(second.refresh_token), REFRESH_REFUSED);
  });

  test("a grace of zero is strict: the first repetition ends the family", async () => {
    const first = await begin(strict);
    const second = await rotate(strict, first.refresh_token);
    await expectRefusal(await refresh(strict, first.refresh_token, APP), REFRESH_REFUSED);
    await expectRefusal(await refresh(strict, second.refresh_token, APP), REFRESH_REFUSED);
    expect(await isActive(strict, second.access_token)).toBe(false);
  });

  test.each([
    ["server", 30],
    ["strict", 0],
  ] as const)(
    "a token spent without successor is still the head (%s, grace %d s): a crash heals",
    async (which, graceSeconds) => {
      const on = servers[database][which];
      const { secret, store, now } = on.services;
      const { refresh_token: token } = await begin(on);
      const opaque = secret.readOpaque(token);
      const spent = { now: now(), salt: secret.newSalt() };
      expect(await store.consumeRefreshToken(opaque?.key ?? "", spent)).toBe(true);
      on.advance(7 * 86_400);
      const healed = await rotate(on, token);
      if (graceSeconds > 0) {
        // The grace runs from the healing, so that its answer may be lost like any other.
        on.advance(graceSeconds - 1);
        expect((await rotate(on, token)).refresh_token).toBe(healed.refresh_token);
      }
      const next = await rotate(on, healed.refresh_token);
      expect(await isActive(on, next.refresh_token)).toBe(true);
      on.advance(graceSeconds);
      await expectRefusal(await refresh(on, token, APP), REFRESH_REFUSED);
      await expectRefusal(await refresh(on, next.refresh_token, APP), REFRESH_REFUSED);
    },
  );
});
