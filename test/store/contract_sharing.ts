import { afterEach, describe, expect, spyOn, test } from "bun:test";
import type { Store } from "../../src/store/store.ts";
import {
  aClient,
  aCode,
  anAuthorization,
  aRefreshToken,
  aUser,
  countWins,
  NOW,
} from "./fixtures.ts";

/** Two stores on one database, as two instances of the server have them. */
export function describeSharing(openTwo: () => Promise<readonly [Store, Store]>): void {
  describe("two stores on one database", () => {
    let clock = 1_000_000_000;
    const stopClock = () => spyOn(performance, "now").mockImplementation(() => clock);
    afterEach(() => spyOn(performance, "now").mockRestore());

    test("what a promise says is there when it resolves, the other store sees", async () => {
      const [one, other] = await openTwo();
      for (let index = 0; index < 50; index++) {
        const authorization = anAuthorization();
        await one.insertAuthorization(authorization);
        expect(await other.findAuthorization(authorization.id)).toEqual(authorization);
        await other.revokeAuthorization(authorization.id, NOW);
        expect((await one.findAuthorization(authorization.id))?.revokedAt).toBe(NOW);
      }
    });

    test("a disabled client or user is so at once where it was done, and within a second elsewhere", async () => {
      const [one, other] = await openTwo();
      const user = aUser("a");
      await one.writeParties({ clients: [aClient("c")], users: [user] });
      const seen = async (store: Store) => [
        (await store.findClient("c"))?.disabledAt,
        (await store.findUser(user.row.id))?.disabledAt,
      ];
      stopClock();
      clock = 1_000_005_000;
      expect(await seen(other)).toEqual([null, null]);
      expect(await seen(one)).toEqual([null, null]);
      await one.setClientDisabled("c", NOW);
      await one.setUserDisabled(user.row.id, NOW);
      expect(await seen(one)).toEqual([NOW, NOW]);
      clock = 1_000_006_000;
      expect(await seen(other)).toEqual([NOW, NOW]);
      await other.deleteClient("c");
      await other.deleteUser(user.row.id);
      expect(await seen(other)).toEqual([undefined, undefined]);
      clock = 1_000_007_000;
      expect(await seen(one)).toEqual([undefined, undefined]);
    });

    test("a copy serves for less than a second, and an absent client is not remembered", async () => {
      const [one, other] = await openTwo();
      stopClock();
      clock = 1_000_005_000;
      expect(await other.findClient("c")).toBeUndefined();
      await one.writeParties({ clients: [aClient("c")], users: [] });
      expect((await other.findClient("c"))?.disabledAt).toBeNull();
      await one.setClientDisabled("c", NOW);
      clock = 1_000_005_999;
      expect((await other.findClient("c"))?.disabledAt).toBeNull();
      clock = 1_000_006_000;
      expect((await other.findClient("c"))?.disabledAt).toBe(NOW);
    });

    test("a read that began before a change here is not kept after it", async () => {
      const [one] = await openTwo();
      await one.writeParties({ clients: [aClient("c")], users: [] });
      stopClock();
      for (let round = 0; round < 50; round++) {
        clock += 2_000;
        const early = one.findClient("c");
        const change = one.setClientDisabled("c", NOW + round);
        const amid = one.findClient("c");
        await Promise.all([early, amid, change]);
        expect((await one.findClient("c"))?.disabledAt).toBe(NOW + round);
      }
    });

    test("single-use things have one winner among both stores", async () => {
      const [one, other] = await openTwo();
      const stores = [one, other];
      const either = (index: number) => stores[index % 2] ?? one;
      for (let round = 0; round < 10; round++) {
        const authorization = anAuthorization();
        const code = aCode(authorization);
        const token = aRefreshToken(authorization);
        await one.insertCode(code, authorization);
        await one.insertRefreshToken(token);
        const wins = await Promise.all([
          countWins(20, (i) => either(i).consumeCode(code.key, NOW)),
          countWins(20, (i) => either(i).consumeRefreshToken(token.key, { now: NOW, salt: "s" })),
          countWins(20, (i) => either(i).revokeAuthorization(authorization.id, NOW)),
          countWins(20, (i) =>
            either(i).insertRecord({ id: authorization.id, value: i, expiresAt: NOW }),
          ),
        ]);
        expect(wins).toEqual([1, 1, 1, 1]);
        expect(await countWins(20, (i) => either(i).deleteRecord(authorization.id))).toBe(1);
      }
    });
  });
}
