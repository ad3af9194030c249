import { asc } from "drizzle-orm";
import type { Database } from "./database.ts";
import type { Tables } from "./tables.ts";

/** A signing key; its private half is sealed. */
export type StoredKey = Tables["keys"]["$inferSelect"];

/** The server's signing keys. */
export interface KeyStore {
  /** Inserts the key unless its algorithm has this generation: one instance wins. */
  insertKey(key: StoredKey): Promise<boolean>;
  /** All keys, oldest generation first. */
  listKeys(): Promise<readonly StoredKey[]>;
}

/** Keys over either dialect. */
export function keyStore(db: Database, { keys }: Tables): KeyStore {
  return {
    async insertKey(key) {
      const rows = await db.write((q) =>
        q.insert(keys).values(key).onConflictDoNothing().returning({ id: keys.id }),
      );
      return rows.length === 1;
    },
    listKeys: () => db.read((q) => q.select().from(keys).orderBy(asc(keys.generation))),
  };
}
