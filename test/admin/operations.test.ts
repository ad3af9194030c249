import { Database } from "bun:sqlite";
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { SQL } from "bun";
import { SignJWT } from "jose";
import { hashOfRow } from "../../src/services/audit.ts";
import { newId } from "../../src/services/ids.ts";
import { accessToken, addWeb, admin, auditEvents } from "../support/admin.ts";
import { DATABASES } from "../support/databases.ts";
import { START, type TestServer, testServer } from "../support/server.ts";

setDefaultTimeout(120_000);

/** Runs one statement past the store, as somebody with the database's password would. */
async function tamper({ url }: TestServer, statement: string): Promise<void> {
  if (url.startsWith("sqlite:")) {
    const database = new Database(url.slice("sqlite:".length));
    database.run(statement);
    database.close();
    return;
  }
  const database = new SQL(url, { max: 1 });
  await database.unsafe(statement);
  await database.close();
}

/** A server whose one chain has four rows. */
async function audited(options: Parameters<typeof testServer>[0]): Promise<TestServer> {
  const server = await testServer(options);
  for (const name of ["a", "b", "c", "d"]) {
    await admin(server, ["user", "add", "--username", name, "--password=x"]);
  }
  return server;
}

const chainsOf = async (server: TestServer) => {
  const { exitCode, out, err } = await admin(server, ["audit", "verify"]);
  return { exitCode, err, chains: out.map((line) => JSON.parse(line)) };
};

describe.each(DATABASES)("bun run admin audit on %s", (database) => {
  test("list prints the newest rows first, as many as asked for", async () => {
    const server = await audited({ database });
    const { out } = await admin(server, ["audit", "list", "--limit=3"]);
    expect(out).toHaveLength(3);
    const [newest] = await server.services.store.listAuditRows(1);
    expect(JSON.parse(out[0] ?? "")).toMatchObject({ id: newest?.id, event: "user.written" });
    for (const limit of ["0", "x", "-1", "1e3"]) {
      expect((await admin(server, ["audit", "list", `--limit=${limit}`])).exitCode).toBe(1);
    }
  });

  test("verify accepts a chain that nobody touched", async () => {
    const server = await audited({ database });
    const { exitCode, err, chains } = await chainsOf(server);
    expect([exitCode, err]).toEqual([0, []]);
    expect(chains).toEqual([{ chain: expect.any(String), rows: 4, first: 1, last: 4 }]);
  });

  test.each([
    ["a changed row", "UPDATE audit_log SET event = 'user.enabled' WHERE sequence = 2", 2],
    ["changed details", `UPDATE audit_log SET details = '{"change":"x"}' WHERE sequence = 3`, 3],
    ["a deleted row", "DELETE FROM audit_log WHERE sequence = 2", 3],
    ["a deleted beginning", "DELETE FROM audit_log WHERE sequence = 1", 2],
    ["swapped rows", "UPDATE audit_log SET sequence = 5 - sequence WHERE sequence IN (2, 3)", 2],
  ])("verify finds %s", async (_name, statement, row) => {
    const server = await audited({ database });
    await tamper(server, statement);
    const { exitCode, err, chains } = await chainsOf(server);
    expect(exitCode).toBe(1);
    expect(chains[0].fault).toContain(`row ${row}`);
    expect(err).toEqual([`error: audit chain ${chains[0].chain}: ${chains[0].fault}`]);
  });

  test("verify finds a row that was changed together with its own hash", async () => {
    const server = await audited({ database });
    const [row] = (await server.services.store.listAuditRows(10)).filter((r) => r.sequence === 2);
    if (!row) throw new TypeError("There is no second row");
    const changed = { ...row, userId: newId() };
    const set = `user_id = '${changed.userId}', hash = '${hashOfRow(changed)}'`;
    await tamper(server, `UPDATE audit_log SET ${set} WHERE sequence = 2`);
    expect((await chainsOf(server)).chains[0].fault).toContain("row 3");
  });

  test("verify accepts a chain that begins after a checkpoint signed by us, and no other", async () => {
    const settings = { auditRetentionSeconds: 3600 };
    const server = await audited({ database, settings });
    server.advance(7200);
    await admin(server, ["user", "add", "--username", "late", "--password=x"]);
    expect((await admin(server, ["sweep"])).exitCode).toBe(0);
    const pruned = await chainsOf(server);
    expect([pruned.exitCode, pruned.err]).toEqual([0, []]);
    expect(pruned.chains).toEqual([{ chain: expect.any(String), rows: 2, first: 5, last: 6 }]);
    expect(await auditEvents(server)).toEqual(["user.written", "audit.checkpoint"]);

    // Whoever cuts off more can make the hashes fit, but not the signature.
    const [checkpoint] = await server.services.store.listAuditRows(1);
    if (!checkpoint) throw new TypeError("There is no checkpoint");
    const { kid } = await server.services.keys.current("ES256");
    const { signature: _, ...link } = checkpoint.details;
    const signature = await new SignJWT(link)
      .setProtectedHeader({ alg: "HS256", kid, typ: "audit-checkpoint+jwt" })
      .sign(new Uint8Array(32));
    const details = { ...link, signature };
    const set = `details = '${JSON.stringify(details)}', hash = '${hashOfRow({ ...checkpoint, details })}'`;
    await tamper(server, `UPDATE audit_log SET ${set} WHERE event = 'audit.checkpoint'`);
    const cut = await chainsOf(server);
    expect(cut.chains[0].fault).toBe("no signed checkpoint stands before row 5");
  });
});

