import { and, asc, count, eq, inArray, sql } from "drizzle-orm";
import {
  type Database,
  type Guarded,
  Outpaced,
  type Queries,
  type Statement,
  wins,
} from "./database.ts";
import { pairKey } from "./pair_key.ts";
import type { Tables } from "./tables.ts";
import { type Holding, heldBy, type Page, revise } from "./uma_resources.ts";

/** A policy, without the resources that it is for. */
export type UmaPolicyRow = Tables["umaPolicies"]["$inferSelect"];

/** A policy, and the resources that it is for. */
export interface UmaPolicy extends UmaPolicyRow {
  readonly resourceIds: readonly string[];
}

/** What a search compares, each list with OR, an absent one with everything. */
export interface PolicyFilter {
  readonly ids?: readonly string[] | undefined;
  readonly resourceIds?: readonly string[] | undefined;
}

/** What a new text of a policy changes. */
export interface PolicyChange extends Pick<UmaPolicyRow, "family" | "rules" | "updatedAt"> {
  readonly resourceIds: readonly string[];
}

/** The policy that a change rests on, as it was read. */
export type SeenPolicy = Pick<UmaPolicy, "id" | "version" | "resourceIds">;

/** Policies. Whatever changes one ends the access that it gave. */
export interface UmaPolicyStore {
  /** False when a resource is not of the policy's resource server and owner, or is gone. */
  insertUmaPolicy(policy: UmaPolicy): Promise<boolean>;
  findUmaPolicy(id: string, holding: Holding): Promise<UmaPolicy | undefined>;
  /** Policies in the order of their making, and how many there are in all. */
  searchUmaPolicies(
    holding: Holding,
    filter: PolicyFilter,
    page: Page,
  ): Promise<{ readonly policies: readonly UmaPolicy[]; readonly total: number }>;
  /** At most `max` policies that are for any of the resources. */
  listUmaPoliciesOf(resourceIds: readonly string[], max: number): Promise<readonly UmaPolicy[]>;
  /** False when the policy is not as it was seen, or a new resource is not of its owner. */
  updateUmaPolicy(seen: SeenPolicy, change: PolicyChange): Promise<boolean>;
  /** False when it is not as it was seen. */
  deleteUmaPolicy(seen: SeenPolicy): Promise<boolean>;
}

/** Fails unless the resource is of the policy's resource server and owner; and revises it. */
function claim(
  q: Queries,
  { umaResources: r }: Tables,
  resourceId: string,
  holding: Holding,
): Guarded {
  return {
    statement: q
      .update(r)
      .set({ revision: sql`${r.revision} + 1` })
      .where(and(eq(r.id, resourceId), heldBy(r, holding)))
      .returning({ id: r.id }),
    lost: new Outpaced(resourceId),
  };
}

function link(q: Queries, t: Tables, policyId: string, resourceId: string): Statement {
  const id = pairKey(policyId, resourceId);
  return q.insert(t.umaPolicyResources).values({ id, policyId, resourceId });
}

/** Policies over either dialect. */
export function umaPolicyStore(db: Database, t: Tables): UmaPolicyStore {
  const { umaPolicies: p, umaPolicyResources: l, umaPermissions } = t;

  async function withResources(rows: readonly UmaPolicyRow[]): Promise<readonly UmaPolicy[]> {
    if (rows.length === 0) return [];
    const ids = rows.map(({ id }) => id);
    const links = await db.read((q) =>
      q.select().from(l).where(inArray(l.policyId, ids)).orderBy(asc(l.resourceId)),
    );
    const linksOf = Map.groupBy(links, ({ policyId }) => policyId);
    return rows.map((row) => ({
      ...row,
      resourceIds: (linksOf.get(row.id) ?? []).map(({ resourceId }) => resourceId),
    }));
  }

  const ofResources = (q: Queries, resourceIds: readonly string[]) =>
    inArray(
      p.id,
      q
        .select({ id: l.policyId })
        .from(l)
        .where(inArray(l.resourceId, [...resourceIds])),
    );
  const asSeen = ({ id, version }: SeenPolicy) => and(eq(p.id, id), eq(p.version, version));
  /** In one order, so that of two who write the same resources one waits for the other. */
  const sorted = (ids: readonly string[]) => [...new Set(ids)].sort();

  return {
    insertUmaPolicy: ({ resourceIds, ...row }) =>
      wins(db, (q) => [
        ...sorted(resourceIds).map((id) => claim(q, t, id, row)),
        q.insert(p).values(row),
        ...sorted(resourceIds).map((id) => link(q, t, row.id, id)),
      ]),
    async findUmaPolicy(id, holding) {
      const rows = await db.read((q) =>
        q
          .select()
          .from(p)
          .where(and(eq(p.id, id), heldBy(p, holding))),
      );
      const [policy] = await withResources(rows);
      return policy;
    },
    async searchUmaPolicies(holding, { ids, resourceIds }, page) {
      const found = (q: Queries) =>
        and(
          heldBy(p, holding),
          ids && inArray(p.id, [...ids]),
          resourceIds && ofResources(q, resourceIds),
        );
      const [rows, [counted]] = await Promise.all([
        db.read((q) =>
          q
            .select()
            .from(p)
            .where(found(q))
            .orderBy(asc(p.id))
            .limit(page.count)
            .offset(page.start),
        ),
        db.read((q) => q.select({ total: count() }).from(p).where(found(q))),
      ]);
      return { policies: await withResources(rows), total: counted?.total ?? 0 };
    },
    async listUmaPoliciesOf(resourceIds, max) {
      if (resourceIds.length === 0) return [];
      const rows = await db.read((q) =>
        q.select().from(p).where(ofResources(q, resourceIds)).orderBy(asc(p.id)).limit(max),
      );
      return withResources(rows);
    },
    async updateUmaPolicy(seen, { resourceIds, ...set }) {
      const wanted = new Set(resourceIds);
      const [row] = await db.read((q) => q.select().from(p).where(asSeen(seen)));
      if (!row) return false;
      return wins(db, (q) => [
        ...sorted([...wanted, ...seen.resourceIds]).map((id) =>
          wanted.has(id) ? claim(q, t, id, row) : revise(q, t, id),
        ),
        {
          statement: q
            .update(p)
            .set({ ...set, version: seen.version + 1 })
            .where(asSeen(seen))
            .returning({ id: p.id }),
          lost: new Outpaced(seen.id),
        },
        q.delete(l).where(eq(l.policyId, seen.id)),
        ...sorted(resourceIds).map((id) => link(q, t, seen.id, id)),
        q.delete(umaPermissions).where(eq(umaPermissions.policyId, seen.id)),
      ]);
    },
    deleteUmaPolicy: (seen) =>
      wins(db, (q) => [
        ...sorted(seen.resourceIds).map((id) => revise(q, t, id)),
        {
          statement: q.delete(p).where(asSeen(seen)).returning({ id: p.id }),
          lost: new Outpaced(seen.id),
        },
        q.delete(l).where(eq(l.policyId, seen.id)),
        q.delete(umaPermissions).where(eq(umaPermissions.policyId, seen.id)),
      ]),
  };
}
