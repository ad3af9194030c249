import { describe, expect, test } from "bun:test";
import { type Browser, openBrowser } from "../support/browser.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { addPerson, bodyOf, CALLBACK, signInAs, tokensOf } from "../support/openid.ts";
import { relyingParty } from "../support/relying_party.ts";
import { type TestClient, type TestServer, testServer } from "../support/server.ts";

const AFTER = "https://app.example/goodbye?from=tessera";

const APP: TestClient = {
  client_id: "app",
  client_secret: "s",
  client_name: "The <App>",
  grant_types: ["authorization_code", "refresh_token", "password"],
  redirect_uris: [CALLBACK],
  post_logout_redirect_uris: [AFTER, "com.example.app:/goodbye"],
  scope: "openid",
};

/** Somebody signed in, her browser, and the ID token that the client got. */
async function begin(database: DatabaseName = "sqlite", client: Partial<TestClient> = {}) {
  const settings = { outgoingPrivateHosts: ["127.0.0.1"] };
  const server = await testServer({ database, settings });
  await server.addClient({ ...APP, ...client });
  const userId = await addPerson(server, { username: "ann", password: "pw" });
  const { session, cookie } = await signInAs(server, userId);
  const tokens = await tokensOf(server, { clientId: "app", session, scope: ["openid"] });
  return { server, userId, session, tokens, browser: browserWith(server, cookie) };
}

function browserWith(server: TestServer, cookie: string): Browser {
  const browser = openBrowser(server);
  const [name = "", value = ""] = cookie.split("=");
  browser.cookies.set(name, value);
  return browser;
}

const logout = (params: Record<string, string>) => `/logout?${new URLSearchParams(params)}`;

const lives = async ({ services }: TestServer, id: string) =>
  (await services.store.findSession(id)) !== undefined;

describe.each(DATABASES)("OpenID Connect RP-Initiated Logout §2 on %s", (database) => {
  test("with the ID token of this session nobody is asked: signed out, and back with state", async () => {
    const party = relyingParty();
    const { server, session, tokens, browser } = await begin(database, {
      backchannel_logout_uri: party.uri,
    });
    const request = {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: AFTER,
      state: "a b&c",
    };
    const page = await browser.open(logout(request));
    expect(page.hops).toEqual([{ status: 303, location: `${AFTER}&state=a+b%26c` }]);
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(await lives(server, session.id)).toBe(false);
    expect(browser.cookies.has("tessera_session")).toBe(false);
    expect(party.tokens).toHaveLength(1);
    const bearer = { Authorization: `Bearer ${tokens.access_token}` };
    expect((await server.get("/userinfo", bearer)).status).toBe(401);
  });

  test("without a hint the user is asked, and then it goes back to the named client", async () => {
    const { server, session, browser } = await begin(database);
    const request = { client_id: "app", post_logout_redirect_uri: AFTER, state: "xyz" };
    const page = await browser.open(logout(request));
    expect(page.status).toBe(200);
    expect(page.text).toContain("The &lt;App&gt;");
    expect(await lives(server, session.id)).toBe(true);
    const done = await browser.submit(page);
    expect(done.hops).toEqual([{ status: 303, location: `${AFTER}&state=xyz` }]);
    expect(await lives(server, session.id)).toBe(false);
    expect(browser.cookies.has("tessera_session")).toBe(false);
  });

  test("a form of the client's own page works too, although it brings no Lax cookie", async () => {
    const { server, session, tokens, browser } = await begin(database);
    const body = { id_token_hint: tokens.id_token, post_logout_redirect_uri: AFTER, state: "s" };
    const page = await browser.open("/logout", { method: "POST", body, crossSite: true });
    expect(page.hops.map(({ status }) => status)).toEqual([303, 303]);
    expect(page.hops[0]?.location).not.toContain(tokens.id_token);
    expect(page.hops[1]?.location).toBe(`${AFTER}&state=s`);
    expect(await lives(server, session.id)).toBe(false);
  });
});

describe("who is asked before he is signed out", () => {
  test("a hint of another session, of another user, or of no session is not enough", async () => {
    const { server, session, userId, browser } = await begin();
    const bob = await addPerson(server, { username: "bob" });
    const earlier = (await signInAs(server, userId)).session;
    const foreign = (await signInAs(server, bob)).session;
    const wanted = { clientId: "app", scope: ["openid"] };
    const form = { grant_type: "password", username: "ann", password: "pw", scope: "openid" };
    const direct = await bodyOf<{ id_token: string }>(
      server.post("/token", form, { basic: ["app", "s"] }),
    );
    const hints = [
      (await tokensOf(server, { ...wanted, session: earlier })).id_token,
      (await tokensOf(server, { ...wanted, session: foreign })).id_token,
      direct.id_token,
    ];
    for (const hint of hints) {
      const page = await browser.open(
        logout({ id_token_hint: hint, post_logout_redirect_uri: AFTER }),
      );
      expect(page.status).toBe(200);
      expect(page.forms).toHaveLength(1);
      expect(page.text).not.toContain(hint);
      expect(page.url.href).not.toContain(hint);
    }
    for (const { id } of [session, earlier, foreign]) expect(await lives(server, id)).toBe(true);
  });

  test("a hint that is not our ID token is not used at all", async () => {
    const { server, session, tokens, browser } = await begin();
    const [header = "", payload = ""] = tokens.id_token.split(".");
    const hints = ["garbage", tokens.access_token, tokens.refresh_token, `${header}.${payload}.AA`];
    for (const hint of hints) {
      const page = await browser.open(logout({ id_token_hint: hint, client_id: "app" }));
      expect(page.forms).toHaveLength(1);
      const refused = await browser.open(
        logout({ id_token_hint: hint, post_logout_redirect_uri: AFTER }),
      );
      expect(refused.status).toBe(400);
    }
    expect(await lives(server, session.id)).toBe(true);
  });

  test("an expired ID token of this session is enough", async () => {
    const { server, session, tokens, browser } = await begin();
    server.advance(4 * 3600);
    await browser.open(logout({ id_token_hint: tokens.id_token }));
    expect(await lives(server, session.id)).toBe(false);
  });

  test("who is not signed in is asked nothing", async () => {
    const { server, session, tokens } = await begin();
    const browser = openBrowser(server);
    const plain = await browser.open("/logout");
    expect(plain.status).toBe(200);
    expect(plain.forms).toEqual([]);
    expect(plain.text).toContain("You are signed out");
    const back = await browser.open(
      logout({ id_token_hint: tokens.id_token, post_logout_redirect_uri: AFTER }),
    );
    expect(back.hops).toEqual([{ status: 303, location: AFTER }]);
    // A token alone, from a browser without the session, ends nothing.
    expect(await lives(server, session.id)).toBe(true);
  });
});

