import { describe, expect, test } from "bun:test";
import type { Browser, Page } from "../support/browser.ts";
import { DATABASES } from "../support/databases.ts";
import { type SignInTest, sessionOf, signIn, signInTest } from "../support/sign_in.ts";

const ALICE = {
  username: "alice",
  email: "alice@example.org",
  phone_number: "+491701234567",
  secondFactor: "email",
} as const;

interface Begun {
  readonly server: SignInTest;
  readonly alice: string;
  readonly browser: Browser;
  readonly page: Page;
}

describe.each(DATABASES)("the second factor on %s", (database) => {
  /** A browser in which alice's password is proven. */
  async function begun(
    person: Partial<typeof ALICE> | { secondFactor: "sms" } = {},
    settings = {},
  ) {
    const server = await signInTest({ database, settings });
    const alice = await server.addPerson({ ...ALICE, ...person });
    const browser = server.openBrowser();
    const page = await signIn(browser, "alice");
    return { server, alice, browser, page } satisfies Begun;
  }

  const enter = ({ browser, page }: Begun, code: string) =>
    browser.submit(page, { code }, { button: "code" });

  const lastCode = ({ server }: Begun) => server.sent.at(-1)?.code ?? "";

  /** A code that is not the one that was sent. */
  const wrongCode = (test: Begun) => (lastCode(test) === "000000" ? "111111" : "000000");

  test.each([
    ["email", "alice@example.org", "a•••@example.org", ["pwd", "otp", "mfa"]],
    ["sms", "+491701234567", "••• 67", ["pwd", "sms", "mfa"]],
  ] as const)(
    "by %s is asked after the password, and shows in amr",
    async (factor, address, masked, amr) => {
      const test = await begun({ secondFactor: factor } as never);
      expect(test.page.text).toContain(masked);
      expect(test.page.text).not.toContain(address);
      expect(test.server.sent.map((sent) => sent.address)).toEqual([address]);
      const code = lastCode(test);
      const page = await enter(test, `${code.slice(0, 3)} ${code.slice(3)}`);
      expect(page.url.pathname).toBe("/account");
      const [session] = await test.server.services.store.listSessions(test.alice);
      expect(session?.amr).toEqual(amr);
    },
  );

  test("a proven password alone is no session, and makes no browser known", async () => {
    const test = await begun();
    expect(test.page.url.pathname).toBe("/login");
    expect([...test.browser.cookies.keys()]).toEqual(["tessera_browser"]);
    expect(await sessionOf(test.browser)).toBeUndefined();
    expect(await test.server.services.store.listSessions(test.alice)).toEqual([]);
  });

  test("the state is in no field and no address, and survives a reload", async () => {
    const test = await begun();
    expect(test.page.forms.map(({ action }) => action)).toEqual(["/login", "/login", "/login"]);
    expect(test.page.forms.map(({ fields }) => Object.keys(fields))).toEqual([["code"], [], []]);
    expect((await test.browser.open("/login")).text).toContain('name="code"');
  });

  test("no other browser can go on with it", async () => {
    const test = await begun();
    const other = test.server.openBrowser();
    other.cookies.set("tessera_browser", "x".repeat(43));
    const page = await other.submit(test.page, { code: lastCode(test) }, { button: "code" });
    expect(page.text).toContain('name="password"');
    expect(await sessionOf(other)).toBeUndefined();
    expect((await enter(test, lastCode(test))).url.pathname).toBe("/account");
  });

  test("a wrong code is refused, and the right one is still good", async () => {
    const test = await begun();
    const page = await enter(test, wrongCode(test));
    expect(page.status).toBe(400);
    expect(page.text).toContain("That code is not right");
    expect((await enter(test, "")).text).toContain("Enter the six digits");
    expect((await enter(test, lastCode(test))).url.pathname).toBe("/account");
  });

  test("attack 63: five wrong codes end a code", async () => {
    const test = await begun();
    for (let count = 0; count < 5; count++) {
      expect((await enter(test, wrongCode(test))).status).toBe(400);
    }
    expect((await enter(test, lastCode(test))).status).toBe(400);
    expect(await sessionOf(test.browser)).toBeUndefined();
  });

  test("attack 63: wrong codes count against the account, over all codes", async () => {
    const test = await begun({}, { loginFailuresMax: 3 });
    for (let count = 0; count < 3; count++) await enter(test, wrongCode(test));
    expect((await enter(test, lastCode(test))).status).toBe(429);
    expect((await signIn(test.server.openBrowser(), "alice")).status).toBe(429);
  });

  test("a code is good for one sign-in, once, even in two posts at once", async () => {
    const test = await begun();
    const code = lastCode(test);
    const pages = await Promise.all([enter(test, code), enter(test, code)]);
    const sessions = await test.server.services.store.listSessions(test.alice);
    expect(sessions).toHaveLength(1);
    expect(pages.some(({ url }) => url.pathname === "/account")).toBe(true);
    const again = test.server.openBrowser();
    const page = await signIn(again, "alice");
    expect((await again.submit(page, { code }, { button: "code" })).status).toBe(400);
  });

  test("once it is entered, the next sign-in begins with the password", async () => {
    const test = await begun();
    await enter(test, lastCode(test));
    test.browser.cookies.delete("tessera_session");
    expect((await test.browser.open("/login")).text).toContain('name="password"');
  });

  test("the password is asked again ten minutes later, and when the user starts again", async () => {
    const test = await begun();
    const back = await test.browser.submit(test.page, {}, { form: 2, button: "restart" });
    expect(back.text).toContain('name="password"');
    const page = await signIn(test.browser, "alice", { page: back });
    expect(page.text).toContain('name="code"');
    test.server.advance(600);
    expect((await test.browser.open("/login")).text).toContain('name="password"');
  });

  test("another code replaces the one before", async () => {
    const test = await begun();
    const first = lastCode(test);
    const page = await test.browser.submit(test.page, {}, { form: 1, button: "resend" });
    expect(page.text).toContain("Another code is on its way.");
    expect(test.server.sent).toHaveLength(2);
    if (first !== lastCode(test)) expect((await enter(test, first)).status).toBe(400);
    expect((await enter(test, lastCode(test))).url.pathname).toBe("/account");
  });

  test("a new password meanwhile ends the sign-in that the old one began", async () => {
    const test = await begun();
    const { services } = test.server;
    test.server.advance(10);
    const passwordHash = await services.passwords.hash("another horse");
    await services.store.setPassword(test.alice, { passwordHash, now: services.now() });
    test.server.advance(10);
    expect((await enter(test, lastCode(test))).text).toContain('name="password"');
    expect(await services.store.listSessions(test.alice)).toEqual([]);
    const page = await signIn(test.browser, "alice", { password: "another horse" });
    expect((await enter({ ...test, page }, lastCode(test))).url.pathname).toBe("/account");
  });

  test("past the hour's codes, the sign-in that waits for the last one goes on", async () => {
    const test = await begun({}, { confirmationCodesPerHour: 1 });
    const form = await test.browser.open("/login?account=other");
    expect((await signIn(test.browser, "alice", { page: form })).status).toBe(429);
    expect(test.server.sent).toHaveLength(1);
    expect((await enter(test, lastCode(test))).url.pathname).toBe("/account");
  });

  test("a user who is disabled meanwhile does not get in", async () => {
    const test = await begun();
    await test.server.services.store.setUserDisabled(test.alice, test.server.services.now());
    expect((await enter(test, lastCode(test))).url.pathname).toBe("/login");
    expect(await test.server.services.store.listSessions(test.alice)).toEqual([]);
  });
});
