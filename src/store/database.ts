import { type SQL, sql } from "drizzle-orm";
import type { AnySQLiteColumn, BaseSQLiteDatabase } from "drizzle-orm/sqlite-core";

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
  /** Runs all statements or none. For bulk work; races are decided by single statements. */
  atomically(build: (db: Queries) => readonly Statement[]): Promise<void>;
  close(): Promise<void>;
}

/** The later of a column's time and another: SQLite's `max` of two is Postgres's `greatest`. */
export function later(column: AnySQLiteColumn, seconds: number): SQL {
  return sql`CASE WHEN ${column} < ${seconds} THEN ${seconds} ELSE ${column} END`;
}
