import type { JWK } from "jose";
import { DOCUMENT_MAX_AGE_SECONDS } from "../protocol/server_metadata.ts";
import { NUMBER_SETTINGS, type Settings } from "../protocol/settings.ts";
import type { KeyStore, StoredKey } from "../store/keys.ts";
import {
  type EncryptionAlgorithm,
  importCryptoKey,
  importPrivate,
  isSigning,
  KEY_ALGORITHMS,
  type KeyAlgorithm,
  makeKey,
  remember,
  type SigningAlgorithm,
} from "./key_material.ts";
import type { ServerSecret } from "./server_secret.ts";

/** The algorithms, for those who ask the ring. */
export { KEY_ALGORITHMS, SIGNING_ALGORITHMS, type SigningAlgorithm } from "./key_material.ts";

/** Where a key stands: made and not yet used, in use, good for what came before, or done with. */
export type KeyState = "next" | "current" | "retired" | "gone";

/** A private key, ready to sign. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly privateKey: CryptoKey;
}

/** A private key, ready to decrypt what a client encrypted to us. */
export interface DecryptionKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
}

/** The server's keys: those that sign, and those to which clients encrypt. */
export interface KeyRing {
  /** The key that signs now. */
  current(algorithm: SigningAlgorithm): Promise<SigningKey>;
  /** The keys that decrypt by the algorithm, of that id where one is named: the one in use, then those before it for a while. */
  decrypting(algorithm: EncryptionAlgorithm, kid?: string): Promise<readonly DecryptionKey[]>;
  /** The public signing key of that id, even of one that is no longer published. */
  findPublic(
    kid: string,
  ): Promise<{ readonly algorithm: string; readonly key: CryptoKey } | undefined>;
  /** The published keys (RFC 7517 §5). */
  publicJwks(): Promise<{ readonly keys: readonly JWK[] }>;
  list(): Promise<readonly { readonly key: StoredKey; readonly state: KeyState }[]>;
  /** Makes the next key of an algorithm; false when another instance just did. */
  rotate(algorithm: KeyAlgorithm): Promise<boolean>;
  /** Makes first keys, and successors of keys that are due. Safe to call on every instance. */
  maintain(): Promise<void>;
}

/** How old this process's picture of the keys may be, in milliseconds. */
const PICTURE_AGE_MS_MAX = 5_000;

/** The same while a key is looked for that is not in it: another instance may just have made it. */
const UNKNOWN_KEY_AGE_MS_MAX = 1_000;

/**
 * How long a retired key is needed, in seconds: the longest life of any token, and the moment in
 * which another instance may sign by the picture it has of the time before.
 */
const RETIRED_SECONDS =
  Math.max(
    NUMBER_SETTINGS.accessTokenLifetimeSeconds.max,
    NUMBER_SETTINGS.idTokenLifetimeSeconds.max,
    NUMBER_SETTINGS.rptLifetimeSeconds.max,
  ) + DOCUMENT_MAX_AGE_SECONDS;

/** Most keys of one algorithm that are tried to decrypt with. */
const DECRYPTING_MAX = 4;

/** States of keys that decrypt, in the order in which they are likely to be the one. */
const DECRYPTING_STATES: readonly KeyState[] = ["current", "retired", "next"];

/** What the ring is made of. */
export interface KeyRingParts {
  readonly store: KeyStore;
  readonly secret: ServerSecret;
  readonly settings: Settings;
  readonly now: () => number;
}

/**
 * Opens the ring and makes the first key of each algorithm, once even when several instances start.
 * Throws `TypeError` when the keys were sealed under a server secret that is not here.
 */
