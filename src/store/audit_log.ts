import { and, asc, desc, eq, lt, max } from "drizzle-orm";
import type { Database } from "./database.ts";
import type { Tables } from "./tables.ts";

/** One row of the audit log. */
export type AuditRow = Tables["auditLog"]["$inferSelect"];

/** The audit log: one hash chain per process. */
export interface AuditLogStore {
  insertAuditRow(row: AuditRow): Promise<void>;
  /** The newest rows first. */
  listAuditRows(limit: number): Promise<readonly AuditRow[]>;
  /** One chain in order. */
  readChain(chain: string): Promise<readonly AuditRow[]>;
  listChains(): Promise<readonly string[]>;
  /** For each chain that has rows older than `before`: the last of them. */
  findPrunable(before: number): Promise<readonly { chain: string; sequence: number }[]>;
  /** Deletes a chain's rows up to and including the sequence number. */
  pruneChain(chain: string, sequence: number): Promise<void>;
}

/** The audit log over either dialect. */
export function auditLogStore(db: Database, { auditLog }: Tables): AuditLogStore {
  return {
    async insertAuditRow(row) {
      await db.write((q) => q.insert(auditLog).values(row));
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
    async findPrunable(before) {
      const rows = await db.read((q) =>
        q
          .select({ chain: auditLog.chain, sequence: max(auditLog.sequence) })
          .from(auditLog)
          .where(lt(auditLog.at, before))
          .groupBy(auditLog.chain),
      );
      return rows.map(({ chain, sequence }) => ({ chain, sequence: Number(sequence) }));
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
