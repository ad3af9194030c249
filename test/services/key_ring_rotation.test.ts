import { describe, expect, test } from "bun:test";
import { createLocalJWKSet, jwtVerify, SignJWT } from "jose";
import { readSettings } from "../../src/config.ts";
import { DOCUMENT_MAX_AGE_SECONDS } from "../../src/protocol/server_metadata.ts";
import { DEFAULT_SETTINGS, NUMBER_SETTINGS } from "../../src/protocol/settings.ts";
import { createServerSecret, openStore } from "../../src/server.ts";
import {
  KEY_ALGORITHMS,
  type KeyRing,
  openKeyRing,
  SIGNING_ALGORITHMS,
} from "../../src/services/key_ring.ts";
import type { Store } from "../../src/store/store.ts";
import { DATABASES, type DatabaseName, freshDatabase } from "../support/databases.ts";
import { START } from "../support/server.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

const SETTINGS = {
  ...DEFAULT_SETTINGS,
  keyRotationSeconds: 6 * HOUR,
  keyPublishSeconds: NUMBER_SETTINGS.keyPublishSeconds.min,
};

/** A clock and rings of several instances that share one secret and one database. */
async function rings(database: DatabaseName, count: number) {
  const url = await freshDatabase(database);
  const secret = createServerSecret(crypto.getRandomValues(new Uint8Array(32)));
  const clock = { now: START };
  const store = await openStore(url);
  // A second connection of one process to SQLite would wait for the first one's turn to end.
  const another = (): Promise<Store> =>
    database === "sqlite" ? Promise.resolve(store) : openStore(url);
  const stores = [store, ...(await Promise.all(Array.from({ length: count - 1 }, another)))];
  const opened = await Promise.all(
    stores.map((each) =>
      openKeyRing({ store: each, secret, settings: SETTINGS, now: () => clock.now }),
    ),
  );
  const close = async () => {
    for (const each of new Set(stores)) await each.close();
  };
  return { clock, store, opened, close };
}

async function sign(ring: KeyRing, algorithm: "ES256" | "EdDSA", now: number): Promise<string> {
  const { kid, privateKey } = await ring.current(algorithm);
  return new SignJWT({})
    .setProtectedHeader({ alg: algorithm, kid })
    .setIssuedAt(now)
    .setExpirationTime(now + SETTINGS.accessTokenLifetimeSeconds)
    .sign(privateKey);
}

type PublicJwks = Awaited<ReturnType<KeyRing["publicJwks"]>>;

/** A token that has not expired. */
interface Living {
  readonly token: string;
  readonly expiresAt: number;
}

/** Verifies as a client does that keeps the key set as long as it may, and asks for no newer one. */
async function verify(token: string, jwks: PublicJwks | undefined, now: number) {
  const keys = createLocalJWKSet({ keys: [...(jwks?.keys ?? [])] });
  return jwtVerify(token, keys, { currentDate: new Date(now * 1000) });
}

describe.each(DATABASES)("key ring on %s", (database) => {
  test("instances that start on an empty database at once make one key of each algorithm", async () => {
    const { store, opened, close } = await rings(database, 4);
    const keys = await store.listKeys();
    expect(keys.map(({ algorithm }) => algorithm).sort()).toEqual([...KEY_ALGORITHMS].sort());
    for (const algorithm of SIGNING_ALGORITHMS) {
      const kids = await Promise.all(
        opened.map(async (ring) => (await ring.current(algorithm)).kid),
      );
      expect(new Set(kids).size).toBe(1);
    }
    await close();
  });

  test("attack 62: instances that rotate at once make one successor, published by all before it signs", async () => {
    const { clock, store, opened, close } = await rings(database, 4);
    clock.now += SETTINGS.keyRotationSeconds;
    await Promise.all(opened.map((ring) => ring.maintain()));
    await Promise.all(opened.map((ring) => ring.maintain()));
    const keys = await store.listKeys();
    expect(keys.map(({ generation }) => generation)).toEqual(
      [1, 2].flatMap((generation) => KEY_ALGORITHMS.map(() => generation)),
    );
    const next = keys.filter(({ generation }) => generation === 2).map(({ id }) => id);
    for (const ring of opened) {
      const { keys: published } = await ring.publicJwks();
      // The next key to encrypt to is nobody's business before it is in use.
      const shown = keys.filter(
        ({ generation, publicKey }) => generation === 1 || publicKey.use === "sig",
      );
      expect(published.map(({ kid }) => kid)).toEqual(shown.map(({ id }) => id));
      for (const algorithm of SIGNING_ALGORITHMS) {
        expect(next).not.toContain((await ring.current(algorithm)).kid);
      }
    }
    clock.now += SETTINGS.keyPublishSeconds;
    for (const ring of opened) {
      for (const algorithm of SIGNING_ALGORITHMS) {
        expect(next).toContain((await ring.current(algorithm)).kid);
      }
    }
    await close();
  });

  test("rotating by hand at once gives one winner, or keys that are published as long", async () => {
    const { clock, store, opened, close } = await rings(database, 3);
    const won = await Promise.all(opened.map((ring) => ring.rotate("ES256")));
    const made = (await store.listKeys()).filter(({ generation }) => generation > 1);
    expect(won.filter(Boolean)).toHaveLength(made.length);
    expect(made.length).toBeGreaterThan(0);
    for (const { activatesAt } of made) {
      expect(activatesAt).toBe(clock.now + SETTINGS.keyPublishSeconds);
    }
    await close();
  });
});

