import { describe, expect, test } from "bun:test";
import type { Browser } from "../support/browser.ts";
import { DATABASES } from "../support/databases.ts";
import type { TestClient } from "../support/server.ts";
import { type SignInTest, sessionOf, signIn, signInTest } from "../support/sign_in.ts";

const APP: TestClient = {
  client_id: "app",
  client_secret: "s",
  client_name: "The App",
  redirect_uris: ["https://app.example/callback"],
  scope: "openid email",
  skip_consent: true,
};

function authorize(asked: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    client_id: "app",
    response_type: "code",
    scope: "openid",
    redirect_uri: "https://app.example/callback",
    ...asked,
  });
  return `/authorize?${query}`;
}

const headingOf = (text: string) => /<h1>(.*?)<\/h1>/.exec(text)?.[1];
const fieldOf = (text: string, name: string) =>
  new RegExp(`name="${name}" required value="([^"]*)"`).exec(text)?.[1];

describe.each(DATABASES)("sign-in for an application on %s", (database) => {
  async function opened(): Promise<{ server: SignInTest; browser: Browser; alice: string }> {
    const server = await signInTest({ database });
    await server.addClient(APP);
    const alice = await server.addPerson({ username: "alice", email: "alice@example.org" });
    await server.addPerson({ username: "bob" });
    return { server, alice, browser: server.openBrowser() };
  }

  test("names it, fills in login_hint, and goes back to it", async () => {
    const { browser } = await opened();
    const page = await browser.open(authorize({ login_hint: 'alice@example.org"<' }));
    expect(page.text).toContain("to continue to <strong><bdi>The App</bdi></strong>");
    expect(fieldOf(page.text, "identifier")).toBe("alice@example.org&quot;&lt;");
    const answer = await signIn(browser, "alice", { page });
    expect(answer.url.origin).toBe("https://app.example");
    expect(answer.url.searchParams.get("code")).toBeString();
    expect(answer.hops.map(({ status }) => status)).toEqual([303, 303]);
  });

  test("keeps the request through a mistake", async () => {
    const { browser } = await opened();
    const page = await browser.open(authorize({ state: "st" }));
    const failed = await signIn(browser, "alice", { page, password: "wrong" });
    expect(failed.text).toContain("The App");
    const answer = await signIn(browser, "alice", { page: failed });
    expect(answer.url.searchParams.get("state")).toBe("st");
  });

  test("prompt=login asks the user signed in for his password, and offers another account", async () => {
    const { browser } = await opened();
    await signIn(browser, "alice");
    const page = await browser.open(authorize({ prompt: "login" }));
    expect(headingOf(page.text)).toBe("Confirm that it is you");
    expect(fieldOf(page.text, "identifier")).toBe("alice");
    const [, other = ""] = /<a href="([^"]*account=other)"/.exec(page.text) ?? [];
    const fresh = await browser.open(other.replaceAll("&amp;", "&"));
    expect(headingOf(fresh.text)).toBe("Sign in");
    expect(fieldOf(fresh.text, "identifier")).toBe("");
    const answer = await signIn(browser, "bob", { page: fresh });
    expect(answer.url.searchParams.get("code")).toBeString();
  });

  test("prompt=select_account offers the account signed in, and goes on with it", async () => {
    const { browser } = await opened();
    await signIn(browser, "alice");
    const page = await browser.open(authorize({ prompt: "select_account" }));
    expect(headingOf(page.text)).toBe("Choose an account");
    expect(page.text).toContain("Continue as alice");
    const answer = await browser.submit(page, {}, { button: "choose" });
    expect(answer.url.searchParams.get("code")).toBeString();
  });

  test("a choice counts only for the account that the page showed", async () => {
    const { browser } = await opened();
    await signIn(browser, "alice");
    const page = await browser.open(authorize({ prompt: "select_account" }));
    await signIn(browser, "bob", { page: await browser.open("/login?account=other") });
    const again = await browser.submit(page, {}, { button: "choose" });
    expect(headingOf(again.text)).toBe("Choose an account");
    expect(again.text).toContain("Continue as bob");
  });

  test("speaks the language of ui_locales on every page of the request", async () => {
    const { server, browser } = await opened();
    await server.addClient({ ...APP, skip_consent: false });
    const page = await browser.open(authorize({ ui_locales: "ja fr-CA en" }));
    expect(page.text).toContain('<html lang="fr">');
    const failed = await signIn(browser, "alice", { page, password: "wrong" });
    expect(failed.text).toContain("Ces données ne correspondent pas.");
    const consent = await signIn(browser, "alice", { page: failed });
    expect(headingOf(consent.text)).toBe("Autoriser l’accès\u00a0?");
  });

  test("a language chosen on a page stays, whatever was asked for", async () => {
    const { browser } = await opened();
    const page = await browser.open(authorize({ ui_locales: "fr" }));
    const [, href = ""] = /<a href="([^"]*)" lang="de"/.exec(page.text) ?? [];
    const german = await browser.open(href.replaceAll("&amp;", "&"));
    expect(headingOf(german.text)).toBe("Anmelden");
    const failed = await signIn(browser, "alice", { page: german, password: "wrong" });
    expect(failed.text).toContain("Die Angaben passen nicht zusammen.");
    expect((await browser.open("/signed-out")).text).toContain('<html lang="de">');
  });

  test("an interaction of another browser is a page, and nobody signs in for it", async () => {
    const { server, browser } = await opened();
    const page = await browser.open(authorize());
    const other = server.openBrowser();
    const stolen = await signIn(other, "alice", { page });
    expect(stolen.status).toBe(400);
    expect(stolen.text).toContain("This sign-in has expired");
    expect(await sessionOf(other)).toBeUndefined();
  });

  test("a second factor belongs to its own request, side by side with another", async () => {
    const { server, browser } = await opened();
    const person = { email: "carol@example.org", secondFactor: "email" } as const;
    await server.addPerson({ username: "carol", ...person });
    const first = await browser.open(authorize({ state: "one" }));
    const second = await browser.open(authorize({ state: "two" }));
    const code = await signIn(browser, "carol", { page: first });
    expect(headingOf(code.text)).toBe("Enter the code");
    expect(headingOf((await browser.open(second.url.href)).text)).toBe("Sign in");
    const sent = server.sent.at(-1)?.code ?? "";
    const answer = await browser.submit(code, { code: sent }, { button: "code" });
    expect(answer.url.searchParams.get("state")).toBe("one");
  });
});
