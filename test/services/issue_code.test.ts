import { describe, expect, test } from "bun:test";
import { issueCode } from "../../src/services/issue_code.ts";
import { endSession } from "../../src/services/logout.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { addPerson, bodyOf, CALLBACK, signInAs } from "../support/openid.ts";
import { testServer } from "../support/server.ts";

/** Ann's session, and codes that are issued in it, over or not. */
async function signedIn(database: DatabaseName) {
  const server = await testServer({ database });
  await server.addClient({
    client_id: "app",
    client_secret: "s",
    grant_types: ["authorization_code", "refresh_token"],
    redirect_uris: [CALLBACK],
    scope: "openid offline_access",
  });
  const { session } = await signInAs(server, await addPerson(server, { username: "ann" }));
  const { store } = server.services;
  const client = await store.findClient("app");
  const user = await store.findUser(session.userId);
  if (!client || !user) throw new TypeError("Nobody is there");
  return {
    server,
    session,
    issue(scope: string, consented = false) {
      const request = { redirectUri: CALLBACK, scope: scope.split(" "), resource: [] };
      return issueCode({ client, user, session, request, consented }, server.services);
    },
    redeem(code: string) {
      const form = { grant_type: "authorization_code", code, redirect_uri: CALLBACK };
      return server.post("/token", form, { basic: ["app", "s"] });
    },
  };
}

const refused = async (response: Promise<Response>) =>
  expect(await bodyOf<object>(response)).toMatchObject({ error: "invalid_grant" });

describe.each(DATABASES)("decisions D5 the grounds of a code on %s", (database) => {
  test("a code that was issued before signing out is worth nothing after", async () => {
    const { server, session, issue, redeem } = await signedIn(database);
    const code = await issue("openid");
    await endSession(session, server.services);
    await refused(redeem(code));
  });

  test.each(["openid", "openid offline_access"])(
    "a request that had read the session gets nothing for %s once it is over",
    async (scope) => {
      const { server, session, issue, redeem } = await signedIn(database);
      await endSession(session, server.services);
      await refused(redeem(await issue(scope)));
    },
  );

  test("a code that signing out did not see is worth nothing, save for offline_access", async () => {
    const { server, session, issue, redeem } = await signedIn(database);
    const [online, offline] = [await issue("openid"), await issue("openid offline_access")];
    await server.services.store.deleteSession(session.id);
    await refused(redeem(online));
    expect((await redeem(offline)).status).toBe(200);
  });

  test("a code for a consent that was withdrawn meanwhile is worth nothing", async () => {
    const { server, session, issue, redeem } = await signedIn(database);
    const at = server.services.now();
    const given = { userId: session.userId, clientId: "app", createdAt: at, updatedAt: at };
    const consent = { ...given, scope: ["openid"], resource: [] };
    await server.services.store.writeConsent(consent, undefined);
    expect((await redeem(await issue("openid", true))).status).toBe(200);
    await server.services.store.deleteConsent(session.userId, "app");
    await refused(redeem(await issue("openid", true)));
  });

  test("nor is one whose consent came back for something else", async () => {
    const { server, session, issue, redeem } = await signedIn(database);
    const at = server.services.now();
    const given = { userId: session.userId, clientId: "app", createdAt: at, updatedAt: at };
    const consent = { ...given, scope: ["offline_access"], resource: [] };
    await server.services.store.writeConsent(consent, undefined);
    await refused(redeem(await issue("openid", true)));
    expect((await redeem(await issue("offline_access", true))).status).toBe(200);
  });
});
