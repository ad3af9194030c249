import { and, asc, desc, eq, lt, max } from "drizzle-orm";
import type { Database } from "./database.ts";
import type { Tables } from "./tables.ts";

/** One row of the audit log. */
export type AuditRow = Tables["auditLog"]["$inferSelect"];

/** Where a chain stands: a row's number and its hash. */
export type ChainLink = Pick<AuditRow, "chain" | "sequence" | "hash">;

/** The audit log: one hash chain per process. */
export interface AuditLogStore {
  /** Inserts the row unless it is there: a writer that got no answer tries again. */
  insertAuditRow(row: AuditRow): Promise<void>;
  /** The newest rows first. */
  listAuditRows(limit: number): Promise<readonly AuditRow[]>;
  /** One chain in order. */
  readChain(chain: string): Promise<readonly AuditRow[]>;
  listChains(): Promise<readonly string[]>;
  /** For each chain that has rows older than `before`: the last of them. */
  findPrunable(before: number): Promise<readonly ChainLink[]>;
  /** Deletes a chain's rows up to and including the sequence number. */
  pruneChain(chain: string, sequence: number): Promise<void>;
}

/** The audit log over either dialect. */
export function auditLogStore(db: Database, { auditLog }: Tables): AuditLogStore {
  return {
    async insertAuditRow(row) {
      await db.write((q) => q.insert(auditLog).values(row).onConflictDoNothing());
    },
    listAuditRows: (limit) =>
      db.read((q) =>
        q.select().from(auditLog).orderBy(desc(auditLog.at), desc(auditLog.id)).limit(limit),
      ),
    readChain: (chain) =>
      db.read((q) =>
        q.select().from(auditLog).where(eq(auditLog.chain, chain)).orderBy(asc(auditLog.sequence)),
      ),
    async listChains() {
      const rows = await db.read((q) =>
        q.selectDistinct({ chain: auditLog.chain }).from(auditLog).orderBy(asc(auditLog.chain)),
      );
      return rows.map((row) => row.chain);
    },
    findPrunable(before) {
      const { chain, sequence, hash, at } = auditLog;
      return db.read((q) => {
        const last = q
          .select({ chain, sequence: max(sequence).as("last_sequence") })
          .from(auditLog)
          .where(lt(at, before))
          .groupBy(chain)
          .as("last");
        return q
          .select({ chain, sequence, hash })
          .from(auditLog)
          .innerJoin(last, and(eq(last.chain, chain), eq(last.sequence, sequence)))
          .orderBy(asc(chain));
      });
    },
    async pruneChain(chain, sequence) {
      await db.write((q) =>
        q
          .delete(auditLog)
          .where(and(eq(auditLog.chain, chain), lt(auditLog.sequence, sequence + 1))),
      );
    },
  };
}
