import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { groupCommit } from "../../src/store/group_commit.ts";
import { openStore } from "../../src/store/open.ts";
import type { Store } from "../../src/store/store.ts";
import { temporaryFolder } from "../support/databases.ts";
import { aClient, aCode, anAuthorization, aUser, NOW, unique } from "./fixtures.ts";

const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

/** A store over a file, another connection that watches it, and how many commits the file has had. */
async function watchedStore() {
  const path = join(temporaryFolder(), "tessera.db");
  const store = await openStore(`sqlite:${path}`);
  const watcher = new Database(path, { readonly: true });
  closing.push(
    () => store.close(),
    () => watcher.close(),
  );
  return { store, watcher, commits: () => commitsIn(`${path}-wal`) };
}

/** Commits in a write-ahead log: frames whose header tells the size of the database (SQLite §4.1). */
async function commitsIn(wal: string): Promise<number> {
  const log = Buffer.from(await Bun.file(wal).arrayBuffer());
  const frameBytes = 24 + log.readUInt32BE(8);
  let commits = 0;
  for (let at = 32; at + frameBytes <= log.length; at += frameBytes) {
    if (log.readUInt32BE(at + 4) > 0) commits += 1;
  }
  return commits;
}

const insertRecords = (store: Store, count: number) =>
  Array.from({ length: count }, () =>
    store.insertRecord({ id: unique(), value: 1, expiresAt: NOW }),
  );

