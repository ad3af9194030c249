import type { SignatureAlgorithm } from "../protocol/client_assertion.ts";
import { type ClientJwk, fitsAlgorithm, parseJwks } from "../protocol/client_jwks.ts";
import type { Settings } from "../protocol/settings.ts";
import type { Client } from "../store/clients.ts";
import { safeFetch } from "./safe_fetch.ts";

/** Which keys are wanted: those that may verify by the algorithm, of that `kid` where the header has one. */
export interface WantedKeys {
  readonly algorithm: SignatureAlgorithm;
  readonly kid: string | undefined;
}

/** What was found among a client's keys. */
export interface FoundKeys {
  readonly keys: readonly ClientJwk[];
  /** How many keys the client has, for the operator. */
  readonly registered: number;
  /** Why `jwks_uri` could not be read, where it could not. */
  readonly fault: string | undefined;
}

/** The public keys of clients, as they are registered or published at a `jwks_uri`. */
export interface ClientKeys {
  /** Keys that may verify a signature. */
  find(client: Client, wanted: WantedKeys): Promise<FoundKeys>;
  /** All keys of which something is true; where it is true of none, a `jwks_uri` may be read again. */
  findAll(client: Client, fits: (key: ClientJwk) => boolean): Promise<FoundKeys>;
}

/** Addresses whose keys one process keeps; past it, the one that was read first goes. */
const ADDRESSES_MAX = 1_000;

/** How often keys of one address are read again for a key that is not there, in seconds. */
const UNKNOWN_KEY_SECONDS = 10;

/** What this process knows of one address. Times in Unix seconds. */
interface Held {
  keys: readonly ClientJwk[];
  /** When the keys were read. */
  readAt: number;
  /** When somebody last tried to, successfully or not. */
  triedAt: number;
  /** Why the last try failed. */
  fault: string | undefined;
  /** A try that is under way, for all who wait for it. */
  reading: Promise<void> | undefined;
}

/**
 * Opens the keys of clients. Registered keys are taken from the client's row, so that whoever removes
 * one is heard at once. Those of a `jwks_uri` are good for CLIENT_KEYS_SECONDS, and looked for again
 * when one is not there: once in ten seconds at most, whoever asks.
 */
export function createClientKeys(settings: Settings, now: () => number): ClientKeys {
  const addresses = new Map<string, Held>();

  function heldOf(uri: string): Held {
    const known = addresses.get(uri);
    if (known) return known;
    const [oldest] = addresses.keys();
    if (oldest !== undefined && addresses.size >= ADDRESSES_MAX) addresses.delete(oldest);
    const never = Number.NEGATIVE_INFINITY;
    const held: Held = {
      keys: [],
      readAt: never,
      triedAt: never,
      fault: undefined,
      reading: undefined,
    };
    addresses.set(uri, held);
    return held;
  }

  async function read(uri: string, held: Held): Promise<void> {
    const keys = await fetchKeys(uri, settings);
    held.reading = undefined;
    held.fault = typeof keys === "string" ? keys : undefined;
    if (typeof keys === "string") return;
    held.keys = keys;
    held.readAt = now();
  }

  async function look(uri: string, held: Held): Promise<void> {
    if (held.reading === undefined && now() - held.triedAt >= UNKNOWN_KEY_SECONDS) {
      held.triedAt = now();
      held.reading = read(uri, held);
    }
    await held.reading;
  }

  async function published(uri: string, fits: (key: ClientJwk) => boolean): Promise<FoundKeys> {
    const held = heldOf(uri);
    const isOver = () => now() - held.readAt >= settings.clientKeysSeconds;
    const found = () =>
      isOver()
        ? { keys: [], registered: 0, fault: held.fault ?? "it has just been tried" }
        : { ...choose(held.keys, fits), fault: held.fault };
    if (isOver() || found().keys.length === 0) await look(uri, held);
    return found();
  }

  async function findAll(
    { metadata: { jwks, jwks_uri: uri } }: Client,
    fits: (key: ClientJwk) => boolean,
  ): Promise<FoundKeys> {
    return uri === undefined ? choose(jwks?.keys ?? [], fits) : published(uri, fits);
  }

  return {
    find: (client, { algorithm, kid }) =>
      findAll(
        client,
        (key) => (kid === undefined || key["kid"] === kid) && fitsAlgorithm(key, algorithm),
      ),
    findAll,
  };
}

function choose(all: readonly ClientJwk[], fits: (key: ClientJwk) => boolean): FoundKeys {
  return { keys: all.filter(fits), registered: all.length, fault: undefined };
}

/** The keys at an address, or why there are none; it never fails, so that it can be kept. */
async function fetchKeys(uri: string, settings: Settings): Promise<readonly ClientJwk[] | string> {
  // The request that waits for the keys is itself not waited for longer than a plugin may think.
  const seconds = Math.min(settings.outgoingTimeoutSeconds, settings.pluginTimeoutSeconds / 2);
  const hasty = { ...settings, outgoingTimeoutSeconds: seconds };
  try {
    const headers = { Accept: "application/jwk-set+json, application/json" };
    const { status, text } = await safeFetch(uri, { method: "GET", headers }, { settings: hasty });
    return status === 200 ? parseJwks(text) : `it answers ${status}`;
  } catch (error) {
    // Messages of `safeFetch` name no more than the rule; others could hold what was fetched.
    return error instanceof TypeError ? error.message : "it cannot be read";
  }
}