describe("attack 62: a full rotation under a clock that is moved by hand", () => {
  test("every token verifies by a key set as old as caches may have it, from issue to expiry", async () => {
    const { clock, opened, close } = await rings("sqlite", 2);
    const steps = (16 * HOUR) / DOCUMENT_MAX_AGE_SECONDS;
    const signers = new Set<string>();
    let living: Living[] = [];
    for (let step = 0; step < steps; step++) {
      const cached = await (opened[step % 2] ?? opened[0])?.publicJwks();
      clock.now += DOCUMENT_MAX_AGE_SECONDS;
      await Promise.all(opened.map((ring) => ring.maintain()));
      const minted = await Promise.all(opened.map((ring) => sign(ring, "ES256", clock.now)));
      const expiresAt = clock.now + SETTINGS.accessTokenLifetimeSeconds;
      living = [...living, ...minted.map((token) => ({ token, expiresAt }))];
      living = living.filter((each) => each.expiresAt > clock.now);
      for (const { token } of [...living.slice(0, 2), ...living.slice(-2)]) {
        const { protectedHeader } = await verify(token, cached, clock.now);
        signers.add(protectedHeader.kid ?? "");
      }
    }
    expect(signers.size).toBe(3);
    await close();
  });

  test("a retired key outlives the longest token, and then leaves the key set", async () => {
    const { clock, opened, close } = await rings("sqlite", 1);
    const [ring] = opened;
    if (!ring) throw new TypeError("A ring is needed");
    const { kid } = await ring.current("EdDSA");
    const published = async () => (await ring.publicJwks()).keys.some((key) => key.kid === kid);
    await ring.rotate("EdDSA");
    clock.now += SETTINGS.keyPublishSeconds;
    expect((await ring.current("EdDSA")).kid).not.toBe(kid);
    clock.now += NUMBER_SETTINGS.accessTokenLifetimeSeconds.max;
    expect(await published()).toBe(true);
    clock.now += DOCUMENT_MAX_AGE_SECONDS;
    expect(await published()).toBe(false);
    const state = (await ring.list()).find(({ key }) => key.id === kid)?.state;
    expect(state).toBe("gone");
    await close();
  });

  test("a successor is due after its time, not before, however often somebody looks", async () => {
    const { clock, store, opened, close } = await rings("sqlite", 1);
    const [ring] = opened;
    if (!ring) throw new TypeError("A ring is needed");
    clock.now += SETTINGS.keyRotationSeconds - 1;
    await ring.maintain();
    expect(await store.listKeys()).toHaveLength(KEY_ALGORITHMS.length);
    clock.now += 1;
    await ring.maintain();
    await ring.maintain();
    expect(await store.listKeys()).toHaveLength(2 * KEY_ALGORITHMS.length);
    clock.now += DAY;
    await ring.maintain();
    expect(await store.listKeys()).toHaveLength(3 * KEY_ALGORITHMS.length);
    await close();
  });
});

describe("the settings of rotation", () => {
  test("KEY_PUBLISH_SECONDS is longer than any cache may keep the key set", () => {
    const { variable, min } = NUMBER_SETTINGS.keyPublishSeconds;
    expect(min).toBeGreaterThan(DOCUMENT_MAX_AGE_SECONDS);
    expect(() => readSettings({ [variable]: String(min - 1) })).toThrow(variable);
    expect(readSettings({ [variable]: String(min) }).keyPublishSeconds).toBe(min);
  });
});
