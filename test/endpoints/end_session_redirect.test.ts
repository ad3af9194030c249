/** Where a browser may be sent after signing out, and by whose word. */
import { describe, expect, test } from "bun:test";
import { LOCALES, TEXTS } from "../../src/pages/texts/all.ts";
import { type Browser, openBrowser, type Page } from "../support/browser.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { addPerson, CALLBACK, signInAs, tokensOf } from "../support/openid.ts";
import { type TestServer, testServer } from "../support/server.ts";
import { register } from "./registration_fixture.ts";

const AFTER = "https://app.example/goodbye";
const STRANGE = "https://phish.example/goodbye";

/** A server with a client of the administrator, one that registered itself, and ann signed in. */
async function begin(database: DatabaseName = "sqlite") {
  const server = await testServer({ database, settings: { registration: "open" } });
  const shared = { redirect_uris: [CALLBACK], scope: "openid" };
  await server.addClient({
    ...shared,
    client_id: "app",
    client_secret: "s",
    client_name: "Photo Book",
    post_logout_redirect_uris: [AFTER],
  });
  const { body } = await register(server, {
    ...shared,
    client_name: "Your Bank",
    post_logout_redirect_uris: [STRANGE],
  });
  const dynamic = { id: String(body["client_id"]), secret: String(body["client_secret"]) };
  const { session, cookie } = await signInAs(server, await addPerson(server, { username: "ann" }));
  const tokensFor = async (clientId: string, secret: string) =>
    (await tokensOf(server, { clientId, secret, session, scope: ["openid"] })).id_token;
  const hints = {
    app: await tokensFor("app", "s"),
    dynamic: await tokensFor(dynamic.id, dynamic.secret),
  };
  const browser = openBrowser(server);
  const [name = "", value = ""] = cookie.split("=");
  browser.cookies.set(name, value);
  return { server, session, browser, stranger: openBrowser(server), dynamic, hints };
}

const logout = (params: Record<string, string>) => `/logout?${new URLSearchParams(params)}`;

/** The request by GET, or by a form of the client's own page. */
const WAYS = {
  GET: (browser: Browser, params: Record<string, string>) => browser.open(logout(params)),
  POST: (browser: Browser, params: Record<string, string>) =>
    browser.open("/logout", { method: "POST", crossSite: true, body: params }),
} as const;

const lives = async ({ services }: TestServer, id: string) =>
  (await services.store.findSession(id)) !== undefined;

/** Where the links of the page lead, beside our own pages. */
const linksOf = ({ text }: Page) =>
  [...text.matchAll(/<a class="button" href="([^"]+)">([^<]*)<\/a>/g)].map(
    ([, href = "", label]) => [href.replaceAll("&amp;", "&"), label],
  );

describe.each(DATABASES)("attack 74: RP-Initiated Logout §3 the redirect on %s", (database) => {
  test.each(["GET", "POST"] as const)(
    "without a valid hint needs the word of the user, signed in or not (%s)",
    async (way) => {
      const { server, session, browser, stranger, hints } = await begin(database);
      const [header = "", payload = ""] = hints.app.split(".");
      const request = { client_id: "app", post_logout_redirect_uri: AFTER, state: "a&b" };
      for (const hint of [{}, { id_token_hint: `${header}.${payload}.AA` }]) {
        const page = await WAYS[way](stranger, { ...request, ...hint });
        expect([page.status, page.url.origin]).toEqual([200, "http://localhost:3000"]);
        expect(page.text).toContain("You are signed out");
        expect(linksOf(page)).toContainEqual([`${AFTER}?state=a%26b`, "Continue to app.example"]);
        const asking = await WAYS[way](browser, { ...request, ...hint });
        expect(asking.text).toContain("Sign out?");
        expect(asking.text).toContain("<dt>Then you go to</dt><dd>app.example</dd>");
      }
      expect(await lives(server, session.id)).toBe(true);
      const done = await browser.submit(await WAYS[way](browser, request));
      expect(done.hops).toEqual([{ status: 303, location: `${AFTER}?state=a%26b` }]);
      expect(await lives(server, session.id)).toBe(false);
    },
  );

  test.each(["GET", "POST"] as const)(
    "of a client that registered itself needs it even with a hint of this session (%s)",
    async (way) => {
      const { server, session, browser, stranger, hints } = await begin(database);
      const request = { id_token_hint: hints.dynamic, post_logout_redirect_uri: STRANGE };
      const abroad = await WAYS[way](stranger, request);
      expect([abroad.status, abroad.url.origin]).toEqual([200, "http://localhost:3000"]);
      expect(linksOf(abroad)).toContainEqual([STRANGE, "Continue to phish.example"]);
      const asking = await WAYS[way](browser, request);
      expect(asking.text).toContain("Sign out?");
      expect(asking.text).toContain("<dd>phish.example</dd>");
      expect(asking.url.href).not.toContain(hints.dynamic);
      expect(await lives(server, session.id)).toBe(true);
      const done = await browser.submit(asking);
      expect(done.hops).toEqual([{ status: 303, location: STRANGE }]);
      expect(await lives(server, session.id)).toBe(false);
    },
  );

  test("of the administrator's client goes by itself with a hint, signed in or not", async () => {
    const { browser, stranger, hints } = await begin(database);
    const request = { id_token_hint: hints.app, post_logout_redirect_uri: AFTER };
    for (const each of [stranger, browser]) {
      const page = await each.open(logout(request));
      expect(page.hops).toEqual([{ status: 303, location: AFTER }]);
    }
  });
});

