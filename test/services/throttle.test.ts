import { afterEach, describe, expect, spyOn, test } from "bun:test";
import { OAuthError } from "../../src/protocol/oauth_error.ts";
import { DEFAULT_SETTINGS } from "../../src/protocol/settings.ts";
import { openStore, type Store } from "../../src/server.ts";
import { createThrottle, type ThrottleKey } from "../../src/services/throttle.ts";
import { DATABASES, type DatabaseName, freshDatabase } from "../support/databases.ts";
import { START } from "../support/server.ts";

const settings = { ...DEFAULT_SETTINGS, loginFailuresMax: 10, addressFailuresMax: 15 };
const ACCOUNT: ThrottleKey = { kind: "account", name: "Ada" };
const ADDRESS: ThrottleKey = { kind: "address", name: "192.0.2.1" };

/** Two stores on one database, as two instances have them. */
async function twoStores(database: DatabaseName): Promise<readonly [Store, Store]> {
  const url = await freshDatabase(database);
  return [await openStore(url, { connectionsMax: 4 }), await openStore(url, { connectionsMax: 4 })];
}

const pairs: Partial<Record<DatabaseName, readonly [Store, Store]>> = {};
for (const database of DATABASES) pairs[database] = await twoStores(database);

afterEach(() => spyOn(performance, "now").mockRestore());

/** A throttle whose attempts are counted, on a clock of its own. */
function instance(store: Store, time: { now: number }) {
  const throttle = createThrottle(store, settings, () => time.now);
  const state = { ran: 0, refused: 0, running: 0, together: 0 };
  const attempt = async (keys: readonly ThrottleKey[], succeeds = false) => {
    try {
      return await throttle.attempt(keys, async () => {
        state.ran += 1;
        state.running += 1;
        state.together = Math.max(state.together, state.running);
        await Bun.sleep(0);
        state.running -= 1;
        return succeeds;
      });
    } catch (error) {
      expect(error).toMatchObject({ code: "too_many_attempts" });
      state.refused += 1;
      return undefined;
    }
  };
  return { throttle, attempt, state };
}

describe.each(DATABASES)("decisions D6: failures are limited on %s", (database) => {
  const stores = pairs[database];
  if (!stores) throw new TypeError(database);
  const key = (): ThrottleKey => ({ kind: "account", name: crypto.randomUUID() });

  test("attack 63: a burst on one instance runs no more attempts than failures are left", async () => {
    const { attempt, state } = instance(stores[0], { now: START });
    const account = key();
    await Promise.all(Array.from({ length: 60 }, () => attempt([account])));
    expect([state.ran, state.refused]).toEqual([10, 50]);
  });

  test("attack 63: a burst on two instances is bounded by the limit of each", async () => {
    const time = { now: START };
    const [one, other] = [instance(stores[0], time), instance(stores[1], time)];
    const account = key();
    await Promise.all(
      Array.from({ length: 60 }, (_, i) => (i % 2 ? one : other).attempt([account])),
    );
    const ran = one.state.ran + other.state.ran;
    expect(ran).toBeGreaterThanOrEqual(10);
    expect(ran).toBeLessThanOrEqual(20);
    expect(await one.attempt([account])).toBeUndefined();
  });

  test("what one instance counted, the other knows within a second, and a restart too", async () => {
    let clock = 1_000_005_000;
    spyOn(performance, "now").mockImplementation(() => clock);
    const time = { now: START };
    const [one, other] = [instance(stores[0], time), instance(stores[1], time)];
    const account = key();
    expect(await other.attempt([account], true)).toBe(true);
    for (let failure = 0; failure < 10; failure++) await one.attempt([account]);
    clock += 1_000;
    expect(await other.attempt([account], true)).toBeUndefined();
    expect(await instance(stores[1], time).attempt([account], true)).toBeUndefined();
  });
});

