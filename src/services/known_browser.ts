import { newId } from "./ids.ts";
import type { Services } from "./services.ts";

/**
 * A browser in which users have signed in before. Their failures there are counted under a key of
 * its own, so that whoever guesses at an account elsewhere cannot keep its owner out.
 */
export interface KnownBrowser {
  readonly id: string;
  /** Who signed in there and when, the latest first. */
  readonly users: readonly { readonly id: string; readonly at: number }[];
}

/** Most users that one browser is known to. */
const USERS_MAX = 8;

/** How long a browser is known after a sign-in, in seconds. */
export const BROWSER_KNOWN_SECONDS = 180 * 86_400;

/** What the seal is bound to. */
const SEAL = "known browser";

/** The browser that a cookie of ours tells of; undefined for any other value. */
export function readKnownBrowser(
  cookie: string | undefined,
  { secret }: Services,
): KnownBrowser | undefined {
  if (cookie === undefined) return undefined;
  try {
    return JSON.parse(secret.unseal(cookie, SEAL)) as KnownBrowser;
  } catch {
    // A value that we did not seal, or under a secret that is gone: the browser is a new one.
    return undefined;
  }
}

/** The cookie after a user signed in: sealed, so that it can be neither forged nor read. */
export function rememberBrowser(
  before: KnownBrowser | undefined,
  userId: string,
  { secret, now }: Services,
): string {
  const others = (before?.users ?? []).filter(({ id }) => id !== userId);
  const users = [{ id: userId, at: now() }, ...others].slice(0, USERS_MAX);
  return secret.seal(JSON.stringify({ id: before?.id ?? newId(), users }), SEAL);
}

/** Whether the user signed in there, lately and since his sessions were last ended for good. */
export function knowsUser(
  browser: KnownBrowser | undefined,
  user: { readonly id: string; readonly notBefore: number },
  now: number,
): browser is KnownBrowser {
  const entry = browser?.users.find(({ id }) => id === user.id);
  return entry !== undefined && entry.at > user.notBefore && entry.at + BROWSER_KNOWN_SECONDS > now;
}
