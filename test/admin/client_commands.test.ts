import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { accessToken, addWeb, admin, auditEvents, isActive, printed } from "../support/admin.ts";
import { DATABASES } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";

setDefaultTimeout(120_000);

const ID = `it's "odd" --id=$(x) ключ`;

const SERVICE = ["--grant-type", "client_credentials", "--scope", "api1"];

/** Adds the client with the odd id and gives its secret. */
async function addClient(server: TestServer, ...more: string[]): Promise<string> {
  const added = printed(await admin(server, ["client", "add", `--id=${ID}`, ...SERVICE, ...more]));
  return String(added["client_secret"]);
}

const credentialsGrant = (server: TestServer, secret: string) =>
  server.post(
    "/token",
    { grant_type: "client_credentials", scope: "api1" },
    { basic: [ID, secret] },
  );

describe.each(DATABASES)("bun run admin client on %s", (database) => {
  test("add prints a new secret of 256 bits once, and no later command prints it", async () => {
    const server = await testServer({ database });
    const secret = await addClient(server, "--name", "Odd");
    expect(Buffer.from(secret, "base64url")).toHaveLength(32);
    expect((await credentialsGrant(server, secret)).status).toBe(200);
    const [row] = (await server.services.store.findClient(ID))?.secrets ?? [];
    for (const args of [
      ["client", "show", ID],
      ["client", "list"],
      ["audit", "list"],
    ]) {
      const { out, exitCode } = await admin(server, args);
      expect(exitCode).toBe(0);
      expect(out.join("\n")).not.toContain(secret);
      expect(out.join("\n")).not.toContain(row?.hash ?? "no row");
    }
    expect(printed(await admin(server, ["client", "show", ID]))).toMatchObject({
      client_id: ID,
      client_name: "Odd",
      grant_types: ["client_credentials"],
      scope: "api1",
    });
  });

  test("add takes ids and secrets as given, and makes a UUID without an id", async () => {
    const server = await testServer({ database });
    const given = await admin(server, [
      "client",
      "add",
      `--id=${ID}`,
      "--secret=--x=y",
      ...SERVICE,
    ]);
    expect(printed(given)).not.toHaveProperty("client_secret");
    expect((await credentialsGrant(server, "--x=y")).status).toBe(200);
    const made = printed(await admin(server, ["client", "add", ...SERVICE]));
    expect(made["client_id"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    const publicClient = printed(
      await admin(server, [
        "client",
        "add",
        "--auth-method=none",
        "--redirect-uri=http://127.0.0.1/cb",
        "--redirect-uri=https://app.example/cb",
      ]),
    );
    expect(publicClient).not.toHaveProperty("client_secret");
    expect(publicClient["redirect_uris"]).toEqual([
      "http://127.0.0.1/cb",
      "https://app.example/cb",
    ]);
  });

  test("add refuses an id that is taken, and metadata that is wrong", async () => {
    const server = await testServer({ database });
    const secret = await addClient(server);
    const again = await admin(server, ["client", "add", `--id=${ID}`, ...SERVICE]);
    expect(again).toMatchObject({ exitCode: 1, out: [] });
    expect((await credentialsGrant(server, secret)).status).toBe(200);
    const wrong = await admin(server, ["client", "add", "--id=x", "--redirect-uri=nowhere"]);
    expect(wrong.err).toEqual([
      "error: client add: redirect_uris holds nowhere, which is not an absolute URI without fragment",
    ]);
    expect(await server.services.store.findClient("x")).toBeUndefined();
  });

  test("disable, enable, revoke-tokens and delete take effect at once", async () => {
    const server = await testServer({ database });
    await addWeb(server);
    const secret = await addClient(server);
    const token = await accessToken(await credentialsGrant(server, secret));
    const run = async (verb: string) => {
      expect((await admin(server, ["client", verb, ID])).exitCode).toBe(0);
    };
    await run("disable");
    expect((await credentialsGrant(server, secret)).status).toBe(401);
    expect(await isActive(server, token)).toBe(false);
    await run("enable");
    expect(await isActive(server, token)).toBe(true);
    await run("revoke-tokens");
    expect(await isActive(server, token)).toBe(false);
    server.advance(1);
    const later = await accessToken(await credentialsGrant(server, secret));
    expect(await isActive(server, later)).toBe(true);
    await run("delete");
    expect(await isActive(server, later)).toBe(false);
    expect((await credentialsGrant(server, secret)).status).toBe(401);
    for (const verb of ["delete", "show", "disable", "enable", "revoke-tokens", "rotate-secret"]) {
      const gone = await admin(server, ["client", verb, ID]);
      expect(gone).toMatchObject({ exitCode: 1, out: [] });
      expect(gone.err).toEqual([`error: there is no client ${JSON.stringify(ID)}`]);
    }
    expect(await auditEvents(server)).toEqual([
      "client.written",
      "client.disabled",
      "request.refused",
      "client.enabled",
      "client.tokens_revoked",
      "client.deleted",
      "request.refused",
    ]);
  });

  test("rotate-secret gives a new secret, and leaves the old one as long as it is told", async () => {
    const server = await testServer({ database });
    const first = await addClient(server);
    const rotate = async (...more: string[]) =>
      String(
        printed(await admin(server, ["client", "rotate-secret", ID, ...more]))["client_secret"],
      );
    const works = async (secret: string) => (await credentialsGrant(server, secret)).status === 200;
    const second = await rotate("--overlap", "60");
    expect([await works(first), await works(second)]).toEqual([true, true]);
    server.advance(60);
    expect([await works(first), await works(second)]).toEqual([false, true]);
    const third = await rotate();
    expect([await works(second), await works(third)]).toEqual([false, true]);
  });
});
