import { describe, expect, test } from "bun:test";
import { issueTestCode, REDIRECT_URI } from "../support/codes.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { START, type TestServer, testServer } from "../support/server.ts";
import {
  type Body,
  bodyOf,
  claimsOf,
  expectRefusal,
  isActive,
  onEachDatabase,
  REFRESH_REFUSED,
  RESOURCE_SERVER,
  refresh,
} from "./token_fixture.ts";

const API = "https://api.example/";
const FILES = "https://files.example/";
const APP = { basic: ["app", "s"] } as const;
const DAY = 86_400;

async function openServer(database: DatabaseName): Promise<TestServer> {
  const server = await testServer({
    database,
    settings: { refreshTokenIdleSeconds: 30 * DAY, refreshTokenAbsoluteSeconds: 90 * DAY },
  });
  const app = {
    client_secret: "s",
    scope: "api1 api2 openid",
    grant_types: ["authorization_code", "refresh_token"],
    redirect_uris: [REDIRECT_URI],
    allowed_resources: [API, FILES],
  };
  await server.addClient(RESOURCE_SERVER);
  await server.addClient({ ...app, client_id: "app" });
  await server.addClient({ ...app, client_id: "opaque", access_token_format: "opaque" });
  await server.addClient({ ...app, client_id: "thief" });
  await server.addClient({ ...app, client_id: "going" });
  return server;
}

async function begin(
  server: TestServer,
  { as = "app", userId }: { as?: string; userId?: string } = {},
): Promise<Body> {
  const { code } = await issueTestCode(server, {
    clientId: as,
    userId,
    scope: ["api1", "api2"],
    resource: [API, FILES],
    authTime: START - 60,
  });
  const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI };
  return bodyOf(await server.post("/token", form, { basic: [as, "s"] }));
}

const servers = await onEachDatabase(openServer);

