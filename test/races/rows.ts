/** Rows that no store gives out, read from the database itself. */
import { Database } from "bun:sqlite";
import { SQL } from "bun";

/** Runs a query on a database by its URL and closes it again. */
export async function query<Row>(url: string, sql: string): Promise<readonly Row[]> {
  if (url.startsWith("sqlite:")) {
    const database = new Database(url.slice("sqlite:".length));
    try {
      return database.query<Row, []>(sql).all();
    } finally {
      database.close();
    }
  }
  const database = new SQL(url, { max: 1 });
  try {
    return await database.unsafe(sql);
  } finally {
    await database.close();
  }
}

/** Refresh tokens of each authorization that are neither spent nor revoked. */
export async function liveHeads(url: string): Promise<ReadonlyMap<string, number>> {
  const rows = await query<{ id: string; heads: number | string | null }>(
    url,
    `SELECT a.id AS id, count(r.key) AS heads FROM authorizations a
     LEFT JOIN refresh_tokens r ON r.authorization_id = a.id AND r.consumed_at IS NULL
     WHERE a.revoked_at IS NULL GROUP BY a.id`,
  );
  return new Map(rows.map(({ id, heads }) => [id, Number(heads)]));
}
