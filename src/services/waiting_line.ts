import { callerNetwork } from "../protocol/network.ts";
import { type Caller, createFairQueue, type Waiter } from "./fair_queue.ts";

/** Bounds of a line in which work waits for its turn. */
export interface LineBounds {
  /** How many run at a time. */
  readonly atOnce: number;
  /** How many may wait, of each rank. */
  readonly waitingMax: number;
  /** How long each may wait. */
  readonly waitSeconds: number;
}

/** For whom work is done. */
export interface Place {
  /** Known callers come before strangers, of whom there may be any number. */
  readonly rank: "known" | "stranger";
  /** Who takes turns with the others of his rank; undefined for somebody of whom nothing is known. */
  readonly caller: string | undefined;
}

/** Lets work run when its turn comes. */
export interface WaitingLine {
  /**
   * Runs the task when its turn comes. When that would be too late it throws `too_many_attempts`,
   * where the caller's own tasks are in its way, and else `server_busy`.
   */
  run<T>(task: () => Promise<T>, place?: Place): Promise<T>;
}

/**
 * Turns of known callers after which a stranger has one, so that known callers cannot shut all
 * others out.
 */
const KNOWN_IN_A_ROW_MAX = 3;

const STRANGER: Place = { rank: "stranger", caller: undefined };

/** The place of whoever is at a network address: all of a network take turns as one. */
export function strangerAt(address: string | undefined): Place {
  const caller = address === undefined ? undefined : `address ${callerNetwork(address)}`;
  return { rank: "stranger", caller };
}

/** Creates an empty line. */
export function createWaitingLine({ atOnce, waitingMax, waitSeconds }: LineBounds): WaitingLine {
  const queues = { known: createFairQueue(waitingMax), stranger: createFairQueue(waitingMax) };
  let running = 0;
  let knownInARow = 0;

  async function turn({ rank, caller = Symbol() }: { rank: Place["rank"]; caller?: Caller }) {
    if (running < atOnce) {
      running += 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = queues[rank].add(caller, { begin: resolve, refuse: reject });
    const timer = setTimeout(giveUp, waitSeconds * 1000);
    await promise.finally(() => clearTimeout(timer));
  }

  function next(): Waiter | undefined {
    const known = knownInARow < KNOWN_IN_A_ROW_MAX ? queues.known.next() : undefined;
    knownInARow = known ? knownInARow + 1 : 0;
    return known ?? queues.stranger.next() ?? queues.known.next();
  }

  /** Hands the place to whose turn it is, or frees it. */
  function leave(): void {
    const waiter = next();
    if (waiter) waiter.begin();
    else running -= 1;
  }

  return {
    async run(task, { rank, caller } = STRANGER) {
      await turn({ rank, ...(caller !== undefined && { caller }) });
      try {
        return await task();
      } finally {
        leave();
      }
    },
  };
}
