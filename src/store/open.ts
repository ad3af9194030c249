import { Database as SqliteConnection } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { SQL } from "bun";
import { drizzle as drizzlePostgres } from "drizzle-orm/bun-sql";
import { drizzle as drizzleSqlite } from "drizzle-orm/bun-sqlite";
import { OAuthError } from "../protocol/oauth_error.ts";
import type { Database, Queries, Statement } from "./database.ts";
import { groupCommit } from "./group_commit.ts";
import { migratePostgres, migrateSqlite } from "./migrate.ts";
import { tables as postgresTables } from "./postgres_schema.ts";
import { tables as sqliteTables } from "./sqlite_schema.ts";
import { createStore, type Store } from "./store.ts";

/** How a store is opened. */
export interface OpenOptions {
  /** Connections to Postgres; SQLite has one that writes and one that reads. */
  readonly connectionsMax?: number;
}

/** How long a statement may wait for a lock or run, in milliseconds, before the answer is 503. */
const STATEMENT_TIMEOUT_MS = 5_000;

/** Statements that one SQLite connection keeps prepared. */
const PREPARED_MAX = 500;

/**
 * Opens `sqlite:PATH`, `sqlite::memory:` or `postgres://…` and applies pending migrations under a
 * lock. Throws `TypeError` for another scheme, and whatever the driver says when it cannot connect.
 */
export async function openStore(url: string, options: OpenOptions = {}): Promise<Store> {
  if (url.startsWith("sqlite:")) return createStore(openSqlite(url.slice(7)), sqliteTables);
  if (/^postgres(ql)?:\/\//.test(url)) {
    return createStore(await openPostgres(url, options), postgresTables);
  }
  throw new TypeError("DATABASE_URL must begin with sqlite: or postgres://");
}

function openSqlite(path: string): Database {
  const memory = path === ":memory:";
  if (!memory) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const writer = connect(path);
  migrateSqlite(writer);
  const reader = memory ? writer : connect(path);
  const commit = groupCommit(writer);
  const db = drizzleSqlite(cached(writer)) as unknown as Queries;
  const readDb = drizzleSqlite(cached(reader)) as unknown as Queries;
  return {
    // In memory there is one connection, so that a read must wait for the open batch too.
    read: (build) =>
      attempt("store_read_failed", () => (memory ? commit.write(() => build(db)) : build(readDb))),
    write: (build) => attempt("store_write_failed", () => commit.write(() => build(db))),
    atomically: (build) =>
      attempt("store_write_failed", async () => {
        commit.flush();
        writer.run("BEGIN IMMEDIATE");
        try {
          // `run` is synchronous on this driver, so that nobody else's statement comes between.
          for (const statement of build(db)) (statement as unknown as SqliteStatement).run();
          writer.run("COMMIT");
        } catch (error) {
          if (writer.inTransaction) writer.run("ROLLBACK");
          throw error;
        }
      }),
    async close() {
      commit.flush();
      if (reader !== writer) reader.close();
      writer.close();
    },
  };
}

function connect(path: string): SqliteConnection {
  const connection = new SqliteConnection(path, { create: true, strict: true });
  connection.run(`PRAGMA busy_timeout = ${STATEMENT_TIMEOUT_MS}`);
  connection.run("PRAGMA journal_mode = WAL");
  connection.run("PRAGMA synchronous = FULL");
  return connection;
}

/** The connection with its prepared statements kept: drizzle prepares anew for every query. */
function cached(connection: SqliteConnection): SqliteConnection {
  const prepared = new Map<string, ReturnType<SqliteConnection["prepare"]>>();
  const prepare = (sql: string) => {
    const known = prepared.get(sql);
    if (known) return known;
    const statement = connection.prepare(sql);
    if (prepared.size < PREPARED_MAX) prepared.set(sql, statement);
    return statement;
  };
  return { prepare } as unknown as SqliteConnection;
}

async function openPostgres(url: string, { connectionsMax = 10 }: OpenOptions): Promise<Database> {
  const client = new SQL({
    url,
    max: connectionsMax,
    connectionTimeout: STATEMENT_TIMEOUT_MS / 1000,
    connection: { statement_timeout: STATEMENT_TIMEOUT_MS, lock_timeout: STATEMENT_TIMEOUT_MS },
  });
  await migratePostgres(client);
  const drizzled = drizzlePostgres(client);
  const db = drizzled as unknown as Queries;
  return {
    read: (build) => attempt("store_read_failed", () => build(db)),
    write: (build) => attempt("store_write_failed", () => build(db)),
    atomically: (build) =>
      attempt("store_write_failed", () =>
        drizzled.transaction(async (transaction) => {
          for (const statement of build(transaction as unknown as Queries)) await statement;
        }),
      ),
    close: () => client.close(),
  };
}

/** What drizzle's bun-sqlite builders have beside being awaitable. */
interface SqliteStatement {
  run(): unknown;
}

/** Runs a statement and turns what a driver throws into a row of the catalogue. */
async function attempt<T>(
  code: "store_read_failed" | "store_write_failed",
  run: () => Statement<T>,
): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (isTimeout(cause)) {
      throw new OAuthError("store_timed_out", { cause, headers: { "Retry-After": "1" } });
    }
    throw new OAuthError(code, { cause });
  }
}

/** Whether a driver gave up waiting: Postgres's 57014 and 55P03, Bun's connection timeout, SQLite's busy. */
function isTimeout(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    const { code, errno } = at as { code?: unknown; errno?: unknown };
    if ([code, errno].some((value) => TIMEOUTS.has(String(value)))) return true;
  }
  return false;
}

const TIMEOUTS: ReadonlySet<string> = new Set([
  "57014",
  "55P03",
  "SQLITE_BUSY",
  "ERR_POSTGRES_CONNECTION_TIMEOUT",
  "ERR_POSTGRES_IDLE_TIMEOUT",
]);
