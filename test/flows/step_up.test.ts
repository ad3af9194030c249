/** A client that wants a second factor gets it from a user who is signed in by his password alone. */
import { describe, expect, test } from "bun:test";
import { answerOf, authorizeUrl, redeem } from "../support/authorization.ts";
import type { Browser, Page } from "../support/browser.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { bodyOf, CALLBACK, type Tokens, verified } from "../support/openid.ts";
import { sessionOf, signIn, signInTest } from "../support/sign_in.ts";

const MFA = "urn:tessera:mfa";
const PWD = "urn:tessera:pwd";

const acr = (member: object) => ({ claims: JSON.stringify({ id_token: { acr: member } }) });

/** Ways to want the second factor (OpenID Connect Core §3.1.2.1, §5.5.1.1, Registration §2). */
const WISHES = [
  ["acr_values", { acr_values: `urn:unknown ${MFA}` }, {}],
  ["an essential acr claim", acr({ essential: true, value: MFA }), {}],
  ["one of several essential ones", acr({ essential: true, values: [MFA, "urn:x"] }), {}],
  ["default_acr_values of the client", {}, { default_acr_values: [MFA] }],
] as const;

/** Alice, signed in by her password; only then was she given a second factor. */
async function begin(
  database: DatabaseName,
  client: object = {},
  factor: "email" | null = "email",
) {
  const server = await signInTest({ database });
  await server.addClient({
    client_id: "app",
    client_secret: "s",
    redirect_uris: [CALLBACK],
    scope: "openid",
    skip_consent: true,
    ...client,
  });
  const alice = await server.addPerson({ username: "alice", email: "alice@example.org" });
  const browser = server.openBrowser();
  await signIn(browser, "alice");
  await server.services.store.setSecondFactor(alice, factor);
  server.advance(60);
  return { server, alice, browser };
}

type Begun = Awaited<ReturnType<typeof begin>>;

/** The claims of the ID token that the answer's code gives. */
async function idTokenOf({ server }: Begun, page: Page) {
  const { id_token } = await bodyOf<Tokens>(redeem(server, answerOf(page).code));
  return (await verified(server, id_token, { audience: "app" })).payload;
}

const proveAgain = (browser: Browser, page: Page) => signIn(browser, "alice", { page });

describe.each(DATABASES)("step-up on %s", (database) => {
  test.each(WISHES)(
    "%s asks for password and code, and the ID token says so",
    async (_n, asked, client) => {
      const test = await begin(database, client);
      const { server, browser } = test;
      const before = await sessionOf(browser);
      const login = await browser.open(authorizeUrl(asked));
      expect(login.url.pathname).toBe("/login");
      expect(login.text).toContain("You are signed in as");
      const code = await proveAgain(browser, login);
      expect(code.text).toContain('name="code"');
      expect(server.sent.map(({ address }) => address)).toEqual(["alice@example.org"]);
      const done = await browser.submit(
        code,
        { code: server.sent[0]?.code ?? "" },
        { button: "code" },
      );
      expect(await idTokenOf(test, done)).toMatchObject({
        acr: MFA,
        amr: ["pwd", "otp", "mfa"],
        auth_time: server.services.now(),
      });
      // The session is the same, and better now: nobody asks again, also not silently.
      expect(await sessionOf(browser)).toBe(before);
      const silent = await browser.open(authorizeUrl({ ...asked, prompt: "none" }));
      expect(await idTokenOf(test, silent)).toMatchObject({ acr: MFA });
    },
  );

  test("the password alone does not step up, however often the request comes back", async () => {
    const test = await begin(database);
    const { browser } = test;
    const asked = acr({ essential: true, value: MFA });
    const login = await browser.open(authorizeUrl(asked));
    await proveAgain(browser, login);
    for (let count = 0; count < 2; count++) {
      const page = await browser.open(`/authorize${login.url.search}`);
      expect(page.url.pathname).toBe("/login");
      expect(page.text).toContain('name="code"');
    }
    expect(answerOf(await browser.open(authorizeUrl({ ...asked, prompt: "none" }))).error).toBe(
      "interaction_required",
    );
    expect(await idTokenOf(test, await browser.open(authorizeUrl()))).toMatchObject({
      acr: PWD,
      amr: ["pwd"],
    });
  });
});

describe("who cannot step up", () => {
  test("a wish is let go, and the ID token says what was reached", async () => {
    const test = await begin("sqlite", {}, null);
    const page = await test.browser.open(authorizeUrl({ acr_values: MFA }));
    expect(await idTokenOf(test, page)).toMatchObject({ acr: PWD, amr: ["pwd"] });
  });

  test("an essential class is refused to the client", async () => {
    const { browser } = await begin("sqlite", {}, null);
    const page = await browser.open(authorizeUrl(acr({ essential: true, value: MFA })));
    expect(answerOf(page)).toMatchObject({ error: "unmet_authentication_requirements" });
  });

  test("a user who is not signed in gives the second factor at once, and is asked once", async () => {
    const test = await begin("sqlite");
    const browser = test.server.openBrowser();
    const login = await browser.open(authorizeUrl(acr({ essential: true, value: MFA })));
    const code = await proveAgain(browser, login);
    const sent = test.server.sent.at(-1)?.code ?? "";
    const done = await browser.submit(code, { code: sent }, { button: "code" });
    expect(await idTokenOf(test, done)).toMatchObject({ acr: MFA, amr: ["pwd", "otp", "mfa"] });
  });
});