describe("decisions D9: group commit of an SQLite store", () => {
  test("writes of one turn share one commit, writes of several turns do not", async () => {
    const { store, commits } = await watchedStore();
    const before = await commits();
    await Promise.all(insertRecords(store, 100));
    expect((await commits()) - before).toBe(1);
    for (let turn = 0; turn < 5; turn++) await Promise.all(insertRecords(store, 2));
    expect((await commits()) - before).toBe(6);
  });

  test("every promise settles after the commit, won or lost", async () => {
    const { store, watcher } = await watchedStore();
    const authorization = anAuthorization();
    const code = aCode(authorization);
    await store.insertCode(code, authorization);
    const consumedAt = () =>
      watcher
        .query<{ at: number | null }, []>("SELECT consumed_at AS at FROM codes")
        .all()
        .map(({ at }) => at);
    const seen = Array.from({ length: 5 }, async () => {
      const won = await store.consumeCode(code.key, NOW);
      return { won, at: consumedAt() };
    });
    await Promise.resolve();
    expect(consumedAt()).toEqual([null]);
    for (const { at } of await Promise.all(seen)) expect(at).toEqual([NOW]);
    expect((await Promise.all(seen)).filter(({ won }) => won)).toHaveLength(1);
  });

  test("a constraint that is violated fails its own request alone", async () => {
    const { store, commits } = await watchedStore();
    const claims = { iss: "i", sub: "s", aud: "a", client_id: "c", scope: "", iat: 1, jti: "j" };
    await store.insertAccessToken("taken", { ...claims, exp: NOW });
    const before = await commits();
    const outcomes = await Promise.allSettled([
      store.insertAccessToken("first", { ...claims, exp: NOW }),
      store.insertAccessToken("taken", { ...claims, exp: NOW }),
      store.insertAccessToken("second", { ...claims, exp: NOW }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect((await commits()) - before).toBe(1);
    for (const key of ["first", "second"]) expect(await store.findAccessToken(key)).toBeDefined();
  });

  test("bulk writes are whole or absent amid the writes of the same turn", async () => {
    const { store, commits } = await watchedStore();
    await store.writeParties({ clients: [], users: [aUser("a")] });
    const before = await commits();
    const outcomes = await Promise.allSettled([
      store.insertRecord({ id: "before", value: 1, expiresAt: NOW }),
      store.writeParties({ clients: [aClient("lost")], users: [aUser("thief", {}, ["a"])] }),
      store.insertRecord({ id: "between", value: 1, expiresAt: NOW }),
      store.writeParties({ clients: [aClient("kept")], users: [aUser("b")] }),
      store.insertRecord({ id: "after", value: 1, expiresAt: NOW }),
    ]);
    expect(outcomes.map(({ status }) => status === "fulfilled")).toEqual([
      true,
      false,
      true,
      true,
      true,
    ]);
    expect((await commits()) - before).toBe(1);
    for (const id of ["before", "between", "after"]) {
      expect(await store.findRecord(id)).toBeDefined();
    }
    expect((await store.listClients()).map(({ id }) => id)).toEqual(["kept"]);
    expect((await store.listUsers()).map(({ username }) => username)).toEqual(["a", "b"]);
  });
});

describe("groupCommit()", () => {
  /** A connection with a table, what commits on it, and another connection on the same file. */
  function connections(lockTimeoutMs = 5_000) {
    const path = join(temporaryFolder(), "plain.db");
    const connection = new Database(path, { create: true, strict: true });
    connection.run("PRAGMA journal_mode = WAL");
    connection.run("CREATE TABLE parents (id TEXT PRIMARY KEY)");
    connection.run(
      "CREATE TABLE rows (id TEXT PRIMARY KEY, body TEXT, parent TEXT REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)",
    );
    const other = new Database(path, { strict: true });
    closing.push(
      () => connection.close(),
      () => other.close(),
    );
    const commit = groupCommit(connection, lockTimeoutMs);
    const insert = (id: string, body = "", parent: string | null = null) =>
      commit.write(async () => {
        connection.query("INSERT INTO rows VALUES (?, ?, ?)").run(id, body, parent);
        return id;
      });
    const stored = () =>
      other
        .query<{ id: string }, []>("SELECT id FROM rows ORDER BY id")
        .all()
        .map(({ id }) => id);
    return { connection, other, commit, insert, stored };
  }

  const kindsOf = async (promises: Promise<unknown>[]) =>
    (await Promise.allSettled(promises)).map((outcome) =>
      outcome.status === "fulfilled" ? "done" : String(outcome.reason.code),
    );

  test("a full disk fails the whole batch, what comes after it is a batch of its own", async () => {
    const { connection, insert, stored } = connections();
    await insert("earlier");
    const [pages] = connection.query<{ page_count: number }, []>("PRAGMA page_count").all();
    connection.run(`PRAGMA max_page_count = ${pages?.page_count}`);
    const turn = [insert("a"), insert("b"), insert("huge", "x".repeat(100_000)), insert("c")];
    expect(await kindsOf(turn)).toEqual(["SQLITE_FULL", "SQLITE_FULL", "SQLITE_FULL", "done"]);
    expect(stored()).toEqual(["c", "earlier"]);
    connection.run("PRAGMA max_page_count = 1073741823");
    expect(await kindsOf([insert("a"), insert("huge", "x".repeat(100_000))])).toEqual([
      "done",
      "done",
    ]);
    expect(stored()).toEqual(["a", "c", "earlier", "huge"]);
  });

  test("a bulk write that ends the transaction fails the batch and leaves no savepoint", async () => {
    const { connection, commit, insert, stored } = connections();
    const first = insert("a");
    const bulk = commit.writeAll(() => {
      connection.run("INSERT INTO rows VALUES ('b', '', NULL)");
      connection.run("ROLLBACK");
      throw Object.assign(new Error("full"), { code: "SQLITE_FULL" });
    });
    expect(await kindsOf([first, bulk])).toEqual(["SQLITE_FULL", "SQLITE_FULL"]);
    expect(connection.inTransaction).toBe(false);
    expect(await kindsOf([insert("a")])).toEqual(["done"]);
    expect(stored()).toEqual(["a"]);
  });

  test("a commit that fails acknowledges nothing, and later writes work", async () => {
    const { connection, insert, stored } = connections();
    connection.run("PRAGMA foreign_keys = ON");
    const turn = [insert("a"), insert("orphan", "", "nobody"), insert("b")];
    const failed = "SQLITE_CONSTRAINT_FOREIGNKEY";
    expect(await kindsOf(turn)).toEqual([failed, failed, failed]);
    expect(stored()).toEqual([]);
    expect(await kindsOf([insert("a")])).toEqual(["done"]);
  });

  test("a connection that is closed before the turn's end acknowledges nothing", async () => {
    const { connection, insert, stored } = connections();
    const turn = [insert("a"), insert("b")];
    connection.close();
    for (const kind of await kindsOf(turn)) expect(kind).not.toBe("done");
    expect(stored()).toEqual([]);
    for (const kind of await kindsOf([insert("c")])) expect(kind).not.toBe("done");
  });

  test("while another process writes, writes wait and everything else goes on", async () => {
    const { other, insert, stored } = connections();
    other.run("BEGIN IMMEDIATE");
    let settled = false;
    const waiting = Promise.all([insert("a"), insert("b")]).finally(() => (settled = true));
    for (let turn = 0; turn < 20; turn++) await Bun.sleep(1);
    expect(settled).toBe(false);
    other.run("INSERT INTO rows VALUES ('theirs', '', NULL)");
    other.run("COMMIT");
    expect(await waiting).toEqual(["a", "b"]);
    expect(stored()).toEqual(["a", "b", "theirs"]);
  });

  test("a lock that never comes fails those who wait, and nobody after them", async () => {
    const { other, insert, stored } = connections(20);
    other.run("BEGIN IMMEDIATE");
    expect(await kindsOf([insert("a"), insert("b")])).toEqual(["SQLITE_BUSY", "SQLITE_BUSY"]);
    other.run("ROLLBACK");
    expect(await kindsOf([insert("c")])).toEqual(["done"]);
    expect(stored()).toEqual(["c"]);
  });
});
