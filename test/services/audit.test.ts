import { describe, expect, test } from "bun:test";
import { CHAIN_START, createAudit, hashOfRow } from "../../src/services/audit.ts";
import type { AuditRow } from "../../src/store/audit_log.ts";
import { openStore } from "../../src/store/open.ts";
import type { Store } from "../../src/store/store.ts";
import { DATABASES, type DatabaseName, freshDatabase } from "../support/databases.ts";
import { type LogLine, START } from "../support/server.ts";

/** Places of a chain where it does not follow from what stands before it. */
function breaksOf(rows: readonly AuditRow[], start = { sequence: 0, hash: CHAIN_START }) {
  let previous = start;
  return rows.flatMap((row) => {
    const follows =
      row.sequence === previous.sequence + 1 &&
      row.previousHash === previous.hash &&
      row.id === `${row.chain}:${String(row.sequence).padStart(12, "0")}` &&
      row.hash === hashOfRow(row);
    previous = row;
    return follows ? [] : [row.sequence];
  });
}

/** An audit over a store of its own, with a clock and a log that the test holds. */
async function openAudit(database: DatabaseName = "sqlite") {
  const url = database === "sqlite" ? "sqlite::memory:" : await freshDatabase(database);
  const store = await openStore(url, { connectionsMax: 2 });
  let now = START;
  const log: LogLine[] = [];
  const audit = createAudit(
    store,
    () => now,
    (level, event, facts = {}) => void log.push({ level, event, facts }),
  );
  const rows = async () => {
    const [chain = ""] = await store.listChains();
    return store.readChain(chain);
  };
  const advance = (seconds: number) => {
    now += seconds;
  };
  return { store, audit, log, rows, advance };
}

/** The store's audit log, whose inserts fail while `away` says so. */
function failing(store: Store, away: () => boolean): Store {
  return {
    ...store,
    insertAuditRow: (row) =>
      away() ? Promise.reject(new Error("secret text")) : store.insertAuditRow(row),
  };
}

describe.each(DATABASES)("decisions D9: the audit chain on %s", (database) => {
  test("holds together, written at once or in turn, and comes back as it was hashed", async () => {
    const { audit, rows, store, advance } = await openAudit(database);
    const details = { text: "é\u2028\"'", list: [1, null, { a: undefined }], deep: { z: 1, a: 2 } };
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        audit.record("token.revoked", { clientId: `c${index}`, details }),
      ),
    );
    advance(5);
    await audit.record("client.disabled", { userId: "u" });
    const chain = await rows();
    expect(chain).toHaveLength(51);
    expect(breaksOf(chain)).toEqual([]);
    await store.close();
  });
});

describe("decisions D9: a chain that was tampered with", () => {
  const forgeries: [string, (rows: AuditRow[]) => AuditRow[]][] = [
    ["a changed event", (rows) => rows.with(4, { ...row(rows, 4), event: "user.enabled" })],
    ["a changed client", (rows) => rows.with(4, { ...row(rows, 4), clientId: "innocent" })],
    ["a changed user", (rows) => rows.with(4, { ...row(rows, 4), userId: "innocent" })],
    ["a changed time", (rows) => rows.with(4, { ...row(rows, 4), at: START - 1 })],
    ["a changed count", (rows) => rows.with(4, { ...row(rows, 4), count: 2 })],
    ["changed details", (rows) => rows.with(4, { ...row(rows, 4), details: {} })],
    ["a removed row", (rows) => rows.toSpliced(4, 1)],
    ["two rows in another order", (rows) => rows.with(4, row(rows, 5)).with(5, row(rows, 4))],
    ["a repeated row", (rows) => rows.toSpliced(4, 0, row(rows, 4))],
    ["a removed beginning", (rows) => rows.slice(1)],
    [
      "a changed row with its hash made to fit",
      (rows) => {
        const changed = { ...row(rows, 4), clientId: "innocent" };
        return rows.with(4, { ...changed, hash: hashOfRow(changed) });
      },
    ],
  ];
  const row = (rows: readonly AuditRow[], index: number): AuditRow => {
    const found = rows[index];
    if (!found) throw new RangeError(String(index));
    return found;
  };

  test.each(forgeries)("does not hold together: %s", async (_name, forge) => {
    const { audit, rows } = await openAudit();
    for (let index = 0; index < 10; index++) {
      await audit.record("token.revoked", { clientId: "c", userId: "u", details: { index } });
    }
    const chain = [...(await rows())];
    expect(breaksOf(chain)).toEqual([]);
    expect(breaksOf(forge(chain))).not.toEqual([]);
  });
});

