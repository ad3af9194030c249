import { and, asc, count, eq, inArray, isNull, sql } from "drizzle-orm";
import type { AnySQLiteColumn } from "drizzle-orm/sqlite-core";
import { type Database, Outpaced, type Queries, type Statement, wins } from "./database.ts";
import type { Tables } from "./tables.ts";

/** A protected resource, as its resource server registered it. */
export type UmaResource = Tables["umaResources"]["$inferSelect"];

/**
 * Whose resources and policies somebody governs: those that a resource server registered, and of
 * them a user's, with null its own, and without `userId` everybody's. Nothing else is ever found.
 */
export interface Holding {
  readonly resourceServerId: string;
  readonly userId?: string | null;
}

/** A part of a list: how many to leave out and how many to give. */
export interface Page {
  readonly start: number;
  readonly count: number;
}

/** What a search compares, each list with OR, an absent one with everything. */
export interface ResourceFilter {
  readonly ids?: readonly string[] | undefined;
  readonly names?: readonly string[] | undefined;
  readonly types?: readonly string[] | undefined;
}

/** What a new description changes. */
export type ResourceChange = Pick<
  UmaResource,
  "family" | "name" | "uri" | "type" | "iconUri" | "description" | "scopes" | "updatedAt"
>;

/** Protected resources. */
export interface UmaResourceStore {
  insertUmaResource(resource: UmaResource): Promise<void>;
  findUmaResource(id: string, holding: Holding): Promise<UmaResource | undefined>;
  /** Whoever's they are, in the order of their ids; what is not there is left out. */
  findUmaResources(ids: readonly string[]): Promise<readonly UmaResource[]>;
  /** Resources in the order of their registration, and how many there are in all. */
  searchUmaResources(
    holding: Holding,
    filter: ResourceFilter,
    page: Page,
  ): Promise<{ readonly resources: readonly UmaResource[]; readonly total: number }>;
  /** What a user owns, at whichever resource server, in the order of its registration. */
  listUmaResourcesOfOwner(userId: string, page: Page): Promise<readonly UmaResource[]>;
  /**
   * Replaces the description of the version that was seen, or of any; undefined when it is another
   * by now, or is gone.
   */
  updateUmaResource(
    id: string,
    change: ResourceChange,
    seen: Holding & { readonly version?: number | undefined },
  ): Promise<UmaResource | undefined>;
  /** Deletes it with all access to it; false when it is another version by now, or is gone. */
  deleteUmaResource(
    id: string,
    seen: Holding & { readonly version?: number | undefined },
  ): Promise<boolean>;
}

/** The condition that a row is of a holding. */
export function heldBy(
  table: { readonly resourceServerId: AnySQLiteColumn; readonly userId: AnySQLiteColumn },
  { resourceServerId, userId }: Holding,
) {
  const owned =
    userId === undefined
      ? undefined
      : userId === null
        ? isNull(table.userId)
        : eq(table.userId, userId);
  return and(eq(table.resourceServerId, resourceServerId), owned);
}

/** Says that access to a resource may have ended: whoever evaluated before this grants nothing. */
export function revise(q: Queries, { umaResources: r }: Tables, id: string): Statement {
  return q
    .update(r)
    .set({ revision: sql`${r.revision} + 1` })
    .where(eq(r.id, id));
}

/** Resources over either dialect. */
export function umaResourceStore(db: Database, t: Tables): UmaResourceStore {
  const { umaResources: r, umaPolicies: p, umaPolicyResources: l } = t;
  const version = (seen: number | undefined) =>
    seen === undefined ? undefined : eq(r.version, seen);
  return {
    async insertUmaResource(resource) {
      await db.write((q) => q.insert(r).values(resource));
    },
    async findUmaResource(id, holding) {
      const [row] = await db.read((q) =>
        q
          .select()
          .from(r)
          .where(and(eq(r.id, id), heldBy(r, holding))),
      );
      return row;
    },
    async findUmaResources(ids) {
      if (ids.length === 0) return [];
      return db.read((q) =>
        q
          .select()
          .from(r)
          .where(inArray(r.id, [...ids]))
          .orderBy(asc(r.id)),
      );
    },
    async searchUmaResources(holding, { ids, names, types }, page) {
      const found = and(
        heldBy(r, holding),
        ids && inArray(r.id, [...ids]),
        names && inArray(r.name, [...names]),
        types && inArray(r.type, [...types]),
      );
      const [resources, [counted]] = await Promise.all([
        db.read((q) =>
          q.select().from(r).where(found).orderBy(asc(r.id)).limit(page.count).offset(page.start),
        ),
        db.read((q) => q.select({ total: count() }).from(r).where(found)),
      ]);
      return { resources, total: counted?.total ?? 0 };
    },
    listUmaResourcesOfOwner: (userId, page) =>
      db.read((q) =>
        q
          .select()
          .from(r)
          .where(eq(r.userId, userId))
          .orderBy(asc(r.id))
          .limit(page.count)
          .offset(page.start),
      ),
    async updateUmaResource(id, change, seen) {
      const [row] = await db.write((q) =>
        q
          .update(r)
          .set({
            ...change,
            version: sql`${r.version} + 1`,
            revision: sql`${r.revision} + 1`,
          })
          .where(and(eq(r.id, id), heldBy(r, seen), version(seen.version)))
          .returning(),
      );
      return row;
    },
    deleteUmaResource: (id, seen) =>
      wins(db, (q) => [
        {
          statement: q
            .delete(r)
            .where(and(eq(r.id, id), heldBy(r, seen), version(seen.version)))
            .returning({ id: r.id }),
          lost: new Outpaced(id),
        },
        // Policies are other ones without it: their entity tags say so (RFC 9110 §8.8.1).
        q
          .update(p)
          .set({ version: sql`${p.version} + 1` })
          .where(inArray(p.id, q.select({ id: l.policyId }).from(l).where(eq(l.resourceId, id)))),
        q.delete(l).where(eq(l.resourceId, id)),
        q.delete(t.umaRequests).where(eq(t.umaRequests.resourceId, id)),
        q.delete(t.umaPermissions).where(eq(t.umaPermissions.resourceId, id)),
      ]),
  };
}
