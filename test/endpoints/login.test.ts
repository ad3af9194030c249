import { describe, expect, spyOn, test } from "bun:test";
import { DATABASES } from "../support/databases.ts";
import { PASSWORD, signIn, signInTest } from "../support/sign_in.ts";

const ALICE = { username: "alice", email: "Alice@Example.org", phone_number: "+49 170 1234567" };

describe.each(DATABASES)("sign-in on %s", (database) => {
  test.each(["alice", " alice@example.ORG ", "+491701234567", "+49 (170) 123-4567"])(
    "takes the login, the e-mail address and the phone number: %s",
    async (identifier) => {
      const server = await signInTest({ database });
      await server.addPerson(ALICE);
      const browser = server.openBrowser();
      const page = await signIn(browser, identifier);
      expect(page.hops.map(({ status, location }) => [status, location])).toEqual([
        [303, "/account"],
      ]);
      expect(page.text).toContain("alice");
    },
  );

  test("says the same to a wrong password, an unknown and a disabled user", async () => {
    const server = await signInTest({ database });
    await server.addPerson(ALICE);
    const mallory = await server.addPerson({ username: "mallory" });
    await server.services.store.setUserDisabled(mallory, server.services.now());
    const pages = await Promise.all(
      [
        ["alice", "wrong"],
        ["nobody", PASSWORD],
        ["mallory", PASSWORD],
      ].map(async ([identifier = "", password = ""]) => {
        const page = await signIn(server.openBrowser(), identifier, { password });
        return [page.status, page.text.replaceAll(identifier, "NAME")];
      }),
    );
    expect(pages[0]?.[0]).toBe(400);
    expect(pages[0]?.[1]).toContain("These do not match.");
    expect(pages[1]).toEqual(pages[0]);
    expect(pages[2]).toEqual(pages[0]);
  });

  test("attack 63: an unknown user costs the same hashing as a known one", async () => {
    const server = await signInTest({ database });
    await server.addPerson(ALICE);
    await signIn(server.openBrowser(), "nobody");
    const verify = spyOn(Bun.password, "verify");
    try {
      for (const identifier of ["alice", "nobody"]) {
        await signIn(server.openBrowser(), identifier, { password: "wrong" });
      }
      const parameters = verify.mock.calls.map(([, hash]) => String(hash).split("$").slice(0, 4));
      expect(parameters).toEqual([
        ["", "argon2id", "v=19", "m=19456,t=2,p=1"],
        ["", "argon2id", "v=19", "m=19456,t=2,p=1"],
      ]);
    } finally {
      verify.mockRestore();
    }
  });

  test("a failed sign-in keeps the name, never the password, and begins no session", async () => {
    const server = await signInTest({ database });
    await server.addPerson(ALICE);
    const browser = server.openBrowser();
    const page = await signIn(browser, 'al"ice', { password: "not the password" });
    expect(page.text).toContain('value="al&quot;ice"');
    expect(page.text).not.toContain("not the password");
    expect(browser.cookies.has("tessera_session")).toBe(false);
  });

  test.each([
    [{ identifier: "", password: PASSWORD }, "Enter your username, e-mail or phone number."],
    [{ identifier: "alice", password: "" }, "Enter your password."],
  ])("asks for what is missing in %j", async (values, sentence) => {
    const server = await signInTest({ database });
    const browser = server.openBrowser();
    const page = await browser.submit(await browser.open("/login"), values);
    expect(page.status).toBe(400);
    expect(page.text).toContain(sentence);
  });

  test("leads who is signed in to his account, and shows the form for another", async () => {
    const server = await signInTest({ database });
    await server.addPerson(ALICE);
    const browser = server.openBrowser();
    await signIn(browser, "alice");
    expect((await browser.open("/login")).url.pathname).toBe("/account");
    expect((await browser.open("/login?account=other")).text).toContain('name="password"');
  });

  test("writes sign-ins and failures to the audit log, without what was typed", async () => {
    const server = await signInTest({ database });
    const alice = await server.addPerson(ALICE);
    await signIn(server.openBrowser(), "alice", { password: "my other password" });
    await signIn(server.openBrowser(), "my password in the wrong field");
    await signIn(server.openBrowser(), "alice");
    const rows = await server.services.store.listAuditRows(10);
    expect(rows.map(({ event, userId, details }) => [event, userId, details["reason"]])).toEqual([
      ["session.began", alice, undefined],
      ["sign_in.failed", null, "unknown user"],
      ["sign_in.failed", alice, "wrong password"],
    ]);
    expect(JSON.stringify([rows, server.log])).not.toContain("my ");
  });
});

describe("sign-in under an issuer", () => {
  test("on https sets cookies that no subdomain and no script can touch", async () => {
    const server = await signInTest({ issuer: "https://id.example.org" });
    await server.addPerson(ALICE);
    const response = await server.post(
      "/login",
      { identifier: "alice", password: PASSWORD },
      { headers: { Origin: "https://id.example.org" } },
    );
    const cookies = response.headers.getSetCookie();
    expect(cookies.map((line) => line.split("=")[0])).toEqual([
      "__Host-tessera_session",
      "__Host-tessera_device",
    ]);
    for (const line of cookies) {
      expect(line).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Secure/);
      expect(line).not.toContain("Domain");
    }
  });

  test("with a path stays below it", async () => {
    const server = await signInTest({ issuer: "https://example.org/id" });
    await server.addPerson(ALICE);
    const response = await server.post(
      "/id/login",
      { identifier: "alice", password: PASSWORD },
      { headers: { Origin: "https://example.org" } },
    );
    expect(response.headers.get("location")).toBe("/id/account");
    const page = await (await server.get("/id/login")).text();
    expect(page).toContain('action="/id/login"');
    expect(page).toContain('href="/id/assets/pages.css');
  });
});
