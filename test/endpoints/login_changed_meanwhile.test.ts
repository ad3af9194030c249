import { describe, expect, test } from "bun:test";
import { createServer } from "../../src/server.ts";
import { endAllSessions } from "../../src/services/logout.ts";
import type { Services } from "../../src/services/services.ts";
import { openBrowser } from "../support/browser.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { PASSWORD, type SignInTest, signIn, signInTest } from "../support/sign_in.ts";

const ALICE = { username: "alice", email: "alice@example.org" };

/** How an instance with a clock ahead of the administrator's would be fooled by times, in seconds. */
const AHEAD_SECONDS = 1_000;

/** What may happen to a user while he signs in. */
const CHANGES = {
  "a new password": async ({ store, passwords, now }: Services, id: string) => {
    const passwordHash = await passwords.hash("another horse");
    await store.setPassword(id, { passwordHash, now: now() });
  },
  "being disabled": ({ store, now }: Services, id: string) => store.setUserDisabled(id, now()),
  "the end of his tokens": ({ store, now }: Services, id: string) =>
    store.setUserNotBefore(id, now()),
  "another second factor": ({ store }: Services, id: string) => store.setSecondFactor(id, "sms"),
} as const;

const NAMES = Object.keys(CHANGES) as (keyof typeof CHANGES)[];

/** The same server with some services replaced, and a clock that is ahead. */
function instance({ services, server }: SignInTest, changes: Partial<Services>) {
  const now = () => services.now() + AHEAD_SECONDS;
  const other = { ...services, now, ...changes };
  const plugins = [...server.registry.plugins];
  return openBrowser({ server: createServer(plugins, other) });
}

describe.each(DATABASES)("a sign-in during which the user changes on %s", (database) => {
  async function opened(name: DatabaseName, secondFactor: "email" | null = null) {
    const server = await signInTest({ database: name });
    const person = { ...ALICE, phone_number: "+491701234567", secondFactor };
    return { server, alice: await server.addPerson(person) };
  }

  test.each(NAMES)("fails by %s after the password was judged", async (name) => {
    const { server, alice } = await opened(database);
    const { services } = server;
    const verify: Services["passwords"]["verify"] = async (password, hash) => {
      const right = await services.passwords.verify(password, hash);
      await CHANGES[name](services, alice);
      return right;
    };
    const browser = instance(server, { passwords: { ...services.passwords, verify } });
    const page = await signIn(browser, "alice");
    expect([page.status, page.url.pathname]).toEqual([400, "/login"]);
    expect(page.text).toContain("These do not match.");
    expect(page.headers.getSetCookie().filter((line) => line.includes("session="))).toEqual([]);
    expect(await services.store.listSessions(alice)).toEqual([]);
    const [row] = await services.store.listAuditRows(1);
    expect(row).toMatchObject({
      event: "sign_in.failed",
      details: { reason: "changed meanwhile" },
    });
  });

  test.each(NAMES)("fails by %s after the second factor was judged", async (name) => {
    const { server, alice } = await opened(database, "email");
    const { services } = server;
    const consumeConfirmationCode: Services["store"]["consumeConfirmationCode"] = async (
      ...code
    ) => {
      const spent = await services.store.consumeConfirmationCode(...code);
      await CHANGES[name](services, alice);
      return spent;
    };
    const browser = instance(server, { store: { ...services.store, consumeConfirmationCode } });
    const page = await signIn(browser, "alice");
    const code = server.sent.at(-1)?.code ?? "";
    const answer = await browser.submit(page, { code }, { button: "code" });
    expect([answer.status, answer.url.pathname]).toEqual([400, "/login"]);
    expect(await services.store.listSessions(alice)).toEqual([]);
  });

  test.each(NAMES)("goes back to the password by %s before the code comes", async (name) => {
    const { server, alice } = await opened(database, "email");
    const browser = instance(server, {});
    const page = await signIn(browser, "alice");
    await CHANGES[name](server.services, alice);
    const code = server.sent.at(-1)?.code ?? "";
    const answer = await browser.submit(page, { code }, { button: "code" });
    expect(answer.text).toContain('name="password"');
    expect(await server.services.store.listSessions(alice)).toEqual([]);
  });

  test("does not go on in a session that the user has already", async () => {
    const { server, alice } = await opened(database);
    const { services } = server;
    let changing = false;
    const verify: Services["passwords"]["verify"] = async (password, hash) => {
      const right = await services.passwords.verify(password, hash);
      if (changing) await CHANGES["a new password"](services, alice);
      return right;
    };
    const browser = instance(server, { passwords: { ...services.passwords, verify } });
    await signIn(browser, "alice");
    const [before] = await services.store.listSessions(alice);
    changing = true;
    const page = await browser.open("/login?account=other");
    await signIn(browser, "alice", { page });
    const [after] = await services.store.listSessions(alice);
    expect(after?.hash).toBe(before?.hash ?? "");
  });

  test("leaves no session whoever is faster, in thirty races", async () => {
    const { server, alice } = await opened(database);
    const { services } = server;
    const passwordHash = (await services.store.findUser(alice))?.passwordHash ?? "";
    for (let round = 0; round < 30; round++) {
      const browser = instance(server, {});
      const form = await browser.open("/login");
      const change = async () => {
        await Bun.sleep(round % 10 === 0 ? 0 : 10 * (round % 10));
        await services.store.setPassword(alice, { passwordHash: `other ${round}`, now: 0 });
        await endAllSessions(alice, services);
      };
      await Promise.all([signIn(browser, "alice", { page: form, password: PASSWORD }), change()]);
      expect(await services.store.listSessions(alice)).toEqual([]);
      await services.store.setPassword(alice, { passwordHash, now: 0 });
    }
  });
});
