import { OAuthError } from "../protocol/oauth_error.ts";

/** Bounds of a line in which work waits for its turn. */
export interface LineBounds {
  /** How many run at a time. */
  readonly atOnce: number;
  /** How many may wait; who comes to a full line is refused at once. */
  readonly waitingMax: number;
  /** How long each may wait. */
  readonly waitSeconds: number;
}

/** Lets work run in the order in which it came. */
export interface WaitingLine {
  /** Runs the task when its turn comes. Throws `server_busy` when that would be too late. */
  run<T>(task: () => Promise<T>): Promise<T>;
}

/** Creates an empty line. */
export function createWaitingLine({ atOnce, waitingMax, waitSeconds }: LineBounds): WaitingLine {
  const waiting = new Set<() => void>();
  let running = 0;

  async function turn(): Promise<void> {
    if (running < atOnce) {
      running += 1;
      return;
    }
    if (waiting.size >= waitingMax) throw busy();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    waiting.add(resolve);
    const timer = setTimeout(() => waiting.delete(resolve) && reject(busy()), waitSeconds * 1000);
    await promise.finally(() => clearTimeout(timer));
  }

  /** Hands the place to the next in line, or frees it. */
  function leave(): void {
    const [next] = waiting;
    if (next === undefined) {
      running -= 1;
      return;
    }
    waiting.delete(next);
    next();
  }

  return {
    async run(task) {
      await turn();
      try {
        return await task();
      } finally {
        leave();
      }
    },
  };
}

function busy(): OAuthError {
  return new OAuthError("server_busy", { headers: { "Retry-After": "1" } });
}