describe("decisions D9: refusals", () => {
  const seen = async (rows: () => Promise<readonly AuditRow[]>) =>
    (await rows()).map(({ clientId, count, details }) => [clientId, details["code"], count]);

  test("are written once at once, and how many more came once a minute", async () => {
    const { audit, rows, advance } = await openAudit();
    const refuse = (code: string, clientId?: string) => audit.refuse({ code, clientId });
    for (let time = 0; time < 5; time++) await refuse("token_unknown", "c");
    await refuse("token_unknown", "other");
    await refuse("token_foreign", "c");
    await refuse("token_unknown");
    const once = [
      ["c", "token_unknown", 1],
      ["other", "token_unknown", 1],
      ["c", "token_foreign", 1],
      [null, "token_unknown", 1],
    ];
    expect(await seen(rows)).toEqual(once);
    advance(59);
    await refuse("token_unknown", "c");
    expect(await seen(rows)).toEqual(once);
    advance(1);
    await refuse("token_unknown", "c");
    expect(await seen(rows)).toEqual([...once, ["c", "token_unknown", 6]]);
    await refuse("token_unknown", "c");
    await audit.flush();
    await audit.flush();
    expect(await seen(rows)).toEqual([
      ...once,
      ["c", "token_unknown", 6],
      ["c", "token_unknown", 1],
    ]);
    expect(breaksOf(await rows())).toEqual([]);
  });

  test("for another reason are another row: the operator's next mistake is not the last one", async () => {
    const { audit, rows } = await openAudit();
    const reasons = ["no client certificate arrived", "issued by no configured CA"];
    for (const reason of [...reasons, ...reasons]) {
      await audit.refuse({ code: "client_tls_failed", clientId: "c", details: { reason } });
    }
    expect((await rows()).map(({ details }) => details["reason"])).toEqual(reasons);
  });

  test("of more kinds than are counted are all written, and none is counted twice", async () => {
    const { audit, rows } = await openAudit();
    for (let index = 0; index < 2_500; index++) {
      await audit.refuse({ code: "client_unknown", clientId: `c${index}` });
      await audit.refuse({ code: "client_unknown", clientId: `c${index}` });
    }
    await audit.flush();
    const total = (await rows()).reduce((sum, { count }) => sum + count, 0);
    expect(total).toBe(5_000);
  });
});

describe("decisions D9: a database that refuses audit rows", () => {
  test("fails no request, is logged without its message, and gets the rows when it is back", async () => {
    const { store, rows } = await openAudit();
    let away = false;
    const log: LogLine[] = [];
    const audit = createAudit(
      failing(store, () => away),
      () => START,
      (level, event, facts = {}) => void log.push({ level, event, facts }),
    );
    await audit.record("token.revoked", { clientId: "1" });
    away = true;
    await audit.record("token.revoked", { clientId: "2" });
    await audit.refuse({ code: "token_unknown", clientId: "3" });
    await audit.flush();
    expect((await rows()).map(({ clientId }) => clientId)).toEqual(["1"]);
    expect(log.map(({ level, event }) => [level, event])).toEqual(
      Array(3).fill(["error", "audit.delayed"]),
    );
    expect(JSON.stringify(log)).not.toContain("secret text");
    away = false;
    await audit.record("token.revoked", { clientId: "4" });
    expect(breaksOf(await rows())).not.toEqual([]);
    await Promise.all([audit.flush(), audit.flush()]);
    expect((await rows()).map(({ clientId }) => clientId)).toEqual(["1", "2", "3", "4"]);
    expect(breaksOf(await rows())).toEqual([]);
  });
});
