import { describe, expect, test } from "bun:test";
import type { Store } from "../../src/store/store.ts";
import { aCode, anAuthorization, aRefreshToken, NOW, someClaims, unique } from "./fixtures.ts";
import { aPermission, aRequest, aResource, aTicket } from "./uma_fixtures.ts";

const DAY = 86_400;

/** A ticket, a request and a permission that expire then, each with what finds it by itself. */
async function umaRows(store: Store, expiresAt: number) {
  const resource = aResource({ userId: "ada" });
  await store.insertUmaResource(resource);
  const { id: resourceId } = resource;
  const ticket = { ...aTicket(resourceId), expiresAt };
  await store.insertUmaTicket(ticket);
  await store.keepUmaTicket({ ...ticket, clientId: "app" }, [aRequest(resourceId, { expiresAt })]);
  const spent = { ...ticket, key: unique("ticket"), expiresAt: NOW + DAY };
  await store.insertUmaTicket(spent);
  const authorization = anAuthorization();
  const row = { resourceId, policyId: null, authorizationId: authorization.id, expiresAt };
  await store.grantUmaTicket({
    ticketKey: spent.key,
    authorization,
    permissions: [aPermission(row)],
    resources: [{ id: resourceId, revision: 1 }],
    carried: [],
  });
  return [
    () => store.findUmaTicket(ticket.key),
    async () =>
      (await store.listUmaDecisions([resourceId], { clientId: "app", parties: ["p"] }, 0))[0],
    async () => (await store.listUmaPermissions(authorization.id, 0))[0],
  ];
}

/** The sweep: it takes what has expired and nothing else. */
export function describeSweep(open: () => Promise<Store>): void {
  const sweepAll = async (store: Store, now: number) => {
    let total = 0;
    for (;;) {
      const rows = await store.sweepExpired(now);
      if (rows === 0) return total;
      total += rows;
    }
  };

  describe("the sweep", () => {
    test("rows go after their last second, and not in it", async () => {
      const store = await open();
      const kept: (() => Promise<unknown>)[] = [];
      const gone: (() => Promise<unknown>)[] = [];
      for (const [expiresAt, finders] of [
        [NOW - 1, gone],
        [NOW, kept],
      ] as const) {
        const [key, jti, record, throttle] = [unique(), unique(), unique(), unique()];
        const authorization = anAuthorization();
        const code = aCode(authorization, { expiresAt });
        await store.insertCode(code, authorization);
        await store.insertAccessToken(key, someClaims({ exp: expiresAt }));
        await store.revokeToken(jti, expiresAt);
        await store.insertRecord({ id: record, value: 1, expiresAt });
        await store.addFailure(throttle, { now: NOW - 100, expiresAt });
        finders.push(
          () => store.findCode(code.key),
          () => store.findAccessToken(key),
          async () => (await store.isTokenRevoked(jti)) || undefined,
          () => store.findRecord(record),
          () => store.findThrottle(throttle),
          ...(await umaRows(store, expiresAt)),
        );
      }
      expect(await sweepAll(store, NOW)).toBe(gone.length);
      for (const find of gone) expect(await find()).toBeUndefined();
      for (const find of kept) expect(await find()).toBeDefined();
    });

    test("spent and expired refresh tokens stay while any of their family lives", async () => {
      const store = await open();
      const [living, dead] = [anAuthorization(), anAuthorization()];
      await store.insertAuthorization(living);
      await store.insertAuthorization(dead);
      const spent = { consumedAt: NOW - 50, salt: "s" };
      const kept = [
        aRefreshToken(living, { expiresAt: NOW - 10, ...spent }),
        aRefreshToken(living, { expiresAt: NOW - 5, ...spent }),
        aRefreshToken(living, { expiresAt: NOW }),
      ];
      const gone = [
        aRefreshToken(dead, { expiresAt: NOW - 10, ...spent }),
        aRefreshToken(dead, { expiresAt: NOW - 1 }),
      ];
      for (const token of [...kept, ...gone]) await store.insertRefreshToken(token);
      expect(await sweepAll(store, NOW)).toBe(2);
      for (const { key } of kept) expect(await store.findRefreshToken(key)).toBeDefined();
      for (const { key } of gone) expect(await store.findRefreshToken(key)).toBeUndefined();
      expect(await sweepAll(store, NOW + 1)).toBe(3);
    });

    test("an authorization stays a day past its end, revoked or not", async () => {
      const store = await open();
      const ends = [NOW - DAY - 1, NOW - DAY, NOW + DAY];
      const rows = ends.flatMap((expiresAt) => [
        anAuthorization({ expiresAt }),
        anAuthorization({ expiresAt, revokedAt: NOW - 3 * DAY }),
      ]);
      for (const row of rows) await store.insertAuthorization(row);
      expect(await sweepAll(store, NOW)).toBe(2);
      const found = await Promise.all(rows.map(({ id }) => store.findAuthorization(id)));
      expect(found.map((row) => row !== undefined)).toEqual([false, false, true, true, true, true]);
    });

    test("one step takes a bounded number of rows; steps go on until nothing is left", async () => {
      const store = await open();
      const ids = Array.from({ length: 1100 }, (_, index) => `record-${index}`);
      await Promise.all(ids.map((id) => store.insertRecord({ id, value: 1, expiresAt: NOW - 1 })));
      expect(await store.sweepExpired(NOW)).toBe(500);
      expect(await store.sweepExpired(NOW)).toBe(500);
      expect(await store.sweepExpired(NOW)).toBe(100);
      expect(await store.sweepExpired(NOW)).toBe(0);
    });
  });
}
