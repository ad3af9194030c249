import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { admin, importFiles } from "../support/admin.ts";
import { DATABASES } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";

setDefaultTimeout(120_000);

const client = (more: object = {}) => ({
  client_id: "web",
  client_secret: "s3cret",
  grant_types: ["client_credentials", "password", "refresh_token"],
  scope: "api1 api2",
  ...more,
});

const passwordGrant = (server: TestServer, username: string, password: string) =>
  server.post(
    "/token",
    { grant_type: "password", username, password, scope: "api1" },
    { basic: ["web", "s3cret"] },
  );

async function refreshTokenOf(server: TestServer): Promise<string> {
  const response = await passwordGrant(server, "ann", "first password");
  const body = (await response.json()) as { refresh_token: string };
  return body.refresh_token;
}

const refresh = async (server: TestServer, token: string) => {
  const form = { grant_type: "refresh_token", refresh_token: token };
  return (await server.post("/token", form, { basic: ["web", "s3cret"] })).status;
};

describe.each(DATABASES)("bun run admin import on %s", (database) => {
  test("takes lists of clients, lists of users and objects with both", async () => {
    const server = await testServer({ database });
    const ended = await importFiles(
      server,
      [client()],
      [{ username: "ann", password: "first password" }],
      { clients: [client({ client_id: "other" })], users: [{ username: "bob", password: "pw" }] },
    );
    expect(ended.exitCode).toBe(0);
    expect(ended.err).toEqual([
      "clients: 2 created, 0 changed, 0 unchanged; users: 2 created, 0 changed, 0 unchanged",
    ]);
    expect((await passwordGrant(server, "ann", "first password")).status).toBe(200);
    expect((await passwordGrant(server, "bob", "pw")).status).toBe(200);
    expect((await passwordGrant(server, "bob", "first password")).status).toBe(400);
  });

  test("takes ids and secrets with every printable character as they are given", async () => {
    const server = await testServer({ database });
    const odd = [
      ["a b", "secret with spaces"],
      [`"'\`$(x)--\\;`, "--flag=value"],
      ["ключ/日本/🔑", "пароль:🔑%20+&="],
      ["x'; DROP TABLE clients; --", "%00"],
      ["secret-token:a", "secret-token:E92FB7EB-D882-47A4-A265-A0B6135DC842%20foo"],
      ["__proto__", "constructor"],
    ] as const;
    const clients = odd.map(([client_id, client_secret]) => client({ client_id, client_secret }));
    expect((await importFiles(server, clients)).exitCode).toBe(0);
    for (const basic of odd) {
      const form = { grant_type: "client_credentials", scope: "api1" };
      const response = await server.post("/token", form, { basic });
      expect(response.status, basic[0]).toBe(200);
    }
  });

  test("changes nothing when it is run again", async () => {
    const server = await testServer({ database });
    const parties = {
      clients: [client({ client_secret_expires_at: 1_900_000_000 })],
      users: [{ username: "ann", password: "first password", claims: { name: "Ann", age: 7 } }],
    };
    await importFiles(server, parties);
    const before = await server.services.store.findClient("web");
    const token = await refreshTokenOf(server);
    server.advance(10);
    const ended = await importFiles(server, parties);
    expect(ended.err).toEqual([
      "clients: 0 created, 0 changed, 1 unchanged; users: 0 created, 0 changed, 1 unchanged",
    ]);
    expect(await server.services.store.findClient("web")).toEqual(before);
    expect(await refresh(server, token)).toBe(200);
  });

  test("a changed password ends the user's authorizations, other changes do not", async () => {
    const server = await testServer({ database });
    await importFiles(server, [client()], [{ username: "ann", password: "first password" }]);
    const kept = await refreshTokenOf(server);
    server.advance(10);
    const email = await importFiles(server, [{ username: "ann", email: "ann@example.com" }]);
    expect(email.err[0]).toContain("users: 0 created, 1 changed");
    expect(await refresh(server, kept)).toBe(200);

    const ended = await refreshTokenOf(server);
    server.advance(10);
    await importFiles(server, [{ username: "ann", password: "second password" }]);
    expect(await refresh(server, ended)).toBe(400);
    const { secret, store } = server.services;
    const row = await store.findRefreshToken(secret.readOpaque(ended)?.key ?? "");
    expect(row?.authorization.revokedAt).toBe(server.services.now());
    server.advance(1);
    expect((await passwordGrant(server, "ann", "first password")).status).toBe(400);
    expect((await passwordGrant(server, "ann", "second password")).status).toBe(200);
    const rows = await server.services.store.listAuditRows(100);
    expect(rows.filter(({ event }) => event === "user.password_set")).toHaveLength(1);
  });

  test("a given secret replaces all, an absent one keeps what is stored", async () => {
    const server = await testServer({ database });
    await importFiles(server, [client()]);
    const works = async (secret: string) => {
      const form = { grant_type: "client_credentials", scope: "api1" };
      return (await server.post("/token", form, { basic: ["web", secret] })).status === 200;
    };
    await importFiles(server, [client({ client_secret: undefined, client_name: "Web" })]);
    expect(await works("s3cret")).toBe(true);
    await importFiles(server, [client({ client_secret: "new" })]);
    expect([await works("s3cret"), await works("new")]).toEqual([false, true]);
    await importFiles(server, [client({ client_secret: undefined, client_secret_expires_at: 1 })]);
    expect(await works("new")).toBe(false);
  });

  test("addresses identify a user unless claims say that they are not verified", async () => {
    const server = await testServer({ database });
    const addresses = { phone_number: "+4930123456", email: "Ann@Example.com" };
    const ann = { username: "ann", password: "pw", ...addresses };
    await importFiles(server, [client()], [ann]);
    const who = ["ann", "ann@example.com", "+49 30 123456"];
    for (const name of who) expect((await passwordGrant(server, name, "pw")).status).toBe(200);
    const claims = { phone_number_verified: false, email_verified: false };
    await importFiles(server, [{ ...ann, claims }]);
    const after = await Promise.all(who.map((name) => passwordGrant(server, name, "pw")));
    expect(after.map(({ status }) => status)).toEqual([200, 400, 400]);
  });

  test("an address may pass from one user to another, and two may swap", async () => {
    const server = await testServer({ database });
    const user = (username: string, email: string) => ({ username, password: username, email });
    const whose = async (email: string) =>
      (await server.services.store.findUserByIdentifier(email))?.username;
    await importFiles(server, [user("ann", "a@x.example"), user("bob", "b@x.example")]);
    const swapped = await importFiles(server, [
      user("bob", "a@x.example"),
      user("ann", "b@x.example"),
    ]);
    expect(swapped.exitCode).toBe(0);
    expect([await whose("a@x.example"), await whose("b@x.example")]).toEqual(["bob", "ann"]);
  });

  test("attack 54: importing what `show` printed changes nothing, revocations included", async () => {
    const server = await testServer({ database });
    const translated = { "client_name#de": "Netz", contacts: ["ops@example.com"] };
    const users = [{ username: "ann", password: "first password", email: "ann@example.com" }];
    await importFiles(server, [client(translated)], users);
    const token = await refreshTokenOf(server);
    server.advance(10);
    await admin(server, ["client", "revoke-tokens", "web"]);
    await admin(server, ["user", "revoke-tokens", "ann"]);
    await admin(server, ["client", "disable", "web"]);
    const { store } = server.services;
    const before = [await store.findClient("web"), await store.listUsers()];
    server.advance(10);
    for (const args of [
      ["client", "show", "web"],
      ["user", "show", "ann"],
    ]) {
      const shown = await admin(server, args);
      const again = await admin(server, ["import", "-"], { stdin: shown.out.join("\n") });
      expect(again.err).toHaveLength(1);
      expect(again.err[0]).toContain("1 unchanged");
    }
    expect([await store.findClient("web"), await store.listUsers()]).toEqual(before);
    await admin(server, ["client", "enable", "web"]);
    expect(await refresh(server, token)).toBe(400);
  });
});

