/** What an administrator does to a user's sign-in: second factors, and the end of sessions. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { admin, auditEvents, importFiles, printed } from "../support/admin.ts";
import { openBrowser } from "../support/browser.ts";
import { DATABASES } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";
import { sessionOf, signIn } from "../support/sign_in.ts";

setDefaultTimeout(120_000);

const shown = async (server: TestServer, name = "ann") =>
  printed(await admin(server, ["user", "show", name]));

describe.each(DATABASES)("bun run admin user set-second-factor on %s", (database) => {
  test("asks for a code from now on, is written down, and can be undone", async () => {
    const server = await testServer({ database });
    await server.addUser({ username: "ann", password: "pw", email: "ann@example.com" });
    expect(await shown(server)).not.toHaveProperty("second_factor");
    const set = await admin(server, ["user", "set-second-factor", "ann", "email"]);
    expect([set.exitCode, set.err]).toEqual([0, ['the second factor of user "ann" is email']]);
    expect(await shown(server)).toMatchObject({ second_factor: "email" });
    expect((await admin(server, ["user", "set-second-factor", "ann", "none"])).exitCode).toBe(0);
    expect(await shown(server)).not.toHaveProperty("second_factor");
    const [last] = await server.services.store.listAuditRows(1);
    expect(last).toMatchObject({
      event: "user.second_factor_set",
      details: { second_factor: "none" },
    });
  });

  test("needs a verified address of the kind, and a kind that there is", async () => {
    const server = await testServer({ database });
    const users = [
      { username: "ann", email: "ann@example.com", claims: { email_verified: false } },
      { username: "bob", phone_number: "+4930123456" },
    ];
    expect((await importFiles(server, { users })).exitCode).toBe(0);
    const faultOf = async (...args: string[]) => {
      const { exitCode, err } = await admin(server, ["user", "set-second-factor", ...args]);
      expect(exitCode).not.toBe(0);
      return err[0];
    };
    expect(await faultOf("ann", "email")).toBe("error: email needs a verified e-mail address");
    expect(await faultOf("ann", "sms")).toBe("error: sms needs a verified phone number");
    expect(await faultOf("bob", "email")).toBe("error: email needs a verified e-mail address");
    expect(await faultOf("bob", "totp")).toBe("error: KIND must be one of sms, email, none");
    expect(await faultOf("nobody", "sms")).toBe('error: there is no user "nobody"');
    expect((await admin(server, ["user", "set-second-factor", "bob", "sms"])).exitCode).toBe(0);
  });

  test("an import sets it, keeps it when it says nothing, and refuses what nobody could receive", async () => {
    const server = await testServer({ database });
    const ann = { username: "ann", email: "ann@example.com" };
    const write = (changes: object) => importFiles(server, { users: [{ ...ann, ...changes }] });
    expect((await write({ second_factor: "email" })).exitCode).toBe(0);
    expect(await shown(server)).toMatchObject({ second_factor: "email" });
    expect((await write({ claims: { name: "Ann" } })).exitCode).toBe(0);
    expect(await shown(server)).toMatchObject({ second_factor: "email", claims: { name: "Ann" } });
    const { identifiers: _, ...again } = await shown(server);
    const repeated = await importFiles(server, { users: [again] });
    expect(repeated.err.join()).toEndWith("users: 0 created, 0 changed, 1 unchanged");

    const without = await importFiles(server, { users: [{ username: "ann" }] });
    expect(without.exitCode).toBe(1);
    expect(without.err.join()).toContain("second_factor email needs a verified e-mail address");
    const other = await write({ second_factor: "sms" });
    expect(other.err.join()).toContain("second_factor sms needs a verified phone number");
    expect((await write({ second_factor: "totp" })).exitCode).toBe(1);
    expect(await shown(server)).toMatchObject({ second_factor: "email" });

    expect(
      (await importFiles(server, { users: [{ username: "ann", second_factor: "none" }] })).exitCode,
    ).toBe(0);
    expect(await shown(server)).not.toHaveProperty("second_factor");
    const added = ["user", "add", "--username=bob", "--password=x", "--second-factor=sms"];
    expect((await admin(server, added)).exitCode).toBe(1);
    expect(printed(await admin(server, [...added, "--phone=+4930123456"]))).toMatchObject({
      second_factor: "sms",
    });
  });
});

describe.each(DATABASES)("sessions of a user on %s", (database) => {
  const PASSWORD = "correct horse";

  /** A server, ann, and her browser, in which she is signed in. */
  async function signedIn() {
    const server = await testServer({ database });
    const id = await server.addUser({ username: "ann", password: PASSWORD });
    await server.addUser({ username: "bob", password: PASSWORD });
    const [hers, his] = [openBrowser(server), openBrowser(server)];
    await signIn(hers, "ann", { password: PASSWORD });
    await signIn(his, "bob", { password: PASSWORD });
    expect(await sessionOf(hers)).toBeString();
    return { server, id, hers, his };
  }

  test.each([
    ["disable", [], "user.disabled"],
    ["revoke-tokens", [], "user.tokens_revoked"],
    ["set-password", ["--password=new"], "user.password_set"],
    ["delete", [], "user.deleted"],
  ])("user %s ends them, and nobody else's", async (verb, more, event) => {
    const { server, id, hers, his } = await signedIn();
    expect((await admin(server, ["user", verb, "ann", ...more])).exitCode).toBe(0);
    expect(await server.services.store.listSessions(id)).toEqual([]);
    if (verb === "disable") await admin(server, ["user", "enable", "ann"]);
    expect(await sessionOf(hers)).toBeUndefined();
    expect(await sessionOf(his)).toBeString();
    expect((await auditEvents(server)).filter((name) => name.startsWith("user."))[0]).toBe(event);
    expect(await auditEvents(server)).toContain("session.ended");
  });

  test("an import with another password ends them, one with the same leaves them", async () => {
    const { server, hers } = await signedIn();
    const write = (password: string) =>
      importFiles(server, { users: [{ username: "ann", password }] });
    expect((await write(PASSWORD)).exitCode).toBe(0);
    expect(await sessionOf(hers)).toBeString();
    expect((await write("another")).exitCode).toBe(0);
    expect(await sessionOf(hers)).toBeUndefined();
  });
});

describe("bun run admin registration invite", () => {
  test("prints a token once, by which one client may register, and writes it down without it", async () => {
    const server = await testServer({ settings: { registration: "token" } });
    const { exitCode, out } = await admin(server, ["registration", "invite"]);
    expect([exitCode, out.length]).toEqual([0, 1]);
    const [token = ""] = out;
    const register = (bearer: string) =>
      server.server.handle(
        new Request("http://localhost/register", {
          method: "POST",
          headers: { "Content-Type": "application/json", Authorization: `Bearer ${bearer}` },
          body: JSON.stringify({ redirect_uris: ["https://rp.example/cb"] }),
        }),
      );
    expect((await register("wrong")).status).toBe(401);
    expect((await register(token)).status).toBe(201);
    const rows = await server.services.store.listAuditRows(100);
    expect(rows.map(({ event }) => event)).toContain("registration.invited");
    expect(JSON.stringify(rows)).not.toContain(token);
  });
});
