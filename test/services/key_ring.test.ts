import { afterEach, describe, expect, spyOn, test } from "bun:test";
import { DEFAULT_SETTINGS } from "../../src/protocol/settings.ts";
import { createServerSecret, openStore, type Store } from "../../src/server.ts";
import { KEY_ALGORITHMS, openKeyRing, SIGNING_ALGORITHMS } from "../../src/services/key_ring.ts";
import { DATABASES, freshDatabase } from "../support/databases.ts";
import { START } from "../support/server.ts";

const [first, second] = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
const secret = createServerSecret(first ?? new Uint8Array());
const settings = { ...DEFAULT_SETTINGS, keyRotationSeconds: 100_000, keyPublishSeconds: 3_600 };

const stores: Record<string, Store> = {};
for (const database of DATABASES) stores[database] = await openStore(await freshDatabase(database));

/** Empty stores are expensive on Postgres; each test takes a fresh SQLite one unless it says so. */
const emptyStore = () => openStore("sqlite::memory:");

describe.each(DATABASES)("issue 2 line 9: signing keys on %s", (database) => {
  test("are made once, even when several instances start together", async () => {
    const store = stores[database];
    if (!store) throw new TypeError(database);
    const parts = { store, secret, settings, now: () => START };
    const rings = await Promise.all(Array.from({ length: 5 }, () => openKeyRing(parts)));
    const sets = await Promise.all(rings.map((ring) => ring.publicJwks()));
    for (const set of sets) expect(set).toEqual(sets[0] as (typeof sets)[number]);
    expect(sets[0]?.keys.map(({ alg }) => alg).sort()).toEqual([...KEY_ALGORITHMS].sort());
    for (const algorithm of SIGNING_ALGORITHMS) {
      const kids = await Promise.all(
        rings.map(async (ring) => (await ring.current(algorithm)).kid),
      );
      expect(new Set(kids).size).toBe(1);
    }
    const rotations = await Promise.all(rings.map((ring) => ring.rotate("ES256")));
    expect(rotations.filter((won) => won).length).toBeGreaterThanOrEqual(1);
    const generations = (await store.listKeys()).map(({ algorithm, generation }) =>
      [algorithm, generation].join(),
    );
    expect(new Set(generations).size).toBe(generations.length);
  });
});

/** Public members and algorithms of each key type (RFC 7518 §6, RFC 8037 §2). */
const PUBLIC_MEMBERS: Readonly<Record<string, readonly [string[], string[]]>> = {
  EC: [
    ["crv", "x", "y"],
    ["ES256", "ECDH-ES"],
  ],
  OKP: [["crv", "x"], ["EdDSA"]],
  RSA: [
    ["e", "n"],
    ["RS256", "PS256", "RSA-OAEP-256"],
  ],
};

describe("issue 2 line 9: private keys", () => {
  test("lie sealed in the store, and what is published has no private part", async () => {
    const store = await emptyStore();
    const ring = await openKeyRing({ store, secret, settings, now: () => START });
    for (const key of await store.listKeys()) {
      expect(key.sealedPrivateKey).toMatch(/^[0-9a-f]{8}\.[A-Za-z0-9_-]+$/);
      expect(JSON.stringify(key)).not.toMatch(/"(d|p|q|dp|dq|qi|k)":/);
    }
    for (const key of (await ring.publicJwks()).keys) {
      const { kty, kid, alg, use, ...rest } = key;
      const signs = SIGNING_ALGORITHMS.some((name) => name === alg);
      expect([typeof kid, use]).toEqual(["string", signs ? "sig" : "enc"]);
      const [members, algorithms] = PUBLIC_MEMBERS[kty ?? ""] ?? [];
      expect(Object.keys(rest).sort()).toEqual(members ?? []);
      expect(algorithms).toContain(alg ?? "");
    }
  });

  test("cannot be read under another server secret: the start fails and says which variable", async () => {
    const store = await emptyStore();
    await openKeyRing({ store, secret, settings, now: () => START });
    const other = createServerSecret(second ?? new Uint8Array());
    await expect(openKeyRing({ store, secret: other, settings, now: () => START })).rejects.toThrow(
      "TESSERA_SECRET",
    );
    const rotated = createServerSecret(second ?? new Uint8Array(), first);
    const ring = await openKeyRing({ store, secret: rotated, settings, now: () => START });
    expect((await ring.current("ES256")).privateKey.type).toBe("private");
  });

  test("once all keys are new, the previous server secret is needed no more", async () => {
    const store = await emptyStore();
    let now = START;
    await openKeyRing({ store, secret, settings, now: () => now });
    const rotated = createServerSecret(second ?? new Uint8Array(), first);
    const ring = await openKeyRing({ store, secret: rotated, settings, now: () => now });
    for (const algorithm of KEY_ALGORITHMS) await ring.rotate(algorithm);
    const alone = createServerSecret(second ?? new Uint8Array());
    const open = () => openKeyRing({ store, secret: alone, settings, now: () => now });
    await expect(open()).rejects.toThrow("TESSERA_SECRET");
    now += settings.keyPublishSeconds;
    expect((await (await open()).current("ES256")).algorithm).toBe("ES256");
  });
});

