import { describe, expect, test } from "bun:test";
import { Outpaced } from "../../src/store/database.ts";
import type { Store } from "../../src/store/store.ts";
import { aClient, aUser, countWins, FAR, NOW } from "./fixtures.ts";
import { aSession } from "./front_channel_fixtures.ts";

const aConsent = (userId: string, clientId: string, updatedAt = NOW) => ({
  userId,
  clientId,
  scope: ["openid", "é"],
  resource: ["https://api.example"],
  createdAt: NOW,
  updatedAt,
});

/** What users let clients do. */
export function describeConsents(open: () => Promise<Store>): void {
  describe("consents", () => {
    test("are one for user and client, and keep the day they began", async () => {
      const store = await open();
      expect(await store.writeConsent(aConsent("u", "c"), undefined)).toBe(true);
      const seen = await store.findConsent("u", "c");
      const more = { ...aConsent("u", "c", NOW + 9), scope: ["api1"], createdAt: FAR };
      expect(await store.writeConsent(more, seen)).toBe(true);
      const { id: _, ...found } = (await store.findConsent("u", "c")) ?? {};
      expect(found).toEqual({ ...aConsent("u", "c", NOW + 9), scope: ["api1"] } as never);
      expect(await store.findConsent("c", "u")).toBeUndefined();
      expect(await countWins(20, () => store.deleteConsent("u", "c"))).toBe(1);
    });

    test("are written by who has seen what is stored, even within a second", async () => {
      const store = await open();
      const first = aConsent("u", "w");
      expect(await countWins(20, () => store.writeConsent(first, undefined))).toBe(1);
      const seen = await store.findConsent("u", "w");
      const write = (index: number) => store.writeConsent({ ...first, scope: [`s${index}`] }, seen);
      expect(await countWins(20, write)).toBe(1);
      const { scope } = (await store.findConsent("u", "w")) ?? {};
      expect(await store.writeConsent({ ...first, resource: [] }, seen)).toBe(false);
      await store.deleteConsent("u", "w");
      expect(await store.writeConsent({ ...first, scope: scope ?? [] }, seen)).toBe(false);
      expect(await store.findConsent("u", "w")).toBeUndefined();
    });

    test("to a client as it was shown are written only while it is so, by one of many", async () => {
      const store = await open();
      const client = aClient("shown");
      await store.writeParties({ clients: [client], users: [] });
      const shown = { id: "shown", updatedAt: NOW };
      const first = aConsent("u", "shown");
      const write = () => store.writeConsent(first, undefined, shown);
      expect(await countWins(20, write)).toBe(1);
      const changed = { row: { ...client.row, updatedAt: NOW + 1 }, seenAt: NOW };
      const kept = { ...changed, secrets: undefined };
      await store.writeParties({ clients: [kept], users: [] });
      const seen = await store.findConsent("u", "shown");
      expect(seen).toBeDefined();
      await expect(store.writeConsent({ ...first, scope: [] }, seen, shown)).rejects.toMatchObject({
        cause: new Outpaced("shown"),
      });
      const next = { row: { ...client.row, updatedAt: NOW + 2 }, seenAt: NOW + 1 };
      const ends = { ...next, secrets: undefined, endsConsents: true };
      await store.writeParties({ clients: [ends], users: [] });
      expect(await store.findConsent("u", "shown")).toBeUndefined();
      await expect(store.writeConsent(first, undefined, shown)).rejects.toBeDefined();
      expect(await store.findConsent("u", "shown")).toBeUndefined();
    });

    test("of no two pairs share a key, and are listed newest first", async () => {
      const store = await open();
      await store.writeConsent(aConsent("1:a", "b"), undefined);
      await store.writeConsent(aConsent("1", "a:b"), undefined);
      expect((await store.findConsent("1:a", "b"))?.userId).toBe("1:a");
      await store.writeConsent(aConsent("1", "z", NOW + 1), undefined);
      expect((await store.listConsents("1")).map(({ clientId }) => clientId)).toEqual(["z", "a:b"]);
    });

    test("and sessions go with their user, consents and origins with their client", async () => {
      const store = await open();
      const [user, other] = [aUser("ann"), aUser("bob")];
      const metadata = { redirect_uris: ["https://one.example/cb", "https://two.example/cb"] };
      const clients = [aClient("c", { metadata }), aClient("d", { metadata })];
      await store.writeParties({ clients, users: [user, other] });
      await store.insertSession(aSession({ userId: user.row.id }));
      for (const { row } of [user, other]) {
        for (const id of ["c", "d"]) await store.writeConsent(aConsent(row.id, id), undefined);
      }
      await store.deleteUser(user.row.id);
      expect(await store.listSessions(user.row.id)).toEqual([]);
      expect(await store.listConsents(user.row.id)).toEqual([]);
      await store.deleteClient("c");
      expect((await store.listConsents(other.row.id)).map(({ clientId }) => clientId)).toEqual([
        "d",
      ]);
      expect(await store.isClientOrigin("https://one.example")).toBe(true);
      await store.deleteClient("d");
      expect(await store.isClientOrigin("https://one.example")).toBe(false);
    });
  });
}
