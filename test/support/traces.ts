/** Where a secret could be found again: all that a database holds, and every form of a text. */
import { Database } from "bun:sqlite";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SQL } from "bun";

/** All rows of all tables, as text. */
export async function dumpOf(url: string): Promise<string> {
  const tables: string[] = [];
  if (url.startsWith("sqlite:")) {
    const database = new Database(url.slice("sqlite:".length), { readonly: true });
    const names = database
      .query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'table'")
      .all();
    for (const { name } of names) {
      tables.push(`${name}: ${JSON.stringify(database.query(`SELECT * FROM "${name}"`).all())}`);
    }
    database.close();
    return tables.join("\n");
  }
  const database = new SQL(url, { max: 1 });
  const names =
    await database`SELECT table_schema AS schema, table_name AS name FROM information_schema.tables WHERE table_schema IN ('public', 'drizzle')`;
  for (const { schema, name } of names) {
    const rows = await database.unsafe(`SELECT * FROM "${schema}"."${name}"`);
    tables.push(`${name}: ${JSON.stringify(rows)}`);
  }
  await database.close();
  return tables.join("\n");
}

/** What lies in the files of an SQLite database, rows that were deleted or overwritten included. */
export function filesOf(url: string): Buffer {
  if (!url.startsWith("sqlite:")) return Buffer.alloc(0);
  const folder = dirname(url.slice("sqlite:".length));
  return Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
}

/** Every text under which a secret could be found again: itself, its random part, and encodings. */
export function tracesOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const body = /^ts[arct]_(.+)$/.exec(secret)?.[1];
  const raw = body === undefined ? [] : [body, Buffer.from(body, "base64url").toString("hex")];
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString("base64"),
    bytes.toString("base64url"),
    bytes.toString("hex"),
    ...raw,
  ];
}