describe("attack 62: a rotation", () => {
  let clock = 1_000_000_000;
  const stopClock = () => spyOn(performance, "now").mockImplementation(() => clock);
  afterEach(() => spyOn(performance, "now").mockRestore());

  test("publishes a key before it signs, and as long as its tokens may live", async () => {
    const store = await emptyStore();
    let now = START;
    const ring = await openKeyRing({ store, secret, settings, now: () => now });
    const statesAt = async (at: number) => {
      now = at;
      const listed = await ring.list();
      return listed.filter(({ key }) => key.algorithm === "ES256").map(({ state }) => state);
    };
    const published = async () =>
      (await ring.publicJwks()).keys.filter(({ alg }) => alg === "ES256").length;
    const { kid: old } = await ring.current("ES256");
    now = START + settings.keyRotationSeconds - 1;
    await ring.maintain();
    expect(await statesAt(now)).toEqual(["current"]);
    const rotatedAt = START + settings.keyRotationSeconds;
    now = rotatedAt;
    await ring.maintain();
    await ring.maintain();
    expect(await statesAt(rotatedAt)).toEqual(["current", "next"]);
    expect([(await ring.current("ES256")).kid, await published()]).toEqual([old, 2]);
    const signsAt = rotatedAt + settings.keyPublishSeconds;
    expect(await statesAt(signsAt - 1)).toEqual(["current", "next"]);
    expect(await statesAt(signsAt)).toEqual(["retired", "current"]);
    expect((await ring.current("ES256")).kid).not.toBe(old);
    expect(await statesAt(signsAt + 86_699)).toEqual(["retired", "current"]);
    expect(await published()).toBe(2);
    expect(await statesAt(signsAt + 86_700)).toEqual(["gone", "current"]);
    expect(await published()).toBe(1);
    expect((await ring.findPublic(old))?.algorithm).toBe("ES256");
  });

  test("a key that another instance just made is found within a second", async () => {
    const store = await emptyStore();
    const parts = { store, secret, settings, now: () => START };
    const [one, other] = [await openKeyRing(parts), await openKeyRing(parts)];
    stopClock();
    clock = 1_000_010_000;
    await other.publicJwks();
    await one.rotate("ES256");
    const made = (await one.list()).find(({ state }) => state === "next")?.key.id ?? "";
    clock = 1_000_011_001;
    expect(await other.findPublic(made)).toBeDefined();
    expect(await other.findPublic("unknown")).toBeUndefined();
  });

  test("the first key signs even where the clock is behind its maker's", async () => {
    const store = await emptyStore();
    const ahead = await openKeyRing({ store, secret, settings, now: () => START + 30 });
    const behind = await openKeyRing({ store, secret, settings, now: () => START });
    expect((await behind.current("ES256")).kid).toBe((await ahead.current("ES256")).kid);
    expect(new Set((await behind.list()).map(({ state }) => state))).toEqual(new Set(["current"]));
  });
});
