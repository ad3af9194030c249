import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { accessToken, addWeb, admin, auditEvents, isActive, printed } from "../support/admin.ts";
import { DATABASES } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";

setDefaultTimeout(120_000);

const passwordGrant = (server: TestServer, username: string, password: string) =>
  server.post(
    "/token",
    { grant_type: "password", username, password, scope: "api1" },
    { basic: ["web", "s"] },
  );

describe.each(DATABASES)("bun run admin user on %s", (database) => {
  test("add takes the password by option, by standard input or by two prompts", async () => {
    const server = await testServer({ database });
    await addWeb(server);
    const add = (...more: string[]) => ["user", "add", "--username", ...more];
    const password = " pass wörd\t";
    printed(await admin(server, add("ann", "--password=-pw")));
    printed(await admin(server, add("bob", "--password-stdin"), { stdin: `${password}\n` }));
    printed(await admin(server, add("eve"), { typed: ["typed", "typed"] }));
    const differing = await admin(server, add("joe"), { typed: ["typed", "typo"] });
    expect(differing.err).toEqual(["error: the two passwords differ"]);
    expect((await admin(server, add("joe"))).exitCode).toBe(1);
    expect((await passwordGrant(server, "ann", "-pw")).status).toBe(200);
    expect((await passwordGrant(server, "bob", password)).status).toBe(200);
    expect((await passwordGrant(server, "eve", "typed")).status).toBe(200);
    const list = await admin(server, ["user", "list"]);
    expect(list.out.map((line) => JSON.parse(line).username)).toEqual(["ann", "bob", "eve"]);
    expect(list.out.join("\n")).not.toMatch(/argon2|-pw|typed/);
  });

  test("add makes phone number and e-mail address names to sign in with", async () => {
    const server = await testServer({ database });
    await addWeb(server);
    const addresses = ["--email=Ann@Example.com", "--phone=+4930123456"];
    const added = await admin(server, [
      ...["user", "add", "--username=ann", "--password=pw", ...addresses],
      '--claims={"given_name":"Ann"}',
    ]);
    expect(printed(added)).toMatchObject({
      username: "ann",
      email: "Ann@Example.com",
      claims: { given_name: "Ann" },
    });
    expect((await passwordGrant(server, "ann@example.com", "pw")).status).toBe(200);
    expect((await passwordGrant(server, "+4930123456", "pw")).status).toBe(200);
    for (const username of ["ann", "ANN@EXAMPLE.COM"]) {
      const args = ["user", "add", "--username", username, "--password=x"];
      expect((await admin(server, args)).exitCode).toBe(1);
    }
  });

  test("disable, enable, revoke-tokens, set-password and delete take effect at once", async () => {
    const server = await testServer({ database });
    await addWeb(server);
    const id = await server.addUser({ username: "ann", password: "pw", email: "ann@example.com" });
    const run = async (verb: string, name: string, ...more: string[]) => {
      expect((await admin(server, ["user", verb, name, ...more])).exitCode).toBe(0);
    };
    const token = async (password = "pw") =>
      accessToken(await passwordGrant(server, "ann", password));
    const first = await token();
    await run("disable", "ann");
    expect(await isActive(server, first)).toBe(false);
    expect((await passwordGrant(server, "ann", "pw")).status).toBe(400);
    await run("enable", "ann@example.com");
    expect(await isActive(server, first)).toBe(true);
    await run("revoke-tokens", id);
    expect(await isActive(server, first)).toBe(false);
    server.advance(1);
    const second = await token();
    await run("set-password", "ann", "--password=new");
    expect(await isActive(server, second)).toBe(false);
    expect((await passwordGrant(server, "ann", "pw")).status).toBe(400);
    server.advance(1);
    const third = await token("new");
    expect(await isActive(server, third)).toBe(true);
    await run("delete", "ann");
    expect(await isActive(server, third)).toBe(false);
    expect((await passwordGrant(server, "ann", "new")).status).toBe(400);
    expect((await admin(server, ["user", "show", "ann"])).err).toEqual([
      'error: there is no user "ann"',
    ]);
    const administered = (await auditEvents(server)).filter((event) => event.startsWith("user."));
    expect(administered).toEqual([
      "user.disabled",
      "user.enabled",
      "user.tokens_revoked",
      "user.password_set",
      "user.deleted",
    ]);
  });
});
