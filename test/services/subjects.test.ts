import { describe, expect, test } from "bun:test";
import { createServerSecret, openServices, openStore } from "../../src/server.ts";
import { openPairwiseSalt, subjectFor } from "../../src/services/subjects.ts";
import { DATABASES, freshDatabase } from "../support/databases.ts";
import {
  addPerson,
  bodyOf,
  CALLBACK,
  signInAs,
  type Tokens,
  tokensOf,
  verified,
} from "../support/openid.ts";
import { ISSUER, START, type TestClient, type TestServer, testServer } from "../support/server.ts";

const PAIRWISE: Omit<TestClient, "client_id"> = {
  client_secret: "s",
  grant_types: ["authorization_code", "refresh_token", "password"],
  redirect_uris: [CALLBACK],
  scope: "openid",
  subject_type: "pairwise",
};

/** `sub` of the user at a client, as its ID token has it. */
async function subjectAt(server: TestServer, clientId: string, userId: string) {
  const { session } = await signInAs(server, userId);
  const { id_token: idToken } = await tokensOf(server, { clientId, session, scope: ["openid"] });
  return (await verified(server, idToken, { audience: clientId })).payload.sub;
}

describe.each(DATABASES)("OpenID Connect Core §8.1 pairwise subjects on %s", (database) => {
  test("are the same wherever the client looks, and hide the user's id", async () => {
    const server = await testServer({ database });
    await server.addClient({ ...PAIRWISE, client_id: "app" });
    const userId = await addPerson(server, { username: "ann" });
    const { session } = await signInAs(server, userId);
    const wanted = { clientId: "app", session, scope: ["openid"] };
    const tokens = await tokensOf(server, wanted);
    const { payload } = await verified(server, tokens.id_token, { audience: "app" });
    const refreshed = await server.post(
      "/token",
      { grant_type: "refresh_token", refresh_token: tokens.refresh_token },
      { basic: ["app", "s"] },
    );
    const again = await bodyOf<Tokens>(refreshed);
    const { payload: later } = await verified(server, again.id_token, { audience: "app" });
    const bearer = { Authorization: `Bearer ${again.access_token}` };
    const userinfo = await bodyOf<{ sub: string }>(server.get("/userinfo", bearer));
    const access = await bodyOf<{ sub: string }>(
      server.post("/introspect", { token: again.access_token }, { basic: ["app", "s"] }),
    );
    const subjects = [payload.sub, later.sub, userinfo.sub, access.sub];
    expect(new Set(subjects).size).toBe(1);
    expect(payload.sub).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(access).toMatchObject({ active: true });
    const everything = JSON.stringify([payload, later, userinfo, access]);
    expect(everything).not.toContain(userId);
    expect(everything).not.toContain("ann");
  });

  test("come from one salt, although several instances start on an empty database", async () => {
    const url = await freshDatabase(database);
    const store = await openStore(url);
    const salts = await Promise.all([1, 2, 3].map(() => openPairwiseSalt(store)));
    expect(new Set(salts).size).toBe(1);
    expect(salts[0]).toMatch(/^[A-Za-z0-9_-]{43}$/);
    await store.sweepExpired(START + 100 * 365 * 86_400);
    await store.close();
    const later = await openStore(url);
    expect(await openPairwiseSalt(later)).toBe(salts[0] ?? "");
    await later.close();
  });

  test("a disabled user's tokens die although their subject is not his id", async () => {
    const server = await testServer({ database });
    await server.addClient({ ...PAIRWISE, client_id: "app" });
    const userId = await addPerson(server, { username: "ann" });
    const { session } = await signInAs(server, userId);
    const tokens = await tokensOf(server, { clientId: "app", session, scope: ["openid"] });
    const bearer = { Authorization: `Bearer ${tokens.access_token}` };
    expect((await server.get("/userinfo", bearer)).status).toBe(200);
    await server.services.store.setUserDisabled(userId, server.services.now());
    expect((await server.get("/userinfo", bearer)).status).toBe(401);
  });
});

