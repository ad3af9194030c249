import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { challengerServer, EXCHANGE, setup } from "../plugins/challenger_fixture.ts";
import { admin, auditEvents, printed } from "../support/admin.ts";
import { DATABASES } from "../support/databases.ts";
import { testServer } from "../support/server.ts";

setDefaultTimeout(120_000);

const ADD = ["challenger", "add", "--redirect-uri", EXCHANGE.redirectUri];

describe.each(DATABASES)("bun run admin challenger add on %s", (database) => {
  test("prints the number alone where the secret is given, so that scripts can read it", async () => {
    const server = await testServer({ database });
    const { exitCode, out, err } = await admin(server, [...ADD, "--secret", EXCHANGE.secret]);
    expect([exitCode, out, err]).toEqual([0, ["1"], []]);
    expect(printed(await admin(server, ["client", "show", "1"]))).toMatchObject({
      client_id: "1",
      profile: "challenger",
      grant_types: ["authorization_code"],
      redirect_uris: [EXCHANGE.redirectUri],
    });
    expect(await auditEvents(server)).toEqual(["client.written"]);
  });

  test("makes a secret-token of 256 bits and prints it once; it works, and rotates to another", async () => {
    const t = await challengerServer({ database });
    // The fixture has the clients 1 and 2, which the counter knows nothing of.
    const { out } = await admin(t, ADD);
    const [id = "", secret = "", ...more] = out;
    expect([id, more]).toEqual(["3", []]);
    expect(Buffer.from(secret.replace(/^secret-token:/, ""), "base64url")).toHaveLength(32);
    expect((await setup(t, { client: id, secret })).status).toBe(200);
    const rotated = printed(await admin(t, ["client", "rotate-secret", id]));
    const next = String(rotated["client_secret"]);
    expect(next).toMatch(/^secret-token:[\w-]{43}$/);
    expect((await setup(t, { client: id, secret })).status).toBe(404);
    expect((await setup(t, { client: id, secret: next })).status).toBe(200);
    expect((await admin(t, ["client", "delete", id])).exitCode).toBe(0);
    expect((await setup(t, { client: id, secret: next })).status).toBe(404);
    expect((await admin(t, ADD)).out[0]).toBe("4");
  });

  test("twenty at once get twenty numbers", async () => {
    const server = await testServer({ database });
    const added = await Promise.all(Array.from({ length: 20 }, () => admin(server, ADD)));
    const ids = added.map(({ out }) => Number(out[0])).sort((a, b) => a - b);
    expect(ids).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });
});

const server = await testServer();

describe("bun run admin challenger add refuses", () => {
  test.each([
    ["no redirect URI", ["challenger", "add"], 2],
    ["another scheme", ["challenger", "add", "--redirect-uri", "app:/cb"], 1],
    ["no absolute URI", ["challenger", "add", "--redirect-uri", "https://"], 1],
    ["a fragment", ["challenger", "add", "--redirect-uri", "https://a.example/#x"], 1],
    ["a secret without the prefix", [...ADD, "--secret", "hunter2"], 1],
    ["a secret that no URI holds", [...ADD, "--secret", "secret-token:a b"], 1],
    ["an empty token", [...ADD, "--secret", "secret-token:"], 1],
  ])("%s", async (_, args, code) => {
    const { exitCode, out, err } = await admin(server, args);
    expect([exitCode, out]).toEqual([code, []]);
    expect(err.join("\n")).not.toMatch(/hunter2|unexpected/);
    expect(await server.services.store.listClients()).toEqual([]);
  });
});
