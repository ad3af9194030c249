import { Database as SqliteConnection } from "bun:sqlite";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { SQL } from "bun";
import { drizzle as drizzlePostgres } from "drizzle-orm/bun-sql";
import { drizzle as drizzleSqlite } from "drizzle-orm/bun-sqlite";
import { OAuthError } from "../protocol/oauth_error.ts";
import type { Database, Guarded, Queries, Statement } from "./database.ts";
import { groupCommit } from "./group_commit.ts";
import { migratePostgres, migrateSqlite } from "./migrate.ts";
import { tables as postgresTables } from "./postgres_schema.ts";
import { isBusy, whenUnlocked } from "./sqlite_lock.ts";
import { tables as sqliteTables } from "./sqlite_schema.ts";
import { createStore, type Store } from "./store.ts";

/** How a store is opened. */
export interface OpenOptions {
  /** Connections to Postgres; SQLite has one that writes and one that reads. */
  readonly connectionsMax?: number;
  /** How long a statement may wait for a lock or run before `store_timed_out`, in milliseconds. */
  readonly statementTimeoutMs?: number;
}

const CONNECTIONS_MAX = 10;
const STATEMENT_TIMEOUT_MS = 5_000;

/** How long an opening store waits for others that open, and so migrate, the same one. */
const OPEN_TIMEOUT_MS = 60_000;

/** Statements that one SQLite connection keeps prepared. */
const PREPARED_MAX = 500;

/**
 * Opens `sqlite:PATH`, `sqlite::memory:` or `postgres://…` and applies pending migrations under a
 * lock. Throws `TypeError` for another scheme, and whatever the driver says when it cannot connect.
 */
export async function openStore(url: string, options: OpenOptions = {}): Promise<Store> {
  if (url.startsWith("sqlite:")) {
    return createStore(await openSqlite(url.slice(7), options), sqliteTables);
  }
  if (/^postgres(ql)?:\/\//.test(url)) {
    return createStore(await openPostgres(url, options), postgresTables);
  }
  throw new TypeError("DATABASE_URL must begin with sqlite: or postgres://");
}

async function openSqlite(
  path: string,
  { statementTimeoutMs = STATEMENT_TIMEOUT_MS }: OpenOptions,
): Promise<Database> {
  const memory = path === ":memory:";
  if (!memory) makeFile(path);
  const writer = await connect(path);
  await whenUnlocked(() => migrateSqlite(writer), OPEN_TIMEOUT_MS);
  const reader = memory ? writer : await connect(path);
  // Writers do not block readers; only a process that opens or closes the file does, for a moment.
  if (!memory) reader.run(`PRAGMA busy_timeout = ${statementTimeoutMs}`);
  const commit = groupCommit(writer, statementTimeoutMs);
  const prepared = { writer: cached(writer), reader: cached(reader) };
  const db = drizzleSqlite(prepared.writer.client) as unknown as Queries;
  const readDb = drizzleSqlite(prepared.reader.client) as unknown as Queries;
  return {
    // In memory there is one connection, so that a read must wait for the open batch too.
    read: (build) =>
      attempt("store_read_failed", () => (memory ? commit.write(() => build(db)) : build(readDb))),
    write: (build) => attempt("store_write_failed", () => commit.write(() => build(db))),
    atomically: (build) =>
      attempt("store_write_failed", () =>
        commit.writeAll(() => {
          // `run` is synchronous on this driver, so that nobody else's statement comes between.
          for (const step of build(db)) runNow(step);
        }),
      ),
    async close() {
      commit.flush();
      prepared.reader.close();
      prepared.writer.close();
    },
  };
}

/** The file is its owner's alone; SQLite gives its log the same mode. */
function makeFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
}

async function connect(path: string): Promise<SqliteConnection> {
  const connection = new SqliteConnection(path, { create: true, strict: true });
  await whenUnlocked(() => {
    connection.run("PRAGMA journal_mode = WAL");
    connection.run("PRAGMA synchronous = FULL");
  }, OPEN_TIMEOUT_MS);
  return connection;
}

