import { describe, expect, test } from "bun:test";
import type { AuditRow } from "../../src/store/audit_log.ts";
import type { Store } from "../../src/store/store.ts";
import { AWKWARD_JSON, countWins, FAR, NOW, unique } from "./fixtures.ts";

/** Keys, records, throttles and the audit log. */
export function describeOperations(open: () => Promise<Store>): void {
  describe("keys", () => {
    const aKey = (algorithm: string, generation: number) => ({
      id: unique("kid"),
      algorithm,
      generation,
      publicKey: { kty: "EC", x: "é\"'" },
      sealedPrivateKey: "sealed",
      createdAt: NOW,
      activatesAt: FAR,
    });

    test("insertKey() lets one of 50 instances make a generation", async () => {
      const store = await open();
      expect(await countWins(50, () => store.insertKey(aKey("ES256", 1)))).toBe(1);
      expect(await store.insertKey(aKey("RS256", 1))).toBe(true);
    });

    test("listKeys() gives the oldest generation first", async () => {
      const store = await open();
      const keys = [3, 1, 10, 2].map((generation) => aKey("ES256", generation));
      for (const key of keys) await store.insertKey(key);
      const listed = await store.listKeys();
      expect(listed.map(({ generation }) => generation)).toEqual([1, 2, 3, 10]);
      expect(listed.find(({ generation }) => generation === 3)).toEqual(keys[0] as never);
    });
  });

  describe("records", () => {
    test("a record comes back as it was, whatever its JSON", async () => {
      const store = await open();
      for (const value of [AWKWARD_JSON, "text", '"', 0, false, [], {}]) {
        const record = { id: unique("record é'\""), value, expiresAt: FAR };
        expect(await store.insertRecord(record)).toBe(true);
        expect(await store.findRecord(record.id)).toEqual(record);
      }
      expect(await store.findRecord("absent")).toBeUndefined();
    });

    test("a record is inserted by one of 200 callers, and removed by one", async () => {
      const store = await open();
      const value = (index: number) => ({ id: "jti", value: index, expiresAt: NOW });
      expect(await countWins(200, (index) => store.insertRecord(value(index)))).toBe(1);
      expect(await store.deleteRecord("JTI")).toBe(false);
      expect(await countWins(200, () => store.deleteRecord("jti"))).toBe(1);
      expect(await store.findRecord("jti")).toBeUndefined();
      expect(await store.insertRecord(value(1))).toBe(true);
    });
  });

  describe("throttles", () => {
    test("addFailure() counts every one of 200 concurrent failures", async () => {
      const store = await open();
      const window = { now: NOW, expiresAt: NOW + 900 };
      const counted = await Promise.all(
        Array.from({ length: 200 }, () => store.addFailure("account:a", window)),
      );
      const counts = counted.map(({ failures }) => failures).sort((a, b) => a - b);
      expect(counts).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
      expect(await store.findThrottle("account:a")).toEqual({
        key: "account:a",
        failures: 200,
        expiresAt: NOW + 900,
      });
      expect(await store.findThrottle("account:A")).toBeUndefined();
    });

    test("a window that is not over keeps its end; one that is over starts anew", async () => {
      const store = await open();
      const at = (now: number) => store.addFailure("k", { now, expiresAt: now + 100 });
      expect(await at(NOW)).toMatchObject({ failures: 1, expiresAt: NOW + 100 });
      expect(await at(NOW + 99)).toMatchObject({ failures: 2, expiresAt: NOW + 100 });
      expect(await at(NOW + 100)).toMatchObject({ failures: 1, expiresAt: NOW + 200 });
    });
  });

  describe("the audit log", () => {
    const aRow = (chain: string, sequence: number, at = NOW): AuditRow => ({
      id: `${chain}:${sequence}`,
      chain,
      sequence,
      at,
      event: "token.revoked",
      clientId: null,
      userId: "u",
      count: 1,
      details: AWKWARD_JSON,
      previousHash: "p",
      hash: "h",
    });

    test("rows come back by chain in order, and the newest first", async () => {
      const store = await open();
      const rows = [aRow("a", 2, NOW + 1), aRow("b", 1, NOW + 2), aRow("a", 1), aRow("a", 11, FAR)];
      for (const row of rows) await store.insertAuditRow(row);
      expect((await store.readChain("a")).map(({ sequence }) => sequence)).toEqual([1, 2, 11]);
      expect((await store.readChain("b"))[0]).toEqual(rows[1] as AuditRow);
      expect(await store.listChains()).toEqual(["a", "b"]);
      const newest = await store.listAuditRows(2);
      expect(newest.map(({ id }) => id)).toEqual(["a:11", "b:1"]);
    });

    test("a row that is written again stays as it was", async () => {
      const store = await open();
      await store.insertAuditRow(aRow("a", 1));
      await store.insertAuditRow({ ...aRow("a", 1), event: "changed" });
      expect((await store.readChain("a")).map(({ event }) => event)).toEqual(["token.revoked"]);
    });

    test("findPrunable() names the last old row of each chain, and pruneChain() goes that far", async () => {
      const store = await open();
      const rows = [aRow("a", 1), aRow("a", 2), aRow("a", 3, NOW + 9), aRow("b", 1, NOW + 9)];
      for (const row of rows) await store.insertAuditRow(row);
      const prunable = await store.findPrunable(NOW + 9);
      expect(prunable).toEqual([{ chain: "a", sequence: 2, hash: "h" }]);
      await store.pruneChain("a", 2);
      expect((await store.readChain("a")).map(({ sequence }) => sequence)).toEqual([3]);
      expect(await store.readChain("b")).toHaveLength(1);
      expect(await store.findPrunable(NOW + 9)).toEqual([]);
    });
  });
}
