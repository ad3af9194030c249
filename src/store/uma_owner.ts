import { and, count, desc, eq, exists, gt, inArray } from "drizzle-orm";
import type { Database } from "./database.ts";
import type { Tables } from "./tables.ts";
import { DECISION_LASTS, type RequestOfResource } from "./uma_requests.ts";
import type { Page } from "./uma_resources.ts";

/** An approval of what the owner was shown. */
export interface ShownApproval {
  readonly id: string;
  readonly userId: string;
  readonly now: number;
  /** Which description of the resource, and which registration of the client, he saw. */
  readonly shown: ShownVersions;
}

/** What tells a page about a request from a later one. */
export interface ShownVersions {
  readonly resourceVersion: number;
  readonly clientUpdatedAt: number;
}

/** What an owner's page needs beside the lists of requests, accesses and resources. */
export interface UmaOwnerStore {
  /** A request to the owner that waits for him at `now`. */
  findUmaPending(id: string, userId: string, now: number): Promise<RequestOfResource | undefined>;
  /** How many requests wait for the owner at `now`. */
  countUmaPending(userId: string, now: number): Promise<number>;
  /** What the owner refused or withdrew and has not lifted, the latest first. */
  listUmaRefusals(userId: string, page: Page): Promise<readonly RequestOfResource[]>;
  /**
   * Approves a pending request of the owner, once; false when it is gone, answered or another's, or
   * when resource or client are no more what he saw.
   */
  approveUmaRequest(approval: ShownApproval): Promise<boolean>;
}

/** The owner's page over either dialect. */
export function umaOwnerStore(db: Database, t: Tables): UmaOwnerStore {
  const { umaRequests: u, umaResources: r, clients: c } = t;
  const pending = (userId: string, now: number) =>
    and(eq(u.userId, userId), eq(u.state, "pending"), gt(u.expiresAt, now));
  return {
    async findUmaPending(id, userId, now) {
      const [row] = await db.read((q) =>
        q
          .select({ request: u, resource: r })
          .from(u)
          .innerJoin(r, eq(r.id, u.resourceId))
          .where(and(eq(u.id, id), pending(userId, now))),
      );
      return row;
    },
    async countUmaPending(userId, now) {
      const [row] = await db.read((q) =>
        q
          .select({ total: count() })
          .from(u)
          .innerJoin(r, eq(r.id, u.resourceId))
          .where(pending(userId, now)),
      );
      return row?.total ?? 0;
    },
    listUmaRefusals: (userId, page) =>
      db.read((q) =>
        q
          .select({ request: u, resource: r })
          .from(u)
          .innerJoin(r, eq(r.id, u.resourceId))
          .where(and(eq(u.userId, userId), inArray(u.state, ["denied", "withdrawn"])))
          .orderBy(desc(u.decidedAt), desc(u.id))
          .limit(page.count)
          .offset(page.start),
      ),
    async approveUmaRequest({ id, userId, now, shown }) {
      const rows = await db.write((q) =>
        q
          .update(u)
          .set({ state: "approved", decidedAt: now, expiresAt: DECISION_LASTS })
          .where(
            and(
              eq(u.id, id),
              pending(userId, now),
              exists(
                q
                  .select({ id: r.id })
                  .from(r)
                  .where(
                    and(
                      eq(r.id, u.resourceId),
                      eq(r.userId, userId),
                      eq(r.version, shown.resourceVersion),
                    ),
                  ),
              ),
              exists(
                q
                  .select({ id: c.id })
                  .from(c)
                  .where(and(eq(c.id, u.clientId), eq(c.updatedAt, shown.clientUpdatedAt))),
              ),
            ),
          )
          .returning({ id: u.id }),
      );
      return rows.length === 1;
    },
  };
}
