import type { Database as SqliteConnection } from "bun:sqlite";
import { whenUnlocked } from "./sqlite_lock.ts";

/** Runs statements so that their promises settle after the commit that makes them durable. */
export interface GroupCommit {
  /** Runs one statement. Throws what it throws, or what kept its batch from being durable. */
  write<T>(run: () => PromiseLike<T>): Promise<T>;
  /** Runs all statements, or undoes them and throws what the failing one threw. */
  writeAll(run: () => void): Promise<void>;
  /** Commits what is open, before the connection is closed. */
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
 *
 * While another process holds the write lock, writes wait and the event loop goes on; after
 * `lockTimeoutMs` they throw `SQLITE_BUSY`. The connection's own busy timeout must be 0.
 */
export function groupCommit(connection: SqliteConnection, lockTimeoutMs: number): GroupCommit {
  let batch: Batch | undefined;
  let opening: Promise<void> | undefined;

  /** Opens a batch at once where the lock is free; callers that find it taken wait together. */
  function open(): Promise<void> {
    opening ??= begin().finally(() => (opening = undefined));
    return opening;
  }

  async function begin(): Promise<void> {
    await whenUnlocked(() => void connection.run("BEGIN IMMEDIATE"), lockTimeoutMs);
    const { promise: committed, resolve, reject } = Promise.withResolvers<void>();
    committed.catch(() => {});
    const settle = (error?: unknown) => (error === undefined ? resolve() : reject(error));
    const opened: Batch = { committed, settle };
    batch = opened;
    setImmediate(() => opened === batch && flush());
  }

  function flush(): void {
    const ending = batch;
    if (!ending) return;
    batch = undefined;
    try {
      connection.run("COMMIT");
      ending.settle();
    } catch (error) {
      rollBack(connection);
      ending.settle(error);
    }
  }

  async function write<T>(run: () => PromiseLike<T>): Promise<T> {
    while (!batch) {
      const opened = open();
      if (!batch) await opened;
    }
    return join(batch, run);
  }

  async function join<T>(current: Batch, run: () => PromiseLike<T>): Promise<T> {
    // `then` makes the driver run the statement now, inside the transaction.
    const outcome = run().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    // A statement that ended the transaction took all before it along. The next one needs a new
    // one at once, since on its own it would be durable while its batch is reported lost.
    const ended = !connection.inTransaction;
    if (ended) batch = undefined;
    const settled = await outcome;
    if (ended) current.settle("error" in settled ? settled.error : new Error("no transaction"));
    await current.committed;
    if ("error" in settled) throw settled.error;
    return settled.value;
  }

  return {
    write,
    flush,
    writeAll: (run) => write(async () => withinSavepoint(connection, run)),
  };
}

function withinSavepoint(connection: SqliteConnection, run: () => void): void {
  connection.run("SAVEPOINT bulk");
  try {
    run();
  } catch (error) {
    // Whatever ended the transaction has undone the savepoint too.
    if (connection.inTransaction) connection.run("ROLLBACK TO bulk");
    throw error;
  } finally {
    if (connection.inTransaction) connection.run("RELEASE bulk");
  }
}

/** Leaves the connection without a transaction, so that the next batch can begin. */
function rollBack(connection: SqliteConnection): void {
  try {
    if (connection.inTransaction) connection.run("ROLLBACK");
  } catch {
    // What made the transaction fail is what the caller reports.
  }
}
