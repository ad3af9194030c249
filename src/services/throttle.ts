import { normalizeIdentifier } from "../protocol/identifier.ts";
import { callerNetwork } from "../protocol/network.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import type { Settings } from "../protocol/settings.ts";
import { createCache } from "../store/cache.ts";
import type { RecordStore, Throttle as StoredThrottle } from "../store/records.ts";
import { hashSecret } from "./ids.ts";
import { passwordWaitSeconds } from "./passwords.ts";

/** What is counted: one account, one network address of public callers, one browser that a user knows. */
export interface ThrottleKey {
  readonly kind: "account" | "address" | "browser";
  readonly name: string;
}

/**
 * The key of an account: one for all its names; a name that leads to no account has its own.
 *
 * Whoever fails ten times under one name thus finds another name of the same account paused, and
 * learns that the two belong together, though not whether a third exists. That is accepted. To answer
 * the other names as if nothing were paused, while no password is judged, would tell the owner that
 * his right password is wrong; to count each name apart would multiply the guesses (decisions D6). It
 * takes ten audited failures a pair, pauses the account where its owner can see it, and each address
 * has a hundred failures in the window. His own browsers are counted apart.
 */
export function accountKey(userId: string | undefined, identifier: string): ThrottleKey {
  // Told apart, since somebody may type another's id.
  const name = userId === undefined ? `name ${normalizeIdentifier(identifier)}` : `user ${userId}`;
  return { kind: "account", name };
}

/** Limits failures per account and address (decisions D6). */
export interface Throttle {
  /**
   * Runs an attempt that says whether it succeeded. Throws `too_many_attempts` when a key has had
   * its failures, and counts a failure of this attempt. No more attempts on one key are under way
   * at a time than failures remain, so that guesses sent together are not more than guesses in turn;
   * an attempt waits for its turn as long as a password may. One that gave up waiting for a password's
   * turn was judged by nobody, and counts for its address alone, which helped to fill the line.
   */
  attempt(keys: readonly ThrottleKey[], run: () => Promise<boolean>): Promise<boolean>;
  /** Counts one failure that became known after the attempt. */
  fail(keys: readonly ThrottleKey[]): Promise<void>;
}

/** Attempts that may wait for their turn on one key before the answer is 429 at once. */
const WAITING_MAX = 100;

/** Creates the throttle over failure counts in the store, so that instances and restarts agree. */
export function createThrottle(
  store: RecordStore,
  settings: Settings,
  now: () => number,
): Throttle {
  const copies = createCache<{ readonly row: StoredThrottle | undefined }>();
  const turns = new Map<string, Turn>();
  const waitMs = passwordWaitSeconds(settings) * 1000;
  let failures = 0;
  const limitOf = ({ kind }: ThrottleKey) =>
    kind === "address" ? settings.addressFailuresMax : settings.loginFailuresMax;
  // The name may be a phone number; the store needs to tell keys apart, not to know them.
  const idOf = ({ kind, name }: ThrottleKey) =>
    `${kind}:${hashSecret(kind === "address" ? callerNetwork(name) : name)}`;

  async function remaining(key: ThrottleKey): Promise<number> {
    const id = idOf(key);
    const copy = await copies.get(id, async () => ({ row: await store.findThrottle(id) }));
    const row = copy?.row;
    if (!row || row.expiresAt <= now()) return limitOf(key);
    const left = limitOf(key) - row.failures;
    if (left <= 0) throw tooManyAttempts(row.expiresAt - now());
    return left;
  }

  async function take(key: ThrottleKey, deadline: number): Promise<() => void> {
    for (;;) {
      const before = failures;
      const left = await remaining(key);
      if (before !== failures) continue; // what was read may be older than the newest failure
      const turn = turns.get(idOf(key)) ?? { running: 0, waiting: new Set() };
      if (turn.running < left) {
        turn.running += 1;
        turns.set(idOf(key), turn);
        return () => leave(idOf(key), turn);
      }
      await changeOf(turn, deadline - performance.now());
    }
  }

  function leave(id: string, turn: Turn): void {
    turn.running -= 1;
    if (turn.running === 0) turns.delete(id);
    const woken = [...turn.waiting];
    turn.waiting.clear();
    for (const wake of woken) wake();
  }

  async function fail(keys: readonly ThrottleKey[]): Promise<void> {
    for (const key of keys) {
      const expiresAt = now() + settings.loginWindowSeconds;
      await store.addFailure(idOf(key), { now: now(), expiresAt });
      copies.forget(idOf(key));
      failures += 1;
    }
  }

  return {
    fail,
    async attempt(keys, run) {
      const taken: (() => void)[] = [];
      try {
        const deadline = performance.now() + waitMs;
        for (const key of keys) taken.push(await take(key, deadline));
        const succeeded = await run().catch(async (error: unknown) => {
          if (gaveUp(error)) await fail(keys.filter(({ kind }) => kind === "address"));
          throw error;
        });
        if (!succeeded) await fail(keys);
        return succeeded;
      } finally {
        for (const leaveTurn of taken) leaveTurn();
      }
    },
  };
}

/** Attempts on one key in this process: those under way, and those that wait. */
interface Turn {
  running: number;
  readonly waiting: Set<() => void>;
}

/** Waits until an attempt under way has ended, or the time is up. Throws when it is, or too many wait. */
async function changeOf({ waiting }: Turn, ms: number): Promise<void> {
  if (waiting.size >= WAITING_MAX || ms <= 0) throw tooManyAttempts(1);
  const { promise, resolve } = Promise.withResolvers<void>();
  waiting.add(resolve);
  const timer = setTimeout(resolve, ms);
  await promise;
  clearTimeout(timer);
  waiting.delete(resolve);
}

/** Whether an attempt ended because its turn did not come. */
function gaveUp(error: unknown): boolean {
  return error instanceof OAuthError && GIVEN_UP.has(error.code);
}

const GIVEN_UP: ReadonlySet<string> = new Set(["server_busy", "too_many_attempts"]);

function tooManyAttempts(seconds: number): OAuthError {
  return new OAuthError("too_many_attempts", { headers: { "Retry-After": String(seconds) } });
}
