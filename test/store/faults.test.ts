import { describe, expect, test } from "bun:test";
import { issueTestCode, REDIRECT_URI } from "../support/codes.ts";
import { DATABASES } from "../support/databases.ts";
import {
  bodyOf,
  expectFault,
  expectSilentLog,
  isActive,
  issue,
  openServer,
  post,
  refreshing,
} from "./fault_fixture.ts";
import { breakTable, hideTable, lockTable } from "./faults.ts";

const servers = {
  sqlite: await openServer("sqlite"),
  postgres: await openServer("postgres"),
};
const impatient = {
  sqlite: await openServer("sqlite", { statementTimeoutMs: 100 }),
  postgres: await openServer("postgres", { statementTimeoutMs: 100 }),
};

describe.each(DATABASES)("attacks 46 and 83: a database that fails, on %s", (database) => {
  const server = servers[database];
  const { url } = server;

  test("attack 46: a revocation that cannot be written is no 200, the token lives, a retry works", async () => {
    const { access, refresh } = await issue(server);
    for (const [token, table, change] of [
      [access, "revoked_tokens", "INSERT"],
      [refresh, "authorizations", "UPDATE"],
    ] as const) {
      const mend = await breakTable(url, table, change);
      await expectFault(post(server, "/token/revoke", { token }), "write");
      expect(await isActive(server, token)).toBe(true);
      await mend();
      expect(await isActive(server, token)).toBe(true);
      expect((await post(server, "/token/revoke", { token })).status).toBe(200);
      expect(await isActive(server, token)).toBe(false);
    }
    expectSilentLog(server, access, refresh);
  });

  test("attack 46: what cannot be read is neither inactive nor unknown", async () => {
    const { access, refresh } = await issue(server);
    for (const [token, table] of [
      [access, "access_tokens"],
      [access, "revoked_tokens"],
      [access, "authorizations"],
      [refresh, "refresh_tokens"],
    ] as const) {
      const mend = await hideTable(url, table);
      await expectFault(post(server, "/introspect", { token }), "read");
      await mend();
      expect(await isActive(server, token)).toBe(true);
    }
    const mend = await hideTable(url, "refresh_tokens");
    await expectFault(post(server, "/token/revoke", { token: refresh }), "read");
    await expectFault(post(server, "/token", refreshing(refresh)), "read");
    await mend();
    expect((await post(server, "/token", refreshing(refresh))).status).toBe(200);
    expectSilentLog(server, access, refresh);
  });

  test("a client that cannot be looked up is not an unknown one", async () => {
    await server.addClient({ client_id: "app2", client_secret: "app-secret-text" });
    const mend = await hideTable(url, "client_secrets");
    const asked = () =>
      server.post("/introspect", { token: "x" }, { basic: ["app2", "app-secret-text"] });
    await expectFault(asked(), "read");
    await mend();
    expect((await asked()).status).toBe(200);
    expectSilentLog(server);
  });

  test("attack 15: a refresh that died between spending and writing heals by asking again, however late", async () => {
    const { refresh } = await issue(server);
    const mend = await breakTable(url, "refresh_tokens", "INSERT");
    for (let time = 0; time < 3; time++) {
      await expectFault(post(server, "/token", refreshing(refresh)), "write");
    }
    await mend();
    server.advance(24 * 3600);
    const first = await bodyOf(post(server, "/token", refreshing(refresh)));
    const second = await bodyOf(post(server, "/token", refreshing(refresh)));
    const successor = String(first["refresh_token"]);
    expect(second["refresh_token"]).toBe(successor);
    expect(await isActive(server, successor)).toBe(true);
    expectSilentLog(server, refresh);
  });

  test("a redemption that died after spending the code leaves nothing that works", async () => {
    const { code, authorizationId } = await issueTestCode(server, { clientId: "app" });
    const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI };
    const mend = await breakTable(url, "refresh_tokens", "INSERT");
    await expectFault(post(server, "/token", form), "write");
    await mend();
    expect((await post(server, "/token", form)).status).toBe(400);
    const { store } = server.services;
    expect((await store.findAuthorization(authorizationId))?.revokedAt).not.toBeNull();
    expectSilentLog(server, code);
  });

  test("a token that cannot be stored is not issued, and one that needs no row still is", async () => {
    const form = { grant_type: "client_credentials", scope: "api1" };
    const mend = await breakTable(url, "access_tokens", "INSERT");
    await expectFault(post(server, "/token", form), "write");
    await server.addClient({
      client_id: "jwt",
      client_secret: "app-secret-text",
      grant_types: ["client_credentials"],
      scope: "api1",
    });
    const issued = await server.post("/token", form, { basic: ["jwt", "app-secret-text"] });
    expect(issued.status).toBe(200);
    await mend();
    expect((await post(server, "/token", form)).status).toBe(200);
  });

  test("a database that refuses audit rows fails no request", async () => {
    const { access } = await issue(server);
    const mend = await breakTable(url, "audit_log", "INSERT");
    expect((await post(server, "/token/revoke", { token: access })).status).toBe(200);
    expect((await post(server, "/token/revoke", { token: "never issued" })).status).toBe(400);
    await mend();
    const listed = async () => {
      const rows = await server.services.store.listAuditRows(50);
      const { jti } = (await server.services.store.findAccessToken(
        server.services.secret.readOpaque(access)?.key ?? "",
      )) ?? { jti: "" };
      return rows.some(({ details }) => details["jti"] === jti);
    };
    expect(await listed()).toBe(false);
    await server.services.audit.flush();
    expect(await listed()).toBe(true);
    expectSilentLog(server, access);
  });

  test("a database that is locked answers 503 in time, changes nothing, and works when it is free", async () => {
    const slow = impatient[database];
    const { access, refresh } = await issue(slow);
    const unlock = await lockTable(slow.url, "refresh_tokens");
    await expectFault(post(slow, "/token", refreshing(refresh)), "late");
    await unlock();
    const again = await lockTable(slow.url, "revoked_tokens");
    await expectFault(post(slow, "/token/revoke", { token: access }), "late");
    await again();
    for (const token of [access, refresh]) expect(await isActive(slow, token)).toBe(true);
    expect((await post(slow, "/token", refreshing(refresh))).status).toBe(200);
    expect((await post(slow, "/token/revoke", { token: access })).status).toBe(200);
    expect(await isActive(slow, access)).toBe(false);
    expectSilentLog(slow, access, refresh);
  });
});