export async function openKeyRing({
  store,
  secret,
  settings,
  now,
}: KeyRingParts): Promise<KeyRing> {
  const { keys, load } = createPicture(store);
  const { make, rotate, maintain } = createMaker({ store, secret, settings, now }, load);
  const privateKeys = new Map<string, Promise<CryptoKey>>();
  const publicKeys = new Map<string, Promise<CryptoKey>>();

  /** A key that somebody sealed under another secret must not stop those that can be read. */
  const unseal = (key: StoredKey) =>
    remember(privateKeys, key.id, () => importPrivate(key, secret)).catch(() => undefined);

  const ring: KeyRing = {
    async current(algorithm) {
      const able = (await keys()).filter((k) => k.algorithm === algorithm && signs(k, now()));
      for (const key of able.toReversed()) {
        const privateKey = await unseal(key);
        if (privateKey) return { kid: key.id, algorithm, privateKey };
      }
      throw new TypeError(`There is no ${algorithm} key that can be read`);
    },
    async decrypting(algorithm, kid) {
      const listed = (await ring.list()).filter(
        ({ key }) => key.algorithm === algorithm && (kid === undefined || key.id === kid),
      );
      const newest = listed.toReversed();
      // Nobody encrypts to the next one yet, unless another instance's clock is ahead.
      const likely = DECRYPTING_STATES.flatMap((each) =>
        newest.filter(({ state }) => state === each),
      );
      const opened = await Promise.all(
        likely
          .slice(0, DECRYPTING_MAX)
          .map(async ({ key }) => ({ kid: key.id, privateKey: await unseal(key) })),
      );
      return opened.flatMap(({ kid, privateKey }) => (privateKey ? [{ kid, privateKey }] : []));
    },
    async findPublic(kid) {
      const wanted = ({ id, algorithm }: StoredKey) => id === kid && isSigning(algorithm);
      const key = (await keys()).find(wanted) ?? (await keys(UNKNOWN_KEY_AGE_MS_MAX)).find(wanted);
      if (!key) return undefined;
      const imported = remember(publicKeys, kid, () =>
        importCryptoKey(key.publicKey, key.algorithm),
      );
      return { algorithm: key.algorithm, key: await imported };
    },
    async publicJwks() {
      const shown = (await ring.list()).filter(({ key, state }) =>
        // Whoever encrypts does so by the one key in use; whoever verifies needs the others too.
        isSigning(key.algorithm) ? state !== "gone" : state === "current",
      );
      return { keys: shown.map(({ key }) => key.publicKey) };
    },
    async list() {
      const all = await keys();
      return all.map((key) => ({ key, state: stateOf(key, all, now()) }));
    },
    rotate,
    maintain,
  };
  // Nothing is written under a secret that cannot read what is there, and opening never rotates.
  const listed = await ring.list();
  await checkReadable(listed, secret);
  const missing = KEY_ALGORITHMS.filter(
    (name) => !listed.some(({ key }) => key.algorithm === name),
  );
  // Side by side, since an RSA key takes its time.
  await Promise.all(missing.map((algorithm) => make(algorithm, 1)));
  return ring;
}

/** What makes keys: the next of an algorithm, and successors of those that are due. */
function createMaker(
  { store, secret, settings, now }: KeyRingParts,
  load: () => Promise<readonly StoredKey[]>,
) {
  async function make(algorithm: KeyAlgorithm, generation: number): Promise<boolean> {
    const activatesAt = generation === 1 ? now() : now() + settings.keyPublishSeconds;
    const made = await makeKey(algorithm, secret);
    const key = { ...made, generation, createdAt: now(), activatesAt };
    const won = await store.insertKey(key);
    await load();
    return won;
  }

  return {
    make,
    async rotate(algorithm: KeyAlgorithm) {
      const newest = (await load()).findLast((k) => k.algorithm === algorithm);
      return make(algorithm, (newest?.generation ?? 0) + 1);
    },
    async maintain() {
      const all = await load();
      // Side by side, since an RSA key takes its time.
      await Promise.all(
        KEY_ALGORITHMS.map(async (algorithm) => {
          const newest = all.findLast((k) => k.algorithm === algorithm);
          const due = newest && newest.createdAt + settings.keyRotationSeconds <= now();
          if (!newest || due) await make(algorithm, (newest?.generation ?? 0) + 1);
        }),
      );
    },
  };
}

/** This process's picture of the keys, which may be a little old. */
function createPicture(store: KeyStore) {
  let picture: Promise<readonly StoredKey[]> | undefined;
  let pictureAt = 0;

  function load(): Promise<readonly StoredKey[]> {
    pictureAt = performance.now();
    const loaded = store.listKeys();
    picture = loaded;
    loaded.catch(() => (picture = undefined));
    return loaded;
  }

  const keys = (ageMsMax = PICTURE_AGE_MS_MAX): Promise<readonly StoredKey[]> =>
    picture && performance.now() - pictureAt <= ageMsMax ? picture : load();

  return { keys, load };
}

/** Whoever starts with the wrong secret is told at once, not by every request that needs a signature. */
async function checkReadable(
  listed: Awaited<ReturnType<KeyRing["list"]>>,
  secret: ServerSecret,
): Promise<void> {
  for (const { key, state } of listed) {
    if (state === "retired" || state === "gone") continue;
    await importPrivate(key, secret).catch((cause: unknown) => {
      throw new TypeError(
        "The keys in the database cannot be read: TESSERA_SECRET, or TESSERA_SECRET_PREVIOUS, must be the secret they were sealed under",
        { cause },
      );
    });
  }
}

/** Whether a key may sign. The first one may even where the clock is behind that of its maker. */
function signs(key: StoredKey, now: number): boolean {
  return key.activatesAt <= now || key.generation === 1;
}

/** Where a key stands among all keys at a moment; nothing of this is stored, so nothing can drift. */
export function stateOf(key: StoredKey, all: readonly StoredKey[], now: number): KeyState {
  if (!signs(key, now)) return "next";
  const successor = all.find(
    (k) => k.algorithm === key.algorithm && k.generation > key.generation && signs(k, now),
  );
  if (!successor) return "current";
  return successor.activatesAt + RETIRED_SECONDS > now ? "retired" : "gone";
}
