import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { safeFetch } from "./safe_fetch.ts";
import type { Services } from "./services.ts";

/** How long an issuer's keys are believed, in seconds. */
const KEYS_AGE_SECONDS = 300;

/** How soon an issuer is asked again for a key that its set lacks, or after it failed, in seconds. */
const RETRY_SECONDS = 30;

/** Most keys of one issuer that are looked at. */
const KEYS_MAX = 100;

/** Longest document of an issuer that is read, in bytes. */
const DOCUMENT_BYTES_MAX = 262_144;

/** The keys of other issuers, fetched when they are needed and kept for a while. */
export interface IssuerKeys {
  /**
   * Verifies by the issuer's keys, and by fresh ones where those it has do not know the signature's.
   * Throws what `verify` throws, and `TypeError` when the issuer has no keys to give.
   */
  verifyWith<T>(
    issuer: string,
    verify: (key: JWTVerifyGetKey) => Promise<T>,
    services: Services,
  ): Promise<T>;
}

/** What this process knows of one issuer. Times in Unix seconds. */
interface Held {
  keys: JWTVerifyGetKey | undefined;
  /** When the keys were read. */
  readAt: number;
  /** When somebody last tried to, successfully or not. */
  triedAt: number;
  /** A try that is under way, for all who wait for it; it never fails. */
  reading: Promise<void> | undefined;
}

/** A cache of issuers' keys. It holds one entry for each issuer that the configuration names. */
export function createIssuerKeys(): IssuerKeys {
  const issuers = new Map<string, Held>();

  function heldOf(issuer: string): Held {
    const never = Number.NEGATIVE_INFINITY;
    const nothing = { keys: undefined, readAt: never, triedAt: never, reading: undefined };
    const held = issuers.get(issuer) ?? nothing;
    issuers.set(issuer, held);
    return held;
  }

  return {
    async verifyWith(issuer, verify, services) {
      const held = heldOf(issuer);
      const keys = goodKeys(held, services) ?? (await look(issuer, held, services));
      if (!keys) throw new TypeError("The issuer has no keys to give");
      try {
        return await verify(keys);
      } catch (error) {
        const fresh = isUnknownKey(error) ? await look(issuer, held, services) : keys;
        if (!fresh || fresh === keys) throw error;
        return await verify(fresh);
      }
    },
  };
}

function goodKeys({ keys, readAt }: Held, { now }: Services): JWTVerifyGetKey | undefined {
  return now() - readAt <= KEYS_AGE_SECONDS ? keys : undefined;
}

/** Reads the keys, unless somebody has just tried. Where that fails, those before are as good as ever. */
async function look(
  issuer: string,
  held: Held,
  services: Services,
): Promise<JWTVerifyGetKey | undefined> {
  const at = services.now();
  if (held.reading === undefined && at - held.triedAt > RETRY_SECONDS) {
    held.triedAt = at;
    held.reading = fetchKeys(issuer, services)
      .then(
        (keys) => Object.assign(held, { keys, readAt: at }),
        () => {},
      )
      .then(() => (held.reading = undefined));
  }
  await held.reading;
  return goodKeys(held, services);
}

const isUnknownKey = (error: unknown) =>
  error instanceof Error && "code" in error && error.code === "ERR_JWKS_NO_MATCHING_KEY";

/** The keys that an issuer's discovery document leads to (OpenID Connect Discovery §4). */
async function fetchKeys(issuer: string, services: Services): Promise<JWTVerifyGetKey> {
  const base = issuer.replace(/\/$/, "");
  const metadata = await fetchObject(`${base}/.well-known/openid-configuration`, services);
  if (metadata["issuer"] !== issuer || typeof metadata["jwks_uri"] !== "string") {
    throw new TypeError("The issuer's document is not its own");
  }
  const { keys } = await fetchObject(metadata["jwks_uri"], services);
  if (!Array.isArray(keys)) throw new TypeError("The issuer has no keys");
  return createLocalJWKSet({ keys: keys.slice(0, KEYS_MAX) } as JSONWebKeySet);
}

async function fetchObject(url: string, services: Services): Promise<Record<string, unknown>> {
  const outgoing = { method: "GET", maxBytes: DOCUMENT_BYTES_MAX } as const;
  const { settings } = services;
  // Both documents come within the time that the grant may think.
  const seconds = Math.min(settings.outgoingTimeoutSeconds, settings.pluginTimeoutSeconds / 3);
  const hasty = { ...settings, outgoingTimeoutSeconds: seconds };
  const { status, text } = await safeFetch(url, outgoing, { settings: hasty });
  const value: unknown = status === 200 ? JSON.parse(text) : undefined;
  if (typeof value !== "object" || value === null) throw new TypeError("There is no document");
  return { ...value };
}
