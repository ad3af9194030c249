import { OAuthError } from "../protocol/oauth_error.ts";

/** Who waits: callers of one name take turns; a symbol is nobody else. */
export type Caller = string | symbol;

/** Somebody who waits, and how he hears of it. */
export interface Waiter {
  readonly begin: () => void;
  readonly refuse: (error: OAuthError) => void;
}

/**
 * Waiters by caller. The callers take turns, and each keeps his own order: however many come from
 * one, the first of another waits for one of them and not for all.
 */
export interface FairQueue {
  /**
   * Adds a waiter. When the queue is full, the last one of the caller who has most makes room with
   * `too_many_attempts`, unless that is the newcomer himself. Throws that, or `server_busy` for
   * somebody who has nobody waiting. What it returns takes the waiter out when he has waited too
   * long, and refuses him likewise by what he came behind; it does nothing once it was his turn.
   */
  add(caller: Caller, waiter: Waiter): () => void;
  /** Takes out whose turn it is; undefined when nobody waits. */
  next(): Waiter | undefined;
}

/** Creates an empty queue in which so many may wait. */
export function createFairQueue(waitingMax: number): FairQueue {
  /** By whose turn it is. No set is empty. */
  const callers = new Map<Caller, Set<Waiter>>();
  let size = 0;

  function remove(caller: Caller, waiter: Waiter): Set<Waiter> | undefined {
    const waiters = callers.get(caller);
    if (!waiters?.delete(waiter)) return undefined;
    size -= 1;
    if (waiters.size === 0) callers.delete(caller);
    return waiters;
  }

  function makeRoom(newcomer: Caller): void {
    const own = callers.get(newcomer)?.size ?? 0;
    const [longest] = [...callers].sort(([, a], [, b]) => b.size - a.size);
    const last = longest && [...longest[1]].at(-1);
    if (!longest || !last || longest[1].size <= own + 1) throw refusal(own > 0);
    remove(longest[0], last);
    last.refuse(refusal(true));
  }

  return {
    add(caller, waiter) {
      if (size >= waitingMax) makeRoom(caller);
      const own = callers.get(caller) ?? new Set();
      const behindOwn = own.size > 0;
      callers.set(caller, own.add(waiter));
      size += 1;
      return () => {
        if (remove(caller, waiter)) waiter.refuse(refusal(behindOwn));
      };
    },
    next() {
      const [first] = callers;
      const [waiter] = first?.[1] ?? [];
      if (!first || !waiter) return undefined;
      const left = remove(first[0], waiter);
      // To the end of the round.
      callers.delete(first[0]);
      if (left && left.size > 0) callers.set(first[0], left);
      return waiter;
    },
  };
}

/** The caller's own crowd is his doing, everybody's together is the server's. */
function refusal(own: boolean): OAuthError {
  const code = own ? "too_many_attempts" : "server_busy";
  return new OAuthError(code, { headers: { "Retry-After": "1" } });
}
