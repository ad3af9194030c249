/** Faults that a database really has: statements that fail, tables that are locked, connections that end. */
import { Database } from "bun:sqlite";
import { SQL } from "bun";

/** Text of the faults, as a driver's message carries it; no answer and no log line may hold it. */
export const FAULT_TEXT = "fault-with-private-text";

/** What a fault does to a table until it is mended. */
export type Change = "INSERT" | "UPDATE" | "DELETE";

/** Makes every such change of a table fail; the result makes it work again. */
export async function breakTable(
  url: string,
  table: string,
  change: Change,
): Promise<() => Promise<void>> {
  const trigger = `broken_${table}_${change.toLowerCase()}`;
  if (url.startsWith("sqlite:")) {
    const raise = `BEGIN SELECT RAISE(ABORT, '${FAULT_TEXT}'); END`;
    await execute(url, `CREATE TRIGGER ${trigger} BEFORE ${change} ON ${table} ${raise}`);
    return () => execute(url, `DROP TRIGGER ${trigger}`);
  }
  await execute(
    url,
    `CREATE OR REPLACE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '${FAULT_TEXT}'; END $$`,
    `CREATE TRIGGER ${trigger} BEFORE ${change} ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION broken()`,
  );
  return () => execute(url, `DROP TRIGGER ${trigger} ON ${table}`);
}

/** Takes a table away; the result brings it back. */
export async function hideTable(url: string, table: string): Promise<() => Promise<void>> {
  await execute(url, `ALTER TABLE ${table} RENAME TO hidden_${table}`);
  return () => execute(url, `ALTER TABLE hidden_${table} RENAME TO ${table}`);
}

/** Holds a lock that no write gets past; the result lets it go. */
export async function lockTable(url: string, table: string): Promise<() => Promise<void>> {
  if (url.startsWith("sqlite:")) {
    const holder = new Database(url.slice("sqlite:".length));
    holder.run("BEGIN IMMEDIATE");
    return async () => {
      holder.run("ROLLBACK");
      holder.close();
    };
  }
  const holder = new SQL(url, { max: 1 });
  await holder.unsafe("BEGIN");
  await holder.unsafe(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  return async () => {
    await holder.unsafe("ROLLBACK");
    await holder.close();
  };
}

/** Runs statements on a connection of their own. */
export async function execute(url: string, ...statements: readonly string[]): Promise<void> {
  if (url.startsWith("sqlite:")) {
    const database = new Database(url.slice("sqlite:".length));
    database.run("PRAGMA busy_timeout = 5000");
    for (const statement of statements) database.run(statement);
    database.close();
    return;
  }
  const database = new SQL(url, { max: 1 });
  for (const statement of statements) await database.unsafe(statement);
  await database.close();
}