describe("attack 74: the browser is sent to registered addresses only", () => {
  test.each([
    ["another address", { client_id: "app", post_logout_redirect_uri: "https://evil.example/" }],
    ["a prefix", { client_id: "app", post_logout_redirect_uri: `${AFTER}&more=1` }],
    ["other case", { client_id: "app", post_logout_redirect_uri: AFTER.replace("app", "App") }],
    ["a redirect URI of sign-in", { client_id: "app", post_logout_redirect_uri: CALLBACK }],
    ["an unknown client", { client_id: "nobody", post_logout_redirect_uri: AFTER }],
    ["no client", { post_logout_redirect_uri: AFTER }],
  ])("%s is refused, and nobody is signed out", async (_, params) => {
    const { server, session, browser } = await begin();
    const page = await browser.open(logout(params));
    expect(page.status).toBe(400);
    expect(page.hops).toEqual([]);
    const json = await server.get(logout(params));
    expect(await bodyOf<object>(json)).toMatchObject({
      error: "invalid_request",
      detail: "post_logout_redirect_uri",
    });
    expect(await lives(server, session.id)).toBe(true);
  });

  test("a client of another name than the hint's is refused", async () => {
    const { server, session, tokens, browser } = await begin();
    await server.addClient({ ...APP, client_id: "other" });
    const page = await browser.open(logout({ id_token_hint: tokens.id_token, client_id: "other" }));
    expect(page.status).toBe(400);
    expect(await lives(server, session.id)).toBe(true);
  });

  test("a disabled client's addresses are no longer used", async () => {
    const { server, tokens, browser } = await begin();
    await server.services.store.setClientDisabled("app", server.services.now());
    const page = await browser.open(
      logout({ id_token_hint: tokens.id_token, post_logout_redirect_uri: AFTER }),
    );
    expect(page.status).toBe(400);
  });

  test("an app's own scheme works, and the page's policy lets its form end there", async () => {
    const { browser } = await begin();
    const uri = "com.example.app:/goodbye";
    const page = await browser.open(logout({ client_id: "app", post_logout_redirect_uri: uri }));
    expect(page.headers.get("content-security-policy")).toContain(
      "form-action 'self' com.example.app:",
    );
    const done = await browser.submit(page);
    expect(done.hops).toEqual([{ status: 303, location: uri }]);
  });
});

describe("the page that asks", () => {
  test("another site can neither send its form nor make up its request", async () => {
    const { server, session, browser } = await begin();
    const page = await browser.open("/logout?client_id=app");
    const fields = page.forms[0]?.fields ?? {};
    const foreign = await browser.open("/logout", {
      method: "POST",
      body: fields,
      headers: { "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example" },
    });
    expect(foreign.status).toBe(403);
    const forged = await browser.open("/logout", { method: "POST", body: { request: "x.y" } });
    expect(forged.status).toBe(400);
    expect((await browser.open("/logout?request=x.y")).status).toBe(400);
    expect(await lives(server, session.id)).toBe(true);
  });

  test("is good for an hour", async () => {
    const { server, session, browser } = await begin();
    const page = await browser.open("/logout?client_id=app");
    server.advance(3600);
    expect((await browser.submit(page)).status).toBe(400);
    expect(await lives(server, session.id)).toBe(true);
  });

  test("speaks the language of ui_locales, and has a strict policy", async () => {
    const { browser } = await begin();
    const page = await browser.open(logout({ client_id: "app", ui_locales: "fr-CA en" }));
    expect(page.text).toContain('lang="fr"');
    expect(page.text).toContain("Se déconnecter\u00a0?");
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("script-src");
  });

  test("parameters that are repeated, too long, or in the URL of a post are refused", async () => {
    const { server, session, browser } = await begin();
    const statuses = [
      (await browser.open("/logout?client_id=app&client_id=app")).status,
      (await browser.open(logout({ client_id: "app", state: "x".repeat(2049) }))).status,
      (await browser.open("/logout?id_token_hint=x", { method: "POST", body: {} })).status,
    ];
    expect(statuses).toEqual([400, 400, 400]);
    expect(await lives(server, session.id)).toBe(true);
  });
});
