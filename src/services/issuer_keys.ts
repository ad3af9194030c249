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

/** What is known of one issuer. */
interface Known {
  readonly at: number;
  readonly keys: Promise<JWTVerifyGetKey>;
}

/** A cache of issuers' keys. It holds one entry for each issuer that the configuration names. */
export function createIssuerKeys(): IssuerKeys {
  const known = new Map<string, Known>();

  /** The keys, no older than that; who asks meanwhile gets the same. */
  function keysOf(issuer: string, ageMax: number, services: Services): Known {
    const found = known.get(issuer);
    if (found && services.now() - found.at <= ageMax) return found;
    const fetched = { at: services.now(), keys: fetchKeys(issuer, services) };
    // One that failed stays as long as one may not ask again, so that nobody hammers another server.
    fetched.keys.catch(() => known.set(issuer, { ...fetched, at: expiring(fetched.at) }));
    known.set(issuer, fetched);
    return fetched;
  }

  return {
    async verifyWith(issuer, verify, services) {
      const first = keysOf(issuer, KEYS_AGE_SECONDS, services);
      try {
        return await verify(await first.keys);
      } catch (error) {
        const second = isUnknownKey(error) ? keysOf(issuer, RETRY_SECONDS, services) : first;
        if (second === first) throw error;
        return await verify(await second.keys);
      }
    },
  };
}

/** When an entry must have been made to be too old after the time that a retry takes. */
const expiring = (at: number) => at - KEYS_AGE_SECONDS + RETRY_SECONDS;

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
  const { status, text } = await safeFetch(url, outgoing, services);
  const value: unknown = status === 200 ? JSON.parse(text) : undefined;
  if (typeof value !== "object" || value === null) throw new TypeError("There is no document");
  return { ...value };
}
