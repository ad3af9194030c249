import type { Database as SqliteConnection } from "bun:sqlite";

/** Runs a statement so that its promise settles after the commit that makes it durable. */
export interface GroupCommit {
  write<T>(run: () => PromiseLike<T>): Promise<T>;
  /** Commits what is open now, so that the caller may use the connection alone until it yields. */
  flush(): void;
}

interface Batch {
  readonly committed: Promise<void>;
  readonly settle: (error?: unknown) => void;
}

/**
 * Group commit for SQLite (decisions D9). The first write of an event-loop turn opens a
 * transaction, every write of the turn runs in it at once, and the turn's end commits it: one
 * `fsync` for all. Every promise, lost gates included, settles after that commit. A statement that
 * violates a constraint fails alone; whatever ends the transaction fails the whole batch.
 */
export function groupCommit(connection: SqliteConnection): GroupCommit {
  let batch: Batch | undefined;

  function begin(): Batch {
    connection.run("BEGIN IMMEDIATE");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {});
    setImmediate(() => opened === batch && flush());
    const opened: Batch = {
      committed: promise,
      settle: (error) => (error === undefined ? resolve() : reject(error)),
    };
    return opened;
  }

  function flush(): void {
    const ending = batch;
    if (!ending) return;
    batch = undefined;
    try {
      connection.run("COMMIT");
      ending.settle();
    } catch (error) {
      if (connection.inTransaction) connection.run("ROLLBACK");
      ending.settle(error);
    }
  }

  return {
    flush,
    async write(run) {
      batch ??= begin();
      const current = batch;
      // `then` makes the driver run the statement now, inside the transaction.
      const outcome = run().then(
        (value) => ({ value }),
        (error: unknown) => {
          if (!connection.inTransaction && batch === current) {
            batch = undefined;
            current.settle(error);
          }
          return { error };
        },
      );
      const settled = await outcome;
      await current.committed;
      if ("error" in settled) throw settled.error;
      return settled.value;
    },
  };
}