describe("bun run admin key", () => {
  test("rotate publishes keys that sign after their time, and writes it down", async () => {
    const server = await testServer({ settings: { keyPublishSeconds: 600 } });
    const states = (lines: readonly string[]) =>
      lines.map((line) => {
        const { algorithm, generation, state } = JSON.parse(line);
        return `${algorithm} ${generation} ${state}`;
      });
    const before = await admin(server, ["key", "list"]);
    const names = ["ECDH-ES", "EdDSA", "PS256", "RS256", "RSA-OAEP-256"];
    const others = names.map((name) => `${name} 1 current`);
    expect(states(before.out).sort()).toEqual(["ES256 1 current", ...others].sort());
    const rotated = await admin(server, ["key", "rotate", "--algorithm=ES256"]);
    expect(states(rotated.out).sort()).toEqual(
      ["ES256 1 current", "ES256 2 next", ...others].sort(),
    );
    server.advance(600);
    const after = await admin(server, ["key", "list"]);
    expect(states(after.out).sort()).toEqual(
      ["ES256 1 retired", "ES256 2 current", ...others].sort(),
    );
    expect(after.out.join("\n")).not.toMatch(/seal|private|"d"/i);
    expect((await admin(server, ["key", "rotate", "--algorithm=none"])).exitCode).toBe(1);
    expect((await admin(server, ["key", "rotate"])).out).toHaveLength(13);
    expect(await auditEvents(server)).toEqual(Array.from({ length: 7 }, () => "key.created"));
  });
});

describe("bun run admin sweep and migrate", () => {
  test("sweep deletes what has expired and keeps what lives", async () => {
    const server = await testServer();
    await addWeb(server);
    await server.addUser({ username: "ann", password: "pw" });
    const form = { grant_type: "password", username: "ann", password: "pw", scope: "api1" };
    await accessToken(await server.post("/token", form, { basic: ["web", "s"] }));
    const record = { id: "old", value: {}, expiresAt: START + 1 };
    await server.services.store.insertRecord(record);
    server.advance(2);
    expect(await admin(server, ["sweep"])).toEqual({ exitCode: 0, out: [], err: [] });
    expect(await server.services.store.findRecord("old")).toBeUndefined();
    expect(await server.services.store.findUserByIdentifier("ann")).toBeDefined();
    expect(await admin(server, ["migrate"])).toEqual({ exitCode: 0, out: [], err: [] });
  });
});