describe("bun run admin import", () => {
  test("keeps a secret that an HMAC needs under the server's seal, and others only hashed", async () => {
    const server = await testServer();
    const long = "s3cret of at least thirty-two bytes";
    const { store, secret } = server.services;
    await importFiles(server, [client({ client_secret: long })]);
    expect((await store.findClient("web"))?.secrets[0]?.sealed).toBeNull();
    const method = { token_endpoint_auth_method: "client_secret_jwt" };
    const signing = client({ client_secret: long, ...method });
    const bare = await importFiles(server, [client({ client_secret: undefined, ...method })]);
    expect(bare.err).toContain(
      'warning: file1.json: entry [0] "web": client_secret is missing, and client_secret_jwt needs one',
    );
    const short = await importFiles(server, [client({ client_secret: "x".repeat(31), ...method })]);
    expect(short.err).toContain(
      'error: file1.json: entry [0] "web": client_secret must have at least 32 bytes for HS256 (OpenID Connect Core §10.1)',
    );
    expect((await importFiles(server, [signing])).err[0]).toContain("1 changed");
    const [row, ...more] = (await store.findClient("web"))?.secrets ?? [];
    expect(more).toEqual([]);
    expect(secret.unseal(row?.sealed ?? "", `client_secret:${row?.id}`)).toBe(long);
    expect((await importFiles(server, [signing])).err[0]).toContain("1 unchanged");
  });

  test("writes an audit row for each client and user, without secrets", async () => {
    const server = await testServer();
    await importFiles(server, [client()], [{ username: "ann", password: "first password" }]);
    const rows = await server.services.store.listAuditRows(10);
    expect(rows.map(({ event }) => event).sort()).toEqual(["client.written", "user.written"]);
    expect(JSON.stringify(rows)).not.toMatch(/s3cret|first password/);
  });

  test("warns of what is odd and imports it", async () => {
    const server = await testServer();
    const { exitCode, err } = await importFiles(server, {
      clients: [
        client({ redirect_urls: ["https://app.example"], "client_name#de-CH": "Netz" }),
        client({ client_id: "bare", client_secret: undefined }),
        client({ client_id: "open", token_endpoint_auth_method: "none", grant_types: [] }),
        client({ client_id: "clear", redirect_uris: ["http://app.example/cb"] }),
      ],
      users: [{ username: "ann", passwort: "pw" }],
      groups: [],
    });
    expect(exitCode).toBe(0);
    expect(err.slice(0, -1)).toEqual([
      'warning: file1.json: "groups" is not known and ignored',
      'warning: file1.json: clients[0] "web": "redirect_urls" is not known and ignored',
      'warning: file1.json: clients[2] "open": client_secret is of no use to the method none',
      'warning: file1.json: clients[3] "clear": redirect_uris holds http://app.example/cb: codes travel there in clear',
      'warning: file1.json: users[0] "ann": "passwort" is not known and ignored',
      'warning: file1.json: clients[1] "bare": client_secret is missing, and client_secret_basic needs one',
    ]);
    const web = await server.services.store.findClient("web");
    expect(web?.metadata).toMatchObject({ "client_name#de-CH": "Netz" });
    expect(web?.metadata).not.toHaveProperty("redirect_urls");
  });
});
