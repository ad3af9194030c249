import { describe, expect, test } from "bun:test";
import type { Browser, Page } from "../support/browser.ts";
import { DATABASES } from "../support/databases.ts";
import type { TestClient } from "../support/server.ts";
import { PASSWORD, type SignInTest, sessionOf, signIn, signInTest } from "../support/sign_in.ts";

const APP: TestClient = {
  client_id: "app",
  client_secret: "s",
  client_name: "The App",
  redirect_uris: ["https://app.example/callback"],
  grant_types: ["authorization_code", "refresh_token"],
  scope: "openid email offline_access",
};

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/** Lets the browser's user allow what `app` asks for, and redeems the code. */
async function grant(server: SignInTest, browser: Browser, scope: string): Promise<string> {
  const redirect_uri = "https://app.example/callback";
  const query = { client_id: "app", response_type: "code", scope, redirect_uri };
  const page = await browser.open(`/authorize?${new URLSearchParams(query)}`);
  const answer =
    page.forms.length === 0 ? page : await browser.submit(page, {}, { button: "allow" });
  const code = answer.url.searchParams.get("code") ?? "";
  const response = await server.post(
    "/token",
    { grant_type: "authorization_code", code, redirect_uri },
    { basic: ["app", "s"] },
  );
  expect(response.status).toBe(200);
  const { access_token: token } = (await response.json()) as { access_token: string };
  return token;
}

async function isActive(server: SignInTest, token: string): Promise<boolean> {
  const response = await server.post("/introspect", { token }, { basic: ["app", "s"] });
  return ((await response.json()) as { active: boolean }).active;
}

/** Presses the button of the first form that has the action and the fields. */
function press(browser: Browser, page: Page, action: string, fields = {}): Promise<Page> {
  const index = page.forms.findIndex(
    (form) =>
      form.buttons.some(({ value }) => value === action) &&
      Object.entries(fields).every(([name, value]) => form.fields[name] === value),
  );
  return browser.submit(page, {}, { form: index, button: action });
}