/** A connection with its prepared statements kept: drizzle prepares anew for every query. */
function cached(connection: SqliteConnection): { client: SqliteConnection; close(): void } {
  const prepared = new Map<string, ReturnType<SqliteConnection["prepare"]>>();
  const prepare = (sql: string) => {
    const known = prepared.get(sql);
    if (known) return known;
    const statement = connection.prepare(sql);
    if (prepared.size < PREPARED_MAX) prepared.set(sql, statement);
    return statement;
  };
  return {
    client: { prepare } as unknown as SqliteConnection,
    close() {
      // A statement that is still prepared keeps the file open, and even answers.
      for (const statement of prepared.values()) statement.finalize();
      prepared.clear();
      connection.close();
    },
  };
}

async function openPostgres(url: string, options: OpenOptions): Promise<Database> {
  const { connectionsMax = CONNECTIONS_MAX, statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
  const client = new SQL({
    url,
    max: connectionsMax,
    connectionTimeout: STATEMENT_TIMEOUT_MS / 1000,
    connection: { statement_timeout: statementTimeoutMs },
  });
  await migratePostgres(client);
  const drizzled = drizzlePostgres(client);
  const db = drizzled as unknown as Queries;
  return {
    read: (build) => attempt("store_read_failed", () => build(db)),
    write: (build) => attempt("store_write_failed", () => build(db)),
    atomically: (build) =>
      attempt("store_write_failed", () =>
        again(() =>
          drizzled.transaction(async (transaction) => {
            for (const step of build(transaction as unknown as Queries)) {
              await runInTurn(step);
            }
          }),
        ),
      ),
    close: () => client.close(),
  };
}

/** What drizzle's bun-sqlite builders have beside being awaitable. */
interface SqliteStatement {
  run(): unknown;
  all(): readonly unknown[];
}

function runNow(step: Statement | Guarded): void {
  if (!("lost" in step)) (step as unknown as SqliteStatement).run();
  else if ((step.statement as unknown as SqliteStatement).all().length === 0) throw step.lost;
}

async function runInTurn(step: Statement | Guarded): Promise<void> {
  if (!("lost" in step)) await step;
  else if ((await step.statement).length === 0) throw step.lost;
}

/** How often a transaction is begun that Postgres ends each time. */
const TRIES_MAX = 4;

/** How long it steps aside before it begins anew, in milliseconds; longer each time. */
const ASIDE_MS = 25;

/**
 * Runs a transaction, and anew when Postgres ended it so that another could go on. It undid all of
 * it; whoever waited for what it held gets a moment to take that, or the two would meet again.
 */
async function again<T>(transaction: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await transaction();
    } catch (error) {
      if (tries === TRIES_MAX || !hasCode(error, ABORTED)) throw error;
      await Bun.sleep(ASIDE_MS * tries);
    }
  }
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

/** Whether a driver gave up waiting: one of the codes, or SQLite's busy. */
function isTimeout(error: unknown): boolean {
  return hasCode(error, TIMEOUTS) || causesOf(error).some(isBusy);
}

/** Whether a driver's error, or what it was caused by, has one of the codes. */
function hasCode(error: unknown, codes: ReadonlySet<string>): boolean {
  return causesOf(error).some((at) => {
    const { code, errno } = at as { code?: unknown; errno?: unknown };
    return [code, errno].some((value) => codes.has(String(value)));
  });
}

/** The error and its causes, as deep as drivers and drizzle nest them. */
function causesOf(error: unknown, depth = 4): readonly Error[] {
  if (!(error instanceof Error) || depth === 0) return [];
  return [error, ...causesOf(error.cause, depth - 1)];
}

/** Postgres's query_canceled and lock_not_available, and Bun's connection timeouts. */
const TIMEOUTS: ReadonlySet<string> = new Set([
  "57014",
  "55P03",
  "ERR_POSTGRES_CONNECTION_TIMEOUT",
  "ERR_POSTGRES_IDLE_TIMEOUT",
]);

/** Postgres's deadlock_detected and serialization_failure. */
const ABORTED: ReadonlySet<string> = new Set(["40P01", "40001"]);
