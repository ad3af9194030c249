import { describe, expect, test } from "bun:test";
import { DATABASES } from "../support/databases.ts";
import { sessionOf, signIn, signInTest } from "../support/sign_in.ts";

describe.each(DATABASES)("sessions on %s", (database) => {
  async function signedIn(settings = {}) {
    const server = await signInTest({ database, settings });
    const alice = await server.addPerson({ username: "alice" });
    const browser = server.openBrowser();
    await signIn(browser, "alice");
    return { server, alice, browser };
  }

  test("end when nobody uses them for SESSION_IDLE_SECONDS", async () => {
    const { server, browser } = await signedIn({ sessionIdleSeconds: 1_000 });
    server.advance(999);
    expect(await sessionOf(browser)).toBeString();
    server.advance(999);
    expect(await sessionOf(browser)).toBeString();
    server.advance(1_000);
    expect(await sessionOf(browser)).toBeUndefined();
  });

  test("end after SESSION_ABSOLUTE_SECONDS, however often they are used", async () => {
    const { server, browser } = await signedIn({
      sessionIdleSeconds: 1_000,
      sessionAbsoluteSeconds: 3_000,
    });
    for (let passed = 0; passed < 2_700; passed += 900) {
      server.advance(900);
      expect(await sessionOf(browser)).toBeString();
    }
    server.advance(300);
    expect(await sessionOf(browser)).toBeUndefined();
  });

  test("end with the user, and when his tokens are ended", async () => {
    const { server, alice, browser } = await signedIn();
    await server.services.store.setUserDisabled(alice, server.services.now());
    expect(await sessionOf(browser)).toBeUndefined();
    await server.services.store.setUserDisabled(alice, null);
    expect(await sessionOf(browser)).toBeString();
    await server.services.store.setUserNotBefore(alice, server.services.now());
    expect(await sessionOf(browser)).toBeUndefined();
  });

  test("the store holds no cookie, only its hash", async () => {
    const { server, alice, browser } = await signedIn();
    const [session] = await server.services.store.listSessions(alice);
    const cookie = browser.cookies.get("tessera_session") ?? "";
    expect(cookie).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(JSON.stringify(session)).not.toContain(cookie);
  });

  test("session fixation: a cookie that was there before is never the session", async () => {
    const { server, browser: attacker } = await signedIn();
    await server.addPerson({ username: "bob" });
    for (const planted of ["x".repeat(43), attacker.cookies.get("tessera_session") ?? ""]) {
      const victim = server.openBrowser();
      victim.cookies.set("tessera_session", planted);
      const page = await signIn(victim, "bob", { page: await victim.open("/login?account=other") });
      expect(page.text).toContain("bob");
      expect(victim.cookies.get("tessera_session")).not.toBe(planted);
    }
    // The attacker's own session, which he had planted, ended when somebody else signed in there.
    expect(await sessionOf(attacker)).toBeUndefined();
  });

  test("signing in again changes the secret and keeps the session and what was granted in it", async () => {
    const { server, alice, browser } = await signedIn();
    const before = await sessionOf(browser);
    const old = browser.cookies.get("tessera_session") ?? "";
    server.advance(100);
    await signIn(browser, "alice", { page: await browser.open("/login?account=other") });
    expect(browser.cookies.get("tessera_session")).not.toBe(old);
    expect(await sessionOf(browser)).toBe(before);
    const sessions = await server.services.store.listSessions(alice);
    expect(sessions.map(({ id, authTime }) => ({ id, authTime }))).toEqual([
      { id: before ?? "", authTime: server.services.now() },
    ]);
    const thief = server.openBrowser();
    thief.cookies.set("tessera_session", old);
    expect(await sessionOf(thief)).toBeUndefined();
  });

  test("signing in as somebody else ends the session of this browser, and no other", async () => {
    const { server, alice, browser } = await signedIn();
    await server.addPerson({ username: "bob" });
    const elsewhere = server.openBrowser();
    await signIn(elsewhere, "alice");
    await signIn(browser, "bob", { page: await browser.open("/login?account=other") });
    expect(await server.services.store.listSessions(alice)).toHaveLength(1);
    expect(await sessionOf(elsewhere)).toBeString();
  });
});
