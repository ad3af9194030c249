import { describe, expect, test } from "bun:test";
import { decodeProtectedHeader } from "jose";
import { issueCode } from "../../src/services/issue_code.ts";
import { endAllSessions, endSession } from "../../src/services/logout.ts";
import { sessionIdFor } from "../../src/services/subjects.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { addPerson, bodyOf, CALLBACK, signInAs, tokensOf, verified } from "../support/openid.ts";
import { relyingParty } from "../support/relying_party.ts";
import { START, type TestClient, type TestServer, testServer } from "../support/server.ts";

const APP: TestClient = {
  client_id: "app",
  client_secret: "s",
  grant_types: ["authorization_code", "refresh_token"],
  redirect_uris: [CALLBACK],
  scope: "openid offline_access",
};

const LOOPBACK = { outgoingPrivateHosts: ["127.0.0.1"] };

const open = (database: DatabaseName = "sqlite", settings = {}) =>
  testServer({ database, settings: { ...LOOPBACK, ...settings } });

const isActive = async (server: TestServer, token: string, client = "app") => {
  const answer = server.post("/introspect", { token }, { basic: [client, "s"] });
  return (await bodyOf<{ active: boolean }>(answer)).active;
};

/** Details of the audit rows of one event. */
async function audited(server: TestServer, event: string) {
  const rows = await server.services.store.listAuditRows(100);
  return rows.filter((row) => row.event === event);
}

describe.each(DATABASES)("decisions D5 signing out on %s", (database) => {
  test("ends what was granted in the session without offline_access, and nothing else", async () => {
    const server = await open(database);
    await server.addClient(APP);
    const userId = await addPerson(server, { username: "ann" });
    const here = await signInAs(server, userId);
    const there = await signInAs(server, userId);
    const grant = (session: typeof here.session, ...scope: string[]) =>
      tokensOf(server, { clientId: "app", session, scope });
    const online = await grant(here.session, "openid");
    const offline = await grant(here.session, "openid", "offline_access");
    const elsewhere = await grant(there.session, "openid");
    await endSession(here.session, server.services);
    expect(await isActive(server, online.access_token)).toBe(false);
    expect(await isActive(server, online.refresh_token)).toBe(false);
    expect(await isActive(server, offline.access_token)).toBe(true);
    expect(await isActive(server, offline.refresh_token)).toBe(true);
    expect(await isActive(server, elsewhere.refresh_token)).toBe(true);
    expect(await server.services.store.findSession(here.session.id)).toBeUndefined();
    expect(await server.services.store.findSession(there.session.id)).toBeDefined();
  });

  test("a code that was issued before is worth nothing after", async () => {
    const server = await open(database);
    await server.addClient(APP);
    const { session } = await signInAs(server, await addPerson(server, { username: "ann" }));
    const { store } = server.services;
    const client = await store.findClient("app");
    const user = await store.findUser(session.userId);
    if (!client || !user) throw new TypeError("Nobody is there");
    const request = { redirectUri: CALLBACK, scope: ["openid"], resource: [] };
    const code = await issueCode({ client, user, session, request }, server.services);
    await endSession(session, server.services);
    const form = { grant_type: "authorization_code", code, redirect_uri: CALLBACK };
    const response = await server.post("/token", form, { basic: ["app", "s"] });
    expect(await bodyOf<object>(response)).toMatchObject({ error: "invalid_grant" });
  });

  test("everywhere ends every session of the user, and nobody else's", async () => {
    const server = await open(database);
    await server.addClient(APP);
    const ann = await addPerson(server, { username: "ann" });
    const bob = await addPerson(server, { username: "bob" });
    const sessions = [await signInAs(server, ann), await signInAs(server, ann)];
    const other = await signInAs(server, bob);
    const tokens = await Promise.all(
      sessions.map(({ session }) =>
        tokensOf(server, { clientId: "app", session, scope: ["openid"] }),
      ),
    );
    await endAllSessions(ann, server.services);
    expect(await server.services.store.listSessions(ann)).toEqual([]);
    for (const { refresh_token: token } of tokens)
      expect(await isActive(server, token)).toBe(false);
    expect(await server.services.store.findSession(other.session.id)).toBeDefined();
    expect(await audited(server, "session.ended")).toHaveLength(2);
  });

  test("of requests at once, one tells the clients", async () => {
    const server = await open(database);
    const party = relyingParty();
    await server.addClient({ ...APP, backchannel_logout_uri: party.uri });
    const { session } = await signInAs(server, await addPerson(server, { username: "ann" }));
    await tokensOf(server, { clientId: "app", session, scope: ["openid"] });
    await Promise.all([1, 2, 3, 4, 5].map(() => endSession(session, server.services)));
    expect(party.tokens).toHaveLength(1);
    expect(await audited(server, "session.ended")).toHaveLength(1);
  });

  test("clients are remembered as long as the session, however old their tokens are", async () => {
    const server = await open(database);
    const party = relyingParty();
    await server.addClient({
      ...APP,
      grant_types: ["authorization_code"],
      backchannel_logout_uri: party.uri,
    });
    const { session } = await signInAs(server, await addPerson(server, { username: "ann" }));
    await tokensOf(server, { clientId: "app", session, scope: ["openid"] });
    server.advance(3 * 86_400);
    while ((await server.services.store.sweepExpired(server.services.now())) > 0);
    await endSession(session, server.services);
    expect(party.tokens).toHaveLength(1);
  });
});

