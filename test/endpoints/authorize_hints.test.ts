/** `login_hint` and `ui_locales` reach the pages, by whichever way the request comes. */
import { describe, expect, test } from "bun:test";
import { authorizeQuery } from "../support/authorization.ts";
import type { Browser, Page } from "../support/browser.ts";
import { CALLBACK } from "../support/openid.ts";
import { PASSWORD, type SignInTest, signInTest } from "../support/sign_in.ts";

const ASKED = { login_hint: "carol@example.org", ui_locales: "ja fr-CA de" };

async function opened(): Promise<SignInTest> {
  const server = await signInTest();
  await server.addClient({
    client_id: "app",
    client_secret: "s",
    redirect_uris: [CALLBACK],
    scope: "openid",
  });
  await server.addPerson({ username: "alice" });
  await server.addPerson({ username: "carol", email: "carol@example.org", secondFactor: "email" });
  return server;
}

/** How a request with those parameters may come. */
const WAYS: Readonly<
  Record<string, (server: SignInTest, browser: Browser, body: string) => Promise<Page>>
> = {
  "by GET": (_server, browser, body) => browser.open(`/authorize?${body}`),
  "by another site's form": (_server, browser, body) =>
    browser.open("/authorize", { method: "POST", crossSite: true, body }),
  "by a pushed request": async (server, browser, body) => {
    const pushed = await server.post("/par", body, { basic: ["app", "s"] });
    const { request_uri } = (await pushed.json()) as { request_uri: string };
    return browser.open(`/authorize?${new URLSearchParams({ client_id: "app", request_uri })}`);
  },
};

describe.each(Object.entries(WAYS))("OpenID Connect Core §3.1.2.1 %s", (_name, begin) => {
  test("login_hint fills the field, and ui_locales rules every page up to the last", async () => {
    const server = await opened();
    const browser = server.openBrowser();
    const body = authorizeQuery({ ...ASKED, response_mode: "form_post" });
    const login = await begin(server, browser, body);
    expect(login.forms[0]?.fields["identifier"]).toBe("carol@example.org");
    const typed = { identifier: "carol@example.org", password: PASSWORD };
    const code = await browser.submit(login, typed, { button: "password" });
    const sent = server.sent.at(-1)?.code ?? "";
    const wrong = sent === "000000" ? "111111" : "000000";
    const again = await browser.submit(code, { code: wrong }, { button: "code" });
    const consent = await browser.submit(again, { code: sent }, { button: "code" });
    expect(consent.url.pathname).toBe("/consent");
    const answer = await browser.submit(consent, {}, { button: "allow" });
    expect(answer.forms[0]?.fields["code"]).toBeString();
    for (const { text } of [login, code, again, consent, answer]) {
      expect(text).toContain('<html lang="fr">');
    }
  });

  test("login_hint of somebody else offers his name to who is signed in", async () => {
    const server = await opened();
    const browser = server.openBrowser();
    const login = await browser.open("/login");
    await browser.submit(
      login,
      { identifier: "alice", password: PASSWORD },
      { button: "password" },
    );
    const page = await begin(server, browser, authorizeQuery({ ...ASKED, prompt: "login" }));
    expect(page.url.pathname).toBe("/login");
    expect(page.forms[0]?.fields["identifier"]).toBe("carol@example.org");
    expect(page.text).not.toContain("alice");
  });
});