describe("decisions D6: the throttle", () => {
  const [store] = pairs.sqlite ?? [];
  if (!store) throw new TypeError("sqlite");

  test("ends with its window, and tells how long that is", async () => {
    const time = { now: START };
    const { throttle, attempt } = instance(store, time);
    for (let failure = 0; failure < 10; failure++) await attempt([ACCOUNT]);
    time.now += 100;
    const refusal = throttle.attempt([ACCOUNT], async () => true);
    await expect(refusal).rejects.toMatchObject({ headers: { "Retry-After": "800" } });
    time.now += 800;
    expect(await attempt([ACCOUNT], true)).toBe(true);
    await attempt([ACCOUNT]);
    expect(await attempt([ACCOUNT], true)).toBe(true);
  });

  test("counts accounts and addresses apart, each by its own limit", async () => {
    const { attempt, state } = instance(store, { now: START + 10_000 });
    for (let index = 0; index < 15; index++) {
      await attempt([{ kind: "account", name: `user-${index}` }, ADDRESS]);
    }
    expect(state.ran).toBe(15);
    const fresh: ThrottleKey = { kind: "account", name: "fresh" };
    expect(await attempt([fresh, ADDRESS], true)).toBeUndefined();
    expect(await attempt([fresh], true)).toBe(true);
    expect(await attempt([{ kind: "account", name: ADDRESS.name }], true)).toBe(true);
  });

  test("successes write nothing, run together, and are never refused", async () => {
    const { attempt, state } = instance(store, { now: START });
    const account: ThrottleKey = { kind: "account", name: "successful" };
    await Promise.all(Array.from({ length: 100 }, () => attempt([account], true)));
    expect([state.ran, state.refused]).toEqual([100, 0]);
    expect(state.together).toBeGreaterThan(1);
    expect(state.together).toBeLessThanOrEqual(10);
  });

  test("an attempt that throws gives its turn back", async () => {
    const { throttle, attempt } = instance(store, { now: START });
    const account: ThrottleKey = { kind: "account", name: "throwing" };
    for (let time = 0; time < 30; time++) {
      const failing = throttle.attempt([account], () => Promise.reject(new Error("hash")));
      await expect(failing).rejects.toThrow("hash");
    }
    expect(await attempt([account], true)).toBe(true);
  });

  test("attack 85: an attempt whose turn did not come counts for its address, and no account", async () => {
    const { throttle, attempt } = instance(store, { now: START });
    const account: ThrottleKey = { kind: "account", name: "behind a crowd" };
    const address: ThrottleKey = { kind: "address", name: "192.0.2.85" };
    for (let index = 0; index < 15; index++) {
      const busy = () => Promise.reject(new OAuthError("server_busy"));
      const waiting = throttle.attempt([account, address], busy);
      await expect(waiting).rejects.toMatchObject({ code: "server_busy" });
    }
    expect(await attempt([address], true)).toBeUndefined();
    expect(await attempt([account], true)).toBe(true);
  });

  test("more callers than may wait are refused at once", async () => {
    const { throttle } = instance(store, { now: START });
    const account: ThrottleKey = { kind: "account", name: "crowd" };
    const { promise: gate, resolve: openGate } = Promise.withResolvers<boolean>();
    const crowd = Array.from({ length: 200 }, () => throttle.attempt([account], () => gate));
    const early = await Promise.race(crowd.map((waiting) => waiting.catch(() => "refused")));
    expect(early as unknown).toBe("refused");
    openGate(true);
    const outcomes = await Promise.allSettled(crowd);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(110);
  });

  test("names of accounts and addresses are not in the store", async () => {
    const { attempt } = instance(store, { now: START });
    await attempt([
      { kind: "account", name: "+49 1234" },
      { kind: "address", name: "192.0.2.77" },
    ]);
    expect(await store.findThrottle("account:+49 1234")).toBeUndefined();
    expect(await store.findThrottle("address:192.0.2.77")).toBeUndefined();
  });
});
