import { describe, expect, test } from "bun:test";
import { DATABASES } from "../support/databases.ts";
import { PASSWORD, type SignInTest, sessionOf, signIn, signInTest } from "../support/sign_in.ts";

const ALICE = { username: "alice", email: "alice@example.org", phone_number: "+491701234567" };
const SETTINGS = { loginFailuresMax: 3, addressFailuresMax: 5, loginWindowSeconds: 900 };

/** Guesses from a browser that nobody knows; the statuses of the answers. */
async function guess(
  server: SignInTest,
  names: readonly string[],
  password = "wrong",
): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (const name of names) {
    statuses.push((await signIn(server.openBrowser(), name, { password })).status);
  }
  return statuses;
}

/** Posts from a network address; the status of the answer. */
async function postFrom(
  server: SignInTest,
  address: string,
  { identifier, password = PASSWORD, cookie = "" }: Record<string, string>,
): Promise<number> {
  const headers = { "Sec-Fetch-Site": "same-origin", Cookie: cookie };
  const form = { identifier: identifier ?? "", password };
  const response = await server.post("/login", form, { headers, peer: { address } });
  return response.status;
}

describe.each(DATABASES)("throttling of sign-in on %s", (database) => {
  test("attack 63: after LOGIN_FAILURES_MAX failures even the right password waits", async () => {
    const server = await signInTest({ database, settings: SETTINGS });
    await server.addPerson(ALICE);
    expect(await guess(server, ["alice", "alice", "alice"])).toEqual([400, 400, 400]);
    const page = await signIn(server.openBrowser(), "alice");
    expect(page.status).toBe(429);
    expect(page.headers.get("retry-after")).toBe("900");
    expect(page.headers.get("set-cookie")).toBeNull();
    expect(page.text).toContain("Too many attempts");
    expect(page.text).toContain("in 15 minutes");
    server.advance(900);
    expect((await signIn(server.openBrowser(), "alice")).url.pathname).toBe("/account");
  });

  test("attack 63: an unknown name is throttled like a known one", async () => {
    const server = await signInTest({ database, settings: SETTINGS });
    expect(await guess(server, ["nobody", "nobody", "nobody", "nobody"])).toEqual([
      400, 400, 400, 429,
    ]);
  });

  test("attack 63: all names of an account share one number of failures", async () => {
    const server = await signInTest({ database, settings: SETTINGS });
    await server.addPerson(ALICE);
    const names = ["alice", "alice@example.org", "+491701234567", "ALICE@example.org"];
    expect(await guess(server, names)).toEqual([400, 400, 400, 429]);
  });

  test("attack 63: a disabled user's right password fails and counts like a wrong one", async () => {
    const server = await signInTest({ database, settings: SETTINGS });
    const alice = await server.addPerson(ALICE);
    await server.services.store.setUserDisabled(alice, server.services.now());
    const names = ["alice", "alice", "alice", "alice"];
    expect(await guess(server, names, PASSWORD)).toEqual([400, 400, 400, 429]);
  });

  test("attack 59: typing a user's id as a name does not count against the user", async () => {
    const server = await signInTest({ database, settings: SETTINGS });
    const alice = await server.addPerson(ALICE);
    await guess(server, [alice, alice, alice]);
    expect((await signIn(server.openBrowser(), "alice")).url.pathname).toBe("/account");
  });

  test("attack 85: guesses at an account do not keep its owner out of a browser he has used", async () => {
    const server = await signInTest({ database, settings: SETTINGS });
    await server.addPerson(ALICE);
    const owner = server.openBrowser();
    await signIn(owner, "alice");
    owner.cookies.delete("tessera_session");
    await guess(server, ["alice", "alice", "alice", "alice"]);
    expect((await signIn(owner, "alice", { password: "mistyped" })).status).toBe(400);
    await signIn(owner, "alice");
    expect(await sessionOf(owner)).toBeString();
  });

  test("attack 63: a known browser has its own number of failures, and then waits too", async () => {
    const server = await signInTest({ database, settings: SETTINGS });
    await server.addPerson(ALICE);
    const thief = server.openBrowser();
    await signIn(thief, "alice");
    thief.cookies.delete("tessera_session");
    const statuses: number[] = [];
    for (let count = 0; count < 4; count++) {
      statuses.push((await signIn(thief, "alice", { password: "wrong" })).status);
    }
    expect(statuses).toEqual([400, 400, 400, 429]);
    expect((await signIn(thief, "alice")).status).toBe(429);
    // The owner, elsewhere, does not notice.
    expect((await signIn(server.openBrowser(), "alice")).url.pathname).toBe("/account");
  });

  test("attack 63: no cookie but ours makes a browser known, and only to its own users", async () => {
    const server = await signInTest({ database, settings: SETTINGS });
    await server.addPerson(ALICE);
    await server.addPerson({ username: "mallory" });
    const mallory = server.openBrowser();
    await signIn(mallory, "mallory");
    const device = mallory.cookies.get("tessera_device") ?? "";
    await guess(server, ["alice", "alice", "alice"]);
    for (const cookie of [device, `${device.slice(0, -2)}AA`, "x", device.split(".")[1] ?? ""]) {
      const browser = server.openBrowser();
      browser.cookies.set("tessera_device", cookie);
      expect((await signIn(browser, "alice")).status).toBe(429);
    }
  });

  test("attack 85: an old copy of the cookie does not lock its owner's browser", async () => {
    const server = await signInTest({ database, settings: SETTINGS });
    await server.addPerson(ALICE);
    await server.addPerson({ username: "mallory" });
    const owner = server.openBrowser();
    const copied = async () => {
      await signIn(owner, "alice");
      owner.cookies.delete("tessera_session");
      const thief = server.openBrowser();
      thief.cookies.set("tessera_device", owner.cookies.get("tessera_device") ?? "");
      return thief;
    };
    const [thief, again] = [await copied(), await copied()];
    const wrong = async () => (await signIn(thief, "alice", { password: "wrong" })).status;
    expect([await wrong(), await wrong(), await wrong(), await wrong()]).toEqual([
      400, 400, 400, 429,
    ]);
    expect((await signIn(owner, "alice")).url.pathname).toBe("/account");
    // Another's sign-in there gives the thief no new guesses at alice.
    await signIn(thief, "mallory");
    thief.cookies.delete("tessera_session");
    expect(await wrong()).toBe(429);
    await guess(server, ["alice", "alice", "alice"]);
    expect((await signIn(again, "alice")).url.pathname).toBe("/account");
  });

  test("a browser is forgotten after half a year, and when the user's tokens are ended", async () => {
    const server = await signInTest({ database, settings: SETTINGS });
    const alice = await server.addPerson(ALICE);
    const browser = server.openBrowser();
    await signIn(browser, "alice");
    browser.cookies.delete("tessera_session");
    await server.services.store.setUserNotBefore(alice, server.services.now());
    await guess(server, ["alice", "alice", "alice"]);
    expect((await signIn(browser, "alice")).status).toBe(429);
    server.advance(900);
    await signIn(browser, "alice");
    browser.cookies.delete("tessera_session");
    server.advance(180 * 86_400);
    await guess(server, ["alice", "alice", "alice"]);
    expect((await signIn(browser, "alice")).status).toBe(429);
  });

  test("one address may fail ADDRESS_FAILURES_MAX times over all accounts; others go on", async () => {
    const server = await signInTest({ database, settings: SETTINGS });
    await server.addPerson(ALICE);
    const known = server.openBrowser();
    await signIn(known, "alice");
    for (const identifier of ["a", "b", "c", "d", "e"]) {
      expect(await postFrom(server, "192.0.2.1", { identifier })).toBe(400);
    }
    expect(await postFrom(server, "192.0.2.1", { identifier: "alice" })).toBe(429);
    expect(await postFrom(server, "192.0.2.2", { identifier: "alice" })).toBe(303);
    const cookie = `tessera_device=${known.cookies.get("tessera_device")}`;
    expect(await postFrom(server, "192.0.2.1", { identifier: "alice", cookie })).toBe(303);
  });

  test("attack 63: guesses sent together are not more than guesses in turn", async () => {
    const server = await signInTest({ database, settings: SETTINGS });
    await server.addPerson(ALICE);
    const statuses = await Promise.all(
      Array.from({ length: 12 }, () =>
        postFrom(server, "192.0.2.3", { identifier: "alice", password: "wrong" }),
      ),
    );
    expect(statuses.filter((status) => status === 400)).toHaveLength(3);
    expect(statuses.filter((status) => status === 429)).toHaveLength(9);
  });
});