describe("OpenID Connect Back-Channel Logout §2.4 logout token", () => {
  test.each(["RS256", "PS256", "ES256", "EdDSA"] as const)(
    "by %s: says who left which session, and is no ID token",
    async (algorithm) => {
      const server = await open();
      const party = relyingParty();
      await server.addClient({
        ...APP,
        subject_type: "pairwise",
        id_token_signed_response_alg: algorithm,
        backchannel_logout_uri: party.uri,
      });
      const { session } = await signInAs(server, await addPerson(server, { username: "ann" }));
      const tokens = await tokensOf(server, { clientId: "app", session, scope: ["openid"] });
      const idToken = await verified(server, tokens.id_token, { audience: "app" });
      await endSession(session, server.services);
      expect(party.types).toEqual(["application/x-www-form-urlencoded"]);
      const [logoutToken = ""] = party.tokens;
      const typ = "logout+jwt";
      const { payload, alg } = await verified(server, logoutToken, { audience: "app", typ });
      expect(alg).toBe(algorithm);
      expect(decodeProtectedHeader(logoutToken).typ).toBe(typ);
      expect(payload).toEqual({
        iss: server.services.issuer,
        aud: "app",
        sub: String(idToken.payload.sub),
        sid: sessionIdFor("app", session.id, server.services),
        iat: START,
        exp: START + 120,
        jti: expect.any(String),
        events: { "http://schemas.openid.net/event/backchannel-logout": {} },
      });
      expect(payload).not.toHaveProperty("nonce");
    },
  );
});

describe("OpenID Connect Back-Channel Logout §2.5 telling the clients", () => {
  test("every client of the session is told, and no other", async () => {
    const server = await open();
    const parties = { one: relyingParty(), two: relyingParty(), other: relyingParty() };
    for (const [id, { uri }] of Object.entries(parties)) {
      await server.addClient({ ...APP, client_id: id, backchannel_logout_uri: uri });
    }
    await server.addClient({ ...APP, client_id: "silent" });
    const userId = await addPerson(server, { username: "ann" });
    const { session } = await signInAs(server, userId);
    const elsewhere = await signInAs(server, userId);
    for (const clientId of ["one", "one", "two", "silent"]) {
      await tokensOf(server, { clientId, session, scope: ["openid", "offline_access"] });
    }
    await tokensOf(server, { clientId: "other", session: elsewhere.session, scope: ["openid"] });
    await endSession(session, server.services);
    expect(parties.one.tokens).toHaveLength(1);
    expect(parties.two.tokens).toHaveLength(1);
    expect(parties.other.tokens).toHaveLength(0);
  });

  test("clients that refuse, redirect or are gone are noted, and stop nobody", async () => {
    const server = await open();
    const good = relyingParty(() => new Response("ok"));
    const refusing = relyingParty(() =>
      Response.json({ error: "invalid_request" }, { status: 400 }),
    );
    const redirecting = relyingParty(() => Response.redirect(good.uri, 307));
    const uris = {
      good: good.uri,
      refusing: refusing.uri,
      redirecting: redirecting.uri,
      gone: "http://127.0.0.1:9/backchannel",
      private: "http://10.0.0.1/backchannel",
    };
    const { session } = await signInAs(server, await addPerson(server, { username: "ann" }));
    for (const [id, uri] of Object.entries(uris)) {
      await server.addClient({ ...APP, client_id: id, backchannel_logout_uri: uri });
      await tokensOf(server, { clientId: id, session, scope: ["openid"] });
    }
    await endSession(session, server.services);
    expect(good.tokens).toHaveLength(1);
    const rows = await audited(server, "logout.undelivered");
    expect(rows.map(({ clientId }) => clientId).sort()).toEqual([
      "gone",
      "private",
      "redirecting",
      "refusing",
    ]);
    expect(rows.find(({ clientId }) => clientId === "refusing")?.details).toEqual({
      session_id: session.id,
      reason: "status 400",
    });
    for (const { details } of rows) expect(JSON.stringify(details)).not.toContain("eyJ");
  });

  test("clients that never answer keep nobody waiting past the time limit", async () => {
    const server = await open("sqlite", { outgoingTimeoutSeconds: 1 });
    const hung = Promise.withResolvers<Response>();
    const party = relyingParty(() => hung.promise);
    const { session } = await signInAs(server, await addPerson(server, { username: "ann" }));
    for (let each = 0; each < 20; each++) {
      const clientId = `app${each}`;
      await server.addClient({ ...APP, client_id: clientId, backchannel_logout_uri: party.uri });
      await tokensOf(server, { clientId, session, scope: ["openid"] });
    }
    await endSession(session, server.services);
    // Sixteen at once: the others are still waiting when the user is let go.
    expect(party.tokens).toHaveLength(16);
    expect(await server.services.store.findSession(session.id)).toBeUndefined();
    hung.resolve(new Response(null, { status: 204 }));
  });
});