describe.each(DATABASES)("RP-Initiated Logout §3 without a redirect on %s", (database) => {
  test("the hint of a client that registered itself does not sign out before the user is asked", async () => {
    const { server, session, browser, hints } = await begin(database);
    for (const way of ["GET", "POST"] as const) {
      const asking = await WAYS[way](browser, { id_token_hint: hints.dynamic });
      expect(asking.text).toContain("Sign out?");
      expect(await lives(server, session.id)).toBe(true);
    }
    const done = await browser.submit(await WAYS.GET(browser, { id_token_hint: hints.dynamic }));
    expect(done.text).toContain("You are signed out");
    expect(linksOf(done).map(([href]) => href)).toEqual(["/account"]);
    expect(await lives(server, session.id)).toBe(false);
  });

  test("the hint of the administrator's client signs out unasked", async () => {
    const { server, session, browser, hints } = await begin(database);
    const page = await browser.open(logout({ id_token_hint: hints.app }));
    expect(page.text).toContain("You are signed out");
    expect(await lives(server, session.id)).toBe(false);
  });
});

describe.each(DATABASES)("attack 74: an address that is withdrawn while %s asks", (database) => {
  type Begun = Awaited<ReturnType<typeof begin>>;
  const changes: readonly (readonly [string, (test: Begun, id: string) => Promise<unknown>])[] = [
    ["the client is deleted", ({ server }, id) => server.services.store.deleteClient(id)],
    ["the client is disabled", ({ server }, id) => server.services.store.setClientDisabled(id, 1)],
    [
      "its registration names another address",
      async ({ server }, id) => {
        const { store, now } = server.services;
        const client = await store.findClient(id);
        if (!client) throw new TypeError("No client");
        const { metadata, origin, createdAt, notBefore, updatedAt: seenAt } = client;
        const other = { ...metadata, post_logout_redirect_uris: ["https://app.example/else"] };
        const times = { createdAt, notBefore, updatedAt: now() + 1 };
        const row = { id, origin, ...times, metadata: other };
        await store.writeParties({ clients: [{ row, seenAt, secrets: undefined }], users: [] });
      },
    ],
  ];

  test.each(changes)("is neither shown nor gone to: %s", async (_name, change) => {
    for (const kind of ["app", "dynamic"] as const) {
      const test = await begin(database);
      const id = kind === "app" ? "app" : test.dynamic.id;
      const uri = kind === "app" ? AFTER : STRANGE;
      const request = { client_id: id, post_logout_redirect_uri: uri };
      const asking = await test.browser.open(logout(request));
      expect(asking.text).toContain(new URL(uri).hostname);
      const sealed = asking.forms[0]?.fields["request"] ?? "";
      await change(test, id);
      for (const browser of [test.browser, test.stranger]) {
        const page = await browser.open(logout({ request: sealed }));
        expect([page.status, page.hops]).toEqual([200, []]);
        expect(page.text).not.toContain(new URL(uri).hostname);
      }
      // What the user wants is done all the same.
      const done = await test.browser.submit(asking);
      expect([done.status, done.hops]).toEqual([200, []]);
      expect(done.text).toContain("You are signed out");
      expect(done.text).not.toContain(new URL(uri).hostname);
      expect(await lives(test.server, test.session.id)).toBe(false);
    }
  });
});

describe("the word of the user", () => {
  test("is not taken from another site, and a page of ours is good for one browser's user", async () => {
    const { server, session, browser, stranger, dynamic } = await begin();
    const request = { client_id: dynamic.id, post_logout_redirect_uri: STRANGE };
    const asking = await browser.open(logout(request));
    const fields = asking.forms[0]?.fields ?? {};
    const forged = await stranger.open("/logout", {
      method: "POST",
      body: fields,
      crossSite: true,
      headers: { "Sec-Fetch-Site": "cross-site" },
    });
    expect(forged.status).toBe(403);
    // The sealed request alone, in a link, is no word either.
    const linked = await stranger.open(logout({ request: fields["request"] ?? "" }));
    expect([linked.status, linked.hops]).toEqual([200, []]);
    expect(await lives(server, session.id)).toBe(true);
  });

  test.each([...LOCALES])("is asked for in %s", async (tag) => {
    const { browser, stranger, dynamic } = await begin();
    const request = {
      client_id: dynamic.id,
      post_logout_redirect_uri: STRANGE,
      ui_locales: tag,
    };
    const texts = TEXTS[tag];
    expect((await browser.open(logout(request))).text).toContain(texts.signOutReturn);
    const label = texts.leaveButton.replace("{0}", "phish.example");
    expect(linksOf(await stranger.open(logout(request)))).toContainEqual([STRANGE, label]);
  });
});

describe("a query that cannot be read", () => {
  test.each([
    ["broken percent-encoding", "state=%zz"],
    ["bytes that are no UTF-8", "state=%ff"],
    ["too many parameters", Array.from({ length: 65 }, (_, i) => `p${i}=1`).join("&")],
    ["too many bytes", `state=${"a".repeat(66_000)}`],
  ])("%s: the message speaks of the query, not of a body", async (_name, query) => {
    const { server } = await begin();
    const response = await server.get(`/logout?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: "invalid_request",
      error_description: "the parameter query is malformed",
      detail: "query",
    });
  });
});
