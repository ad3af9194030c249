import type { Database as SqliteConnection } from "bun:sqlite";
import { join } from "node:path";
import type { SQL } from "bun";
import { readMigrationFiles } from "drizzle-orm/migrator";

/** Where drizzle-kit writes the migrations of a dialect. */
const folder = (dialect: "sqlite" | "postgres") =>
  join(import.meta.dir, "..", "..", "drizzle", dialect);

/** Number of the advisory lock that migrations hold on Postgres: "tess" in ASCII. */
const POSTGRES_LOCK = 0x74657373;

/**
 * Applies pending migrations under SQLite's write lock. drizzle's own migrator reads what is
 * applied before it locks, so that two processes starting at once would both apply.
 */
export function migrateSqlite(connection: SqliteConnection): void {
  connection.run("BEGIN IMMEDIATE");
  try {
    connection.run(
      "CREATE TABLE IF NOT EXISTS __drizzle_migrations (id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric)",
    );
    const last = connection
      .query<{ at: number | null }, []>("SELECT max(created_at) AS at FROM __drizzle_migrations")
      .get();
    for (const { sql, folderMillis, hash } of pending("sqlite", last?.at)) {
      for (const statement of sql) connection.run(statement);
      connection
        .query("INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)")
        .run(hash, folderMillis);
    }
    connection.run("COMMIT");
  } catch (error) {
    if (connection.inTransaction) connection.run("ROLLBACK");
    throw error;
  }
}

/** Applies pending migrations under an advisory lock that ends with the transaction. */
export async function migratePostgres(client: SQL): Promise<void> {
  await client.begin(async (transaction) => {
    await transaction`SET LOCAL lock_timeout = '60s'`;
    await transaction`SET LOCAL statement_timeout = '60s'`;
    await transaction`SELECT pg_advisory_xact_lock(${POSTGRES_LOCK})`;
    await transaction`CREATE SCHEMA IF NOT EXISTS drizzle`;
    await transaction`CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)`;
    const [last] =
      await transaction`SELECT max(created_at) AS at FROM drizzle.__drizzle_migrations`;
    for (const { sql, folderMillis, hash } of pending("postgres", last?.at)) {
      for (const statement of sql) await transaction.unsafe(statement);
      await transaction`INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES (${hash}, ${folderMillis})`;
    }
  });
}

function pending(dialect: "sqlite" | "postgres", lastMillis: unknown) {
  return readMigrationFiles({ migrationsFolder: folder(dialect) }).filter(
    ({ folderMillis }) => folderMillis > Number(lastMillis ?? 0),
  );
}