describe.each(DATABASES)("RFC 6749 §6 refresh_token grant on %s", (database) => {
  const server = servers[database];

  test("gives a new access token and the next refresh token of the same authorization", async () => {
    const first = await begin(server);
    const response = await refresh(server, first.refresh_token, APP);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("pragma")).toBe("no-cache");
    const second = await bodyOf(response);
    expect(second).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 3600,
      scope: "api1 api2",
      refresh_token: expect.stringMatching(/^tsr_/),
    } as never);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const [before, after] = [claimsOf(first.access_token), claimsOf(second.access_token)];
    expect(after).toEqual({ ...before, jti: expect.any(String) });
    expect([after["jti"] === before["jti"], after["auth_time"]]).toEqual([false, START - 60]);
    expect(await isActive(server, second.access_token)).toBe(true);
    expect(await isActive(server, first.refresh_token)).toBe(false);
    expect(await isActive(server, second.refresh_token)).toBe(true);
  });

  test("no refresh token stands in the database as it was sent", async () => {
    const { refresh_token: token } = await begin(server);
    const opaque = server.services.secret.readOpaque(token);
    const found = await server.services.store.findRefreshToken(opaque?.key ?? "");
    expect(found?.token.clientId).toBe("app");
    expect(JSON.stringify(found)).not.toContain(token.slice(4));
  });

  test("a narrower scope narrows the access token, never the successor", async () => {
    const first = await begin(server);
    const narrowed = await bodyOf(
      await refresh(server, first.refresh_token, { ...APP, form: { scope: "api2" } }),
    );
    expect(narrowed.scope).toBe("api2");
    expect(claimsOf(narrowed.access_token)["scope"]).toBe("api2");
    const whole = await bodyOf(await refresh(server, narrowed.refresh_token, APP));
    expect(whole.scope).toBe("api1 api2");
  });

  test("attack 19: more scope than was granted is refused, and the token stays unspent", async () => {
    const { refresh_token: token } = await begin(server);
    const refused = await refresh(server, token, { ...APP, form: { scope: "api1 openid" } });
    await expectRefusal(refused, [
      400,
      "invalid_scope",
      "the scopes openid are not allowed or invalid",
    ]);
    expect((await refresh(server, token, APP)).status).toBe(200);
  });

  test("attack 19: a resource may be narrowed, and one never granted is refused", async () => {
    const first = await begin(server);
    const form = { resource: "https://other.example/" };
    const refused = await refresh(server, first.refresh_token, { ...APP, form });
    expect((await bodyOf(refused, 400)).error).toBe("invalid_target");
    const narrowed = await bodyOf(
      await refresh(server, first.refresh_token, { ...APP, form: { resource: FILES } }),
    );
    expect(claimsOf(narrowed.access_token)["aud"]).toBe(FILES);
    const whole = await bodyOf(await refresh(server, narrowed.refresh_token, APP));
    expect(claimsOf(whole.access_token)["aud"]).toEqual([API, FILES]);
  });

  test("attack 18: a confidential client without its secret gets nothing", async () => {
    const { refresh_token: token } = await begin(server);
    const refusals = [
      await bodyOf(await refresh(server, token), 400),
      await bodyOf(await refresh(server, token, { form: { client_id: "app" } }), 400),
      await bodyOf(await refresh(server, token, { basic: ["app", ""] }), 401),
      await bodyOf(await refresh(server, token, { basic: ["app", "wrong"] }), 401),
    ];
    expect(refusals.map(({ error }) => error)).toEqual(refusals.map(() => "invalid_client"));
    expect((await refresh(server, token, APP)).status).toBe(200);
  });

  test("attack 4: another client's refresh token is message 25, live, spent or dead", async () => {
    const foreign = [
      400,
      "invalid_grant",
      "the refresh token can be used only by the same issuer",
    ] as const;
    const thief = { basic: ["thief", "s"] } as const;
    const victim = await begin(server);
    await expectRefusal(await refresh(server, victim.refresh_token, thief), foreign);
    const next = await bodyOf(await refresh(server, victim.refresh_token, APP));
    await expectRefusal(await refresh(server, victim.refresh_token, thief), foreign);
    server.advance(3_000);
    await expectRefusal(await refresh(server, victim.refresh_token, thief), foreign);
    // The victim has lost nothing by it.
    expect(await isActive(server, victim.access_token)).toBe(true);
    const third = await bodyOf(await refresh(server, next.refresh_token, APP));
    await server.post("/token/revoke", { token: third.refresh_token }, APP);
    await expectRefusal(await refresh(server, third.refresh_token, thief), foreign);
  });

  test("a forged, cut, padded or foreign kind of token is unknown", async () => {
    const { refresh_token: token, access_token: access } = await begin(server);
    const { secret, now } = server.services;
    const forms = [
      `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`,
      token.slice(0, -1),
      `${token}A`,
      token.replace("tsr_", "tsc_"),
      secret.mintOpaque("refresh", now()).text,
      secret.mintOpaque("access", now()).text,
      access,
    ];
    for (const form of forms) {
      await expectRefusal(await refresh(server, form, APP), REFRESH_REFUSED);
    }
    expect((await refresh(server, token, APP)).status).toBe(200);
  });

  test("attack 20: a disabled, re-enabled and deleted user", async () => {
    const { store, now } = server.services;
    const userId = await server.addUser({ username: `ada-${database}` });
    server.advance(1);
    const first = await begin(server, { userId });
    await store.setUserDisabled(userId, now());
    await expectRefusal(await refresh(server, first.refresh_token, APP), REFRESH_REFUSED);
    expect(await isActive(server, first.access_token)).toBe(false);
    await store.setUserDisabled(userId, null);
    const second = await bodyOf(await refresh(server, first.refresh_token, APP));
    await store.deleteUser(userId);
    await expectRefusal(await refresh(server, second.refresh_token, APP), REFRESH_REFUSED);
    expect(await isActive(server, second.access_token)).toBe(false);
  });

  test("attack 20: all tokens of a user ended, and those that he gets afterwards", async () => {
    const userId = await server.addUser({ username: `grace-${database}` });
    server.advance(1);
    const { refresh_token: token } = await begin(server, { userId });
    await server.services.store.setUserNotBefore(userId, server.services.now());
    await expectRefusal(await refresh(server, token, APP), REFRESH_REFUSED);
    server.advance(1);
    const { refresh_token: later } = await begin(server, { userId });
    expect((await refresh(server, later, APP)).status).toBe(200);
  });

  test("attack 20: a disabled and a deleted client", async () => {
    const { store, now } = server.services;
    const going = { basic: ["going", "s"] } as const;
    const { refresh_token: token } = await begin(server, { as: "going" });
    const unknown = [401, "invalid_client", "the client doesn't exist"] as const;
    await store.setClientDisabled("going", now());
    await expectRefusal(await refresh(server, token, going), unknown);
    expect(await isActive(server, token)).toBe(false);
    await store.deleteClient("going");
    await expectRefusal(await refresh(server, token, going), unknown);
    await expectRefusal(await refresh(server, token, APP), REFRESH_REFUSED);
  });
});

describe.each(DATABASES)("attack 22: lifetimes of refresh tokens on %s", (database) => {
  test("unused for thirty days a token is dead; used, it never passes ninety", async () => {
    const server = await openServer(database);
    const idle = await begin(server);
    let { refresh_token: token } = await begin(server);
    for (const day of [29, 58, 87]) {
      server.advance(29 * DAY);
      const body = await bodyOf(await refresh(server, token, APP));
      expect(body.expires_in, `day ${day}`).toBe(3600);
      token = body.refresh_token;
    }
    await expectRefusal(await refresh(server, idle.refresh_token, APP), REFRESH_REFUSED);
    server.advance(3 * DAY - 600);
    const last = await bodyOf(await refresh(server, token, APP));
    // Nothing outlives the authorization: neither access token nor refresh token.
    expect(last.expires_in).toBe(600);
    const asked = await server.post("/introspect", { token: last.refresh_token }, APP);
    expect((await bodyOf(asked)).exp).toBe(START + 90 * DAY);
    server.advance(599);
    expect(await isActive(server, last.access_token)).toBe(true);
    server.advance(1);
    await expectRefusal(await refresh(server, last.refresh_token, APP), REFRESH_REFUSED);
    expect(await isActive(server, last.access_token)).toBe(false);
  });

  test("an idle token lives to its last second", async () => {
    const server = await openServer(database);
    const [early, late] = [await begin(server), await begin(server)];
    server.advance(30 * DAY - 1);
    expect((await refresh(server, early.refresh_token, APP)).status).toBe(200);
    server.advance(1);
    await expectRefusal(await refresh(server, late.refresh_token, APP), REFRESH_REFUSED);
  });
});
