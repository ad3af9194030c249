import { newId } from "./ids.ts";
import type { Services } from "./services.ts";

/**
 * A browser in which users have signed in before. Their failures and requests there are counted
 * under a key of its own, so that whoever guesses at an account elsewhere cannot keep its owner out.
 */
export interface KnownBrowser {
  /** Who signed in there, the latest first. */
  readonly users: readonly KnownUser[];
}

/** A user who has signed in in a browser. */
export interface KnownUser {
  readonly id: string;
  /** When he did, in Unix seconds. */
  readonly at: number;
  /**
   * What the browser is called where it is counted for him. It is drawn at each sign-in of his, and
   * at nobody else's: who copied the cookie before drains a counter that the user has left, and
   * draws no new one to guess at him by signing in as himself.
   */
  readonly browserId: string;
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
  const users = [{ id: userId, at: now(), browserId: newId() }, ...others].slice(0, USERS_MAX);
  return secret.seal(JSON.stringify({ users }), SEAL);
}

/**
 * What the browser is called where it is counted for the user; undefined unless he signed in there,
 * lately and since his sessions were last ended for good.
 */
export function knownBrowserId(
  browser: KnownBrowser | undefined,
  user: { readonly id: string; readonly notBefore: number },
  now: number,
): string | undefined {
  const entry = browser?.users.find(({ id }) => id === user.id);
  const known =
    entry !== undefined && entry.at > user.notBefore && entry.at + BROWSER_KNOWN_SECONDS > now;
  return known ? entry.browserId : undefined;
}