describe("sector identifiers", () => {
  const elsewhere = "https://other.example/callback";
  const shared = "https://group.example/uris.json";
  const clients: Record<string, Partial<TestClient>> = {
    app: {},
    sameHost: { redirect_uris: [CALLBACK, "https://app.example/other"] },
    otherHost: { redirect_uris: [CALLBACK, elsewhere] },
    groupA: { redirect_uris: [CALLBACK, elsewhere], sector_identifier_uri: shared },
    groupB: { redirect_uris: [CALLBACK], sector_identifier_uri: shared },
    public: { subject_type: "public" },
  };

  test("join clients of one host or one sector_identifier_uri, and part all others", async () => {
    const server = await testServer();
    for (const [id, metadata] of Object.entries(clients)) {
      await server.addClient({ ...PAIRWISE, ...metadata, client_id: id });
    }
    const ann = await addPerson(server, { username: "ann" });
    const bob = await addPerson(server, { username: "bob" });
    const subjects: Record<string, string | undefined> = {};
    for (const id of Object.keys(clients)) subjects[id] = await subjectAt(server, id, ann);
    expect(subjects["sameHost"]).toBe(subjects["app"]);
    expect(subjects["groupB"]).toBe(subjects["groupA"]);
    expect(subjects["public"]).toBe(ann);
    expect(new Set(Object.values(subjects)).size).toBe(4);
    expect(await subjectAt(server, "app", bob)).not.toBe(subjects["app"]);
    expect(await subjectAt(server, "app", ann)).toBe(subjects["app"]);
  });

  test.each([
    ["a scheme of an app", "com.example.app://callback/"],
    ["a loopback address", "http://127.0.0.1/callback"],
    ["another loopback address", "http://127.8.8.8/callback"],
    ["the loopback address of IPv6", "http://[::1]/callback"],
    ["localhost", "http://localhost/callback"],
    ["localhost over TLS", "https://localhost./callback"],
    ["a name below localhost", "https://app.localhost/callback"],
  ])("%s joins no strangers", async (_name, uri) => {
    const server = await testServer();
    const id = await addPerson(server, { username: "ann" });
    const subjects: string[] = [];
    for (const clientId of ["one", "two"]) {
      await server.addClient({ ...PAIRWISE, client_id: clientId, redirect_uris: [uri] });
      const client = await server.services.store.findClient(clientId);
      if (!client) throw new TypeError("The client is gone");
      subjects.push(subjectFor(client, { id }, server.services));
    }
    expect(new Set(subjects).size).toBe(2);
  });

  test("the password grant names the user alike", async () => {
    const server = await testServer();
    await server.addClient({ ...PAIRWISE, client_id: "app" });
    const userId = await addPerson(server, { username: "ann", password: "pw" });
    const form = { grant_type: "password", username: "ann", password: "pw", scope: "openid" };
    const response = await server.post("/token", form, { basic: ["app", "s"] });
    const { id_token: idToken } = await bodyOf<Tokens>(response);
    const { payload } = await verified(server, idToken, { audience: "app" });
    expect(payload.sub).toBe(await subjectAt(server, "app", userId));
  });

  test("a change of the server's secret changes no subject", async () => {
    const before = await testServer();
    await before.addClient({ ...PAIRWISE, client_id: "app" });
    const userId = await addPerson(before, { username: "ann" });
    const subject = await subjectAt(before, "app", userId);
    const client = await before.services.store.findClient("app");
    if (!client) throw new TypeError("The client is gone");
    await before.close();
    const store = await openStore(before.url);
    const secret = createServerSecret(crypto.getRandomValues(new Uint8Array(32)), before.secret);
    const services = await openServices({ issuer: ISSUER, store, secret });
    expect(subjectFor(client, { id: userId }, services)).toBe(subject ?? "");
    await store.close();
  });
});
