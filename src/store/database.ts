import { type SQL, sql } from "drizzle-orm";
import type { AnySQLiteColumn, BaseSQLiteDatabase } from "drizzle-orm/sqlite-core";
import { OAuthError } from "../protocol/oauth_error.ts";

/**
 * The part of a drizzle database that both dialects share. Transactions are left out on purpose:
 * bun:sqlite's are synchronous, Postgres's are not.
 */
export type Queries = Pick<
  BaseSQLiteDatabase<"async", unknown>,
  "select" | "selectDistinct" | "insert" | "update" | "delete"
>;

/** A statement that runs when it is awaited. */
export type Statement<T = unknown> = PromiseLike<T>;

/** A statement among others that undoes them all, and throws `lost`, when it returns no row. */
export interface Guarded {
  readonly statement: Statement<readonly unknown[]>;
  readonly lost: Outpaced;
}

/** Why nothing was written: somebody else had changed, deleted or taken what the write rests on. */
export class Outpaced extends Error {
  /** Id of the client or user that was to be written. */
  readonly id: string;
  /** The user's identifier that another user has; undefined when it is the row itself. */
  readonly identifier: string | undefined;

  constructor(id: string, identifier?: string) {
    super("somebody else wrote it meanwhile");
    this.name = "Outpaced";
    this.id = id;
    this.identifier = identifier;
  }
}

/** The {@linkcode Outpaced} that made a write fail, if it was that. */
export function outpacedOf(error: unknown): Outpaced | undefined {
  return error instanceof OAuthError && error.cause instanceof Outpaced ? error.cause : undefined;
}

/**
 * A database as the facets see it. A facet says whether a statement reads or writes, and the
 * dialect decides on which connection it runs and when its answer may be given.
 */
export interface Database {
  /** Runs a statement that changes nothing. Throws `store_read_failed` or `store_timed_out`. */
  read<T>(build: (db: Queries) => Statement<T>): Promise<T>;
  /** Runs one statement that changes rows, and settles once it is durable. Throws
   *  `store_write_failed` or `store_timed_out`. */
  write<T>(build: (db: Queries) => Statement<T>): Promise<T>;
  /** Runs all statements or none. For bulk work; races are decided by single statements, of which
   *  a guarded one that lost fails the whole. What lost against a deadlock is built and run again,
   *  three times at most. */
  atomically(build: (db: Queries) => readonly (Statement | Guarded)[]): Promise<void>;
  close(): Promise<void>;
}

/** Runs all statements or none; false when a guarded one lost. Throws as `atomically` does else. */
export async function wins(
  db: Database,
  build: Parameters<Database["atomically"]>[0],
): Promise<boolean> {
  try {
    await db.atomically(build);
    return true;
  } catch (error) {
    if (outpacedOf(error)) return false;
    throw error;
  }
}

/** The later of a column's time and another: SQLite's `max` of two is Postgres's `greatest`. */
export function later(column: AnySQLiteColumn, seconds: number): SQL {
  return sql`CASE WHEN ${column} < ${seconds} THEN ${seconds} ELSE ${column} END`;
}

/**
 * What `updated_at` becomes: now, and always later than it was, so that whoever has read a row
 * knows by it that nobody has changed the row since.
 */
export function updatedNow(column: AnySQLiteColumn, now: number): SQL {
  return sql`CASE WHEN ${column} < ${now} THEN ${now} ELSE ${column} + 1 END`;
}
