import { eq, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import type { Tables } from "./tables.ts";

/** A small expiring fact: a replay guard, or what a third-party plugin keeps. */
export type StoredRecord = Tables["records"]["$inferSelect"];

/** Failures counted under one key until the window ends. */
export type Throttle = Tables["throttles"]["$inferSelect"];

/** Expiring facts and failure counts. */
export interface RecordStore {
  /** Inserts the record unless its id is taken; false tells that it was there first. */
  insertRecord(record: StoredRecord): Promise<boolean>;
  findRecord(id: string): Promise<StoredRecord | undefined>;
  /** Removes the record; false when it was gone. The gate of whatever may happen once. */
  deleteRecord(id: string): Promise<boolean>;
  findThrottle(key: string): Promise<Throttle | undefined>;
  /** Counts one failure and returns the count; a window that is over starts anew. */
  addFailure(key: string, window: { now: number; expiresAt: number }): Promise<Throttle>;
}

/** Records and throttles over either dialect. */
export function recordStore(db: Database, { records, throttles }: Tables): RecordStore {
  return {
    async insertRecord(record) {
      const rows = await db.write((q) =>
        q.insert(records).values(record).onConflictDoNothing().returning({ id: records.id }),
      );
      return rows.length === 1;
    },
    async findRecord(id) {
      const [row] = await db.read((q) => q.select().from(records).where(eq(records.id, id)));
      return row;
    },
    async deleteRecord(id) {
      const rows = await db.write((q) =>
        q.delete(records).where(eq(records.id, id)).returning({ id: records.id }),
      );
      return rows.length === 1;
    },
    async findThrottle(key) {
      const [row] = await db.read((q) => q.select().from(throttles).where(eq(throttles.key, key)));
      return row;
    },
    async addFailure(key, { now, expiresAt }) {
      const over = sql`${throttles.expiresAt} <= ${now}`;
      const [row] = await db.write((q) =>
        q
          .insert(throttles)
          .values({ key, failures: 1, expiresAt })
          .onConflictDoUpdate({
            target: throttles.key,
            set: {
              failures: sql`CASE WHEN ${over} THEN 1 ELSE ${throttles.failures} + 1 END`,
              expiresAt: sql`CASE WHEN ${over} THEN excluded.expires_at ELSE ${throttles.expiresAt} END`,
            },
          })
          .returning(),
      );
      return row ?? { key, failures: 1, expiresAt };
    },
  };
}