describe.each(DATABASES)("the account page on %s", (database) => {
  async function opened() {
    const server = await signInTest({ database });
    await server.addClient(APP);
    const alice = await server.addPerson({ username: "alice", email: "alice@example.org" });
    const browser = server.openBrowser();
    await signIn(browser, "alice");
    return { server, alice, browser };
  }

  test("is for who is signed in", async () => {
    const server = await signInTest({ database });
    const browser = server.openBrowser();
    expect((await browser.open("/account")).url.pathname).toBe("/login");
    const posted = await browser.open("/account", { method: "POST", body: { action: "x" } });
    expect(posted.url.pathname).toBe("/login");
  });

  test("lists the browsers in plain words, this one marked, and no other user's", async () => {
    const { server, browser } = await opened();
    await server.addPerson({ username: "bob" });
    await signIn(server.openBrowser(), "bob");
    server.advance(7_200);
    const phone = server.openBrowser();
    await phone.open("/login", {
      method: "POST",
      body: { identifier: "alice", password: "correct horse" },
      headers: { "User-Agent": FIREFOX },
    });
    const { text } = await browser.open("/account");
    expect(text).toContain("<bdi>Firefox</bdi></strong> on <strong><bdi>Linux</bdi>");
    expect(text).toContain("<bdi>A browser</bdi></strong> on <strong><bdi>an unknown system</bdi>");
    expect(text).toContain("2 hours ago");
    expect(text.match(/class="badge"/g)).toHaveLength(1);
    expect(text.match(/value="sign_out"/g)).toHaveLength(2);
    expect(text).not.toContain("bob");
  });

  test("lists no session that is over", async () => {
    const { server, browser } = await opened();
    await signIn(server.openBrowser(), "alice");
    for (let count = 0; count < 10; count++) {
      server.advance(3_000);
      await browser.open("/account");
    }
    const { text } = await browser.open("/account");
    expect(text.match(/value="sign_out"/g)).toHaveLength(1);
  });

  test("signs one other browser out, with what was granted in it", async () => {
    const { server, browser } = await opened();
    const other = server.openBrowser();
    await signIn(other, "alice");
    const token = await grant(server, other, "openid");
    const offline = await grant(server, other, "openid offline_access");
    const session = await sessionOf(other);
    const page = await press(browser, await browser.open("/account"), "sign_out", { session });
    expect(page.text).toContain("That browser is signed out.");
    expect(await sessionOf(other)).toBeUndefined();
    expect(await sessionOf(browser)).toBeString();
    expect(await isActive(server, token)).toBe(false);
    expect(await isActive(server, offline)).toBe(true);
  });

  test("signing this browser out ends at a page that says so, without the cookie", async () => {
    const { browser } = await opened();
    const session = await sessionOf(browser);
    const page = await press(browser, await browser.open("/account"), "sign_out", { session });
    expect(page.url.pathname).toBe("/signed-out");
    expect(page.text).toContain("You are signed out");
    expect(browser.cookies.has("tessera_session")).toBe(false);
  });

  test("signs out everywhere", async () => {
    const { server, alice, browser } = await opened();
    const other = server.openBrowser();
    await signIn(other, "alice");
    const page = await press(browser, await browser.open("/account"), "sign_out_all");
    expect(page.text).toContain("All your sessions have ended");
    expect(await sessionOf(other)).toBeUndefined();
    expect(await server.services.store.listSessions(alice)).toEqual([]);
  });

  test("does not sign others out", async () => {
    const { server, browser } = await opened();
    await server.addPerson({ username: "bob" });
    const bob = server.openBrowser();
    await signIn(bob, "bob");
    const session = (await sessionOf(bob)) ?? "";
    const page = await browser.open("/account", {
      method: "POST",
      body: { action: "sign_out", session },
    });
    expect(page.text).not.toContain("That browser is signed out.");
    expect(await sessionOf(bob)).toBe(session);
  });

  test("lists given consents; withdrawn, their tokens die, offline ones too", async () => {
    const { server, alice, browser } = await opened();
    const token = await grant(server, browser, "openid email offline_access");
    const page = await browser.open("/account");
    expect(page.text).toContain("<bdi>The App</bdi>");
    expect(page.text).toContain("see your e-mail address · keep this access while you are away");
    const after = await press(browser, page, "withdraw", { client: "app" });
    expect(after.text).toContain("Access is withdrawn.");
    expect(after.text).toContain("No application has access to your account.");
    expect(await isActive(server, token)).toBe(false);
    expect(await server.services.store.findConsent(alice, "app")).toBeUndefined();
  });

  test("does not withdraw what another user gave", async () => {
    const { server, alice, browser } = await opened();
    const token = await grant(server, browser, "openid");
    await server.addPerson({ username: "bob" });
    const bob = server.openBrowser();
    await signIn(bob, "bob");
    const body = { action: "withdraw", client: "app" };
    const page = await bob.open("/account", { method: "POST", body });
    expect(page.text).not.toContain("Access is withdrawn.");
    expect(await server.services.store.findConsent(alice, "app")).toBeDefined();
    expect(await isActive(server, token)).toBe(true);
  });

  test("lists an application that was never asked about, and ends its access", async () => {
    const { server, alice, browser } = await opened();
    const client = { ...APP, client_id: "app", client_name: "Our own", skip_consent: true };
    await server.addClient(client);
    const token = await grant(server, browser, "openid email");
    expect(await server.services.store.findConsent(alice, "app")).toBeUndefined();
    const page = await browser.open("/account");
    expect(page.text).toContain("<bdi>Our own</bdi>");
    expect(page.text).toContain("know that it is you · see your e-mail address");
    const after = await press(browser, page, "withdraw", { client: "app" });
    expect(after.text).toContain("Access is withdrawn.");
    expect(after.text).toContain("No application has access to your account.");
    expect(await isActive(server, token)).toBe(false);
    const again = await browser.open("/account", {
      method: "POST",
      body: { action: "withdraw", client: "app" },
    });
    expect(again.text).not.toContain("Access is withdrawn.");
  });

  test("lists what got its access by the user's password", async () => {
    const { server, browser } = await opened();
    const form = { grant_type: "password", username: "alice", password: PASSWORD, scope: "email" };
    await server.addClient({ ...APP, client_id: "old", grant_types: ["password"] });
    const response = await server.post("/token", form, { basic: ["old", "s"] });
    expect(response.status).toBe(200);
    const page = await browser.open("/account");
    expect(page.forms.map(({ fields }) => fields["client"])).toContain("old");
    await press(browser, page, "withdraw", { client: "old" });
    const { access_token: token } = (await response.json()) as { access_token: string };
    const introspected = await server.post("/introspect", { token }, { basic: ["old", "s"] });
    expect(await introspected.json()).toEqual({ active: false });
  });

  test("lists one application once, and none whose access is over", async () => {
    const { server, alice, browser } = await opened();
    await server.addClient({ ...APP, client_id: "app", skip_consent: true });
    const listed = async () =>
      (await browser.open("/account")).forms.flatMap(({ fields }) => fields["client"] ?? []);
    for (const scope of ["openid", "openid email", "openid"]) await grant(server, browser, scope);
    expect(await listed()).toEqual(["app"]);
    await server.services.store.setClientNotBefore("app", server.services.now());
    expect(await listed()).toEqual([]);
    server.advance(1);
    await grant(server, browser, "openid");
    expect(await listed()).toEqual(["app"]);
    await server.services.store.revokeAuthorizationsOfUser(alice, server.services.now());
    expect(await listed()).toEqual([]);
    await server.addClient({
      ...APP,
      client_id: "app",
      skip_consent: true,
      grant_types: ["authorization_code"],
    });
    await grant(server, browser, "openid");
    expect(await listed()).toEqual(["app"]);
    server.advance(3_600);
    expect(await listed()).toEqual([]);
  });

  test("names an application that exists no more", async () => {
    const { server, alice, browser } = await opened();
    const at = server.services.now();
    const times = { createdAt: at, updatedAt: at };
    const consent = { userId: alice, clientId: "gone", scope: ["openid"], resource: [], ...times };
    await server.services.store.writeConsent(consent, undefined);
    const page = await browser.open("/account");
    expect(page.text).toContain("an application that no longer exists");
    const after = await press(browser, page, "withdraw", { client: "gone" });
    expect(after.text).toContain("Access is withdrawn.");
  });
});
