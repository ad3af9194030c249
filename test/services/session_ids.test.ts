/** `sid`: what a client is told of a session, and what two clients can make of it together. */
import { describe, expect, test } from "bun:test";
import { createServerSecret, openServices, openStore } from "../../src/server.ts";
import { endSession } from "../../src/services/logout.ts";
import { sessionIdFor } from "../../src/services/subjects.ts";
import { openBrowser } from "../support/browser.ts";
import { DATABASES } from "../support/databases.ts";
import {
  addPerson,
  bodyOf,
  CALLBACK,
  signInAs,
  type Tokens,
  tokensOf,
  verified,
} from "../support/openid.ts";
import { relyingParty } from "../support/relying_party.ts";
import { ISSUER, type TestClient, type TestServer, testServer } from "../support/server.ts";

const APP: TestClient = {
  client_id: "app",
  client_secret: "s",
  grant_types: ["authorization_code", "refresh_token"],
  redirect_uris: [CALLBACK],
  scope: "openid",
  subject_type: "pairwise",
};

const OTHER: TestClient = {
  ...APP,
  client_id: "other",
  redirect_uris: [CALLBACK, "https://other.example/callback"],
};

const settings = { outgoingPrivateHosts: ["127.0.0.1"] };

/** A server with two pairwise clients of different sectors, which take logout tokens. */
async function twoSectors(database: "sqlite" | "postgres" = "sqlite") {
  const server = await testServer({ database, settings });
  const parties = { app: relyingParty(), other: relyingParty() };
  await server.addClient({ ...APP, backchannel_logout_uri: parties.app.uri });
  await server.addClient({ ...OTHER, backchannel_logout_uri: parties.other.uri });
  const ann = await addPerson(server, { username: "ann" });
  return { server, parties, ann };
}

const claimsOf = async (server: TestServer, token: string | undefined, audience: string) =>
  (await verified(server, token ?? "", { audience })).payload;

describe.each(DATABASES)("OpenID Connect Back-Channel Logout §2.1 sid on %s", (database) => {
  test("two clients cannot tell by it that their pairwise subjects are one user", async () => {
    const { server, parties, ann } = await twoSectors(database);
    const { session } = await signInAs(server, ann);
    const told: Record<string, unknown>[] = [];
    for (const clientId of ["app", "other"] as const) {
      const { id_token } = await tokensOf(server, { clientId, session, scope: ["openid"] });
      told.push(await claimsOf(server, id_token, clientId));
    }
    await endSession(session, server.services);
    for (const clientId of ["app", "other"] as const) {
      const [token = ""] = parties[clientId].tokens;
      const { payload } = await verified(server, token, { audience: clientId, typ: "logout+jwt" });
      told.push(payload);
    }
    const [app, other, appLeft, otherLeft] = told;
    expect(app?.["sid"]).toBeString();
    expect(other?.["sid"]).not.toBe(app?.["sid"]);
    expect(other?.["sub"]).not.toBe(app?.["sub"]);
    // To one client it is the same session in both kinds of tokens, or it could not end it.
    expect([appLeft?.["sid"], otherLeft?.["sid"]]).toEqual([app?.["sid"], other?.["sid"]]);
    for (const secret of [session.id, ann]) expect(JSON.stringify(told)).not.toContain(secret);
  });

  test("is the same as long as the session lives, and another one in another session", async () => {
    const { server, ann } = await twoSectors(database);
    const [here, there] = [await signInAs(server, ann), await signInAs(server, ann)];
    const wanted = { clientId: "app", scope: ["openid"] };
    const first = await tokensOf(server, { ...wanted, session: here.session });
    server.advance(3600);
    const form = { grant_type: "refresh_token", refresh_token: first.refresh_token };
    const second = await bodyOf<Tokens>(server.post("/token", form, { basic: ["app", "s"] }));
    const elsewhere = await tokensOf(server, { ...wanted, session: there.session });
    server.advance(-3600);
    const sids = [];
    for (const { id_token } of [first, second, elsewhere]) {
      sids.push((await claimsOf(server, id_token, "app"))["sid"]);
    }
    expect(sids[1]).toBe(sids[0]);
    expect(sids[2]).not.toBe(sids[0]);
  });
});

describe("OpenID Connect RP-Initiated Logout §2 the hint's sid", () => {
  const logout = (hint: string) => `/logout?${new URLSearchParams({ id_token_hint: hint })}`;

  test("is found again in the session of the browser, by each client's own", async () => {
    for (const clientId of ["app", "other"]) {
      const { server, ann } = await twoSectors();
      const { session, cookie } = await signInAs(server, ann);
      const { id_token } = await tokensOf(server, { clientId, session, scope: ["openid"] });
      const browser = openBrowser(server);
      const [name = "", value = ""] = cookie.split("=");
      browser.cookies.set(name, value);
      const page = await browser.open(logout(id_token));
      expect(page.text).toContain("You are signed out");
      expect(await server.services.store.findSession(session.id)).toBeUndefined();
    }
  });

  test("of a client that is gone signs nobody out unasked", async () => {
    const { server, ann } = await twoSectors();
    const { session, cookie } = await signInAs(server, ann);
    const { id_token } = await tokensOf(server, { clientId: "app", session, scope: ["openid"] });
    await server.services.store.deleteClient("app");
    const browser = openBrowser(server);
    const [name = "", value = ""] = cookie.split("=");
    browser.cookies.set(name, value);
    expect((await browser.open(logout(id_token))).forms).toHaveLength(1);
    expect(await server.services.store.findSession(session.id)).toBeDefined();
  });
});

describe("sessionIdFor()", () => {
  test("joins no two pairs of client and session, whatever they are called", () => {
    const services = { pairwiseSalt: "salt" };
    const pairs = [
      ["a", "b:c"],
      ["a:b", "c"],
      ["a", "1:b:c"],
      ["3:a:b", "c"],
    ] as const;
    const sids = pairs.map(([client, session]) => sessionIdFor(client, session, services));
    expect(new Set(sids).size).toBe(pairs.length);
    for (const sid of sids) expect(sid).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(sessionIdFor("a", "b", { pairwiseSalt: "other" })).not.toBe(
      sessionIdFor("a", "b", services),
    );
  });

  test("gives the same after a change of the server's secret, in the middle of a session", async () => {
    const { server } = await twoSectors();
    const before = sessionIdFor("app", "session", server.services);
    await server.close();
    const store = await openStore(server.url);
    const secret = createServerSecret(crypto.getRandomValues(new Uint8Array(32)), server.secret);
    const services = await openServices({ issuer: ISSUER, store, secret });
    expect(sessionIdFor("app", "session", services)).toBe(before);
    await store.close();
  });
});
