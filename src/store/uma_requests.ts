import { and, asc, eq, gt, inArray, isNull, max, min, sql } from "drizzle-orm";
import { type Database, Outpaced, wins } from "./database.ts";
import type { Tables } from "./tables.ts";
import type { Page, UmaResource } from "./uma_resources.ts";
import type { RequestState } from "./uma_tables.ts";

/** What a requesting party asks of an owner, and what he said to it. */
export type UmaRequest = Tables["umaRequests"]["$inferSelect"];

/** A request, and the resource that it is about. */
export interface RequestOfResource {
  readonly request: UmaRequest;
  readonly resource: UmaResource;
}

/** Who has, or may have without being asked again, access to what. */
export interface ResourceAccess {
  readonly resource: UmaResource;
  readonly clientId: string;
  /** In whose name the client asks; empty for its own. */
  readonly party: string;
  /** What the owner is shown instead of the party; empty for none. */
  readonly partyName: string;
  readonly scopes: readonly string[];
  /** Unix seconds of the oldest approval or permission. */
  readonly grantedAt: number;
  /** Whether the owner approved it himself, so that it lasts until he withdraws it. */
  readonly approved: boolean;
  /** Whether it is the owner who asks, and so needs no policy. */
  readonly himself?: boolean;
}

/** One requesting party at one resource of an owner. */
export interface AccessKey {
  readonly userId: string;
  readonly resourceId: string;
  readonly clientId: string;
  readonly party: string;
}

/** When a decision ends: never by itself. */
export const DECISION_LASTS = Number.MAX_SAFE_INTEGER;

/** Rows of one kind that the list of an owner's accesses is made of. */
const ACCESSES_MAX = 1_000;

/** What owners are asked, what they decide, and who has access to what is theirs. */
export interface UmaRequestStore {
  /** Requests to an owner in one state, oldest first. */
  listUmaRequests(
    userId: string,
    state: RequestState,
    page: Page & { readonly now: number },
  ): Promise<readonly RequestOfResource[]>;
  /** What owners were asked and said about a client and parties at resources, that counts at `now`. */
  listUmaDecisions(
    resourceIds: readonly string[],
    asked: { readonly clientId: string; readonly parties: readonly string[] },
    now: number,
  ): Promise<readonly UmaRequest[]>;
  /** Refuses a pending request of the owner, once; false when it is gone, answered or another's. */
  denyUmaRequest(id: string, userId: string, now: number): Promise<boolean>;
  /** Lifts a refusal or a withdrawal, so that the party may ask again; false when it is gone. */
  forgetUmaRequest(id: string, userId: string): Promise<boolean>;
  /** Who has access to what a user owns, each client and party once for each resource. */
  listUmaAccess(userId: string, now: number): Promise<readonly ResourceAccess[]>;
  /**
   * Ends an access at once, with its tokens, and keeps the party from asking again until the
   * withdrawal is lifted. `withdrawal` is the row that says so; false when the resource is not his.
   */
  withdrawUmaAccess(key: AccessKey, withdrawal: UmaRequest): Promise<boolean>;
}

/** Requests over either dialect. */
export function umaRequestStore(db: Database, t: Tables): UmaRequestStore {
  const { umaRequests: u, umaPermissions: m, umaResources: r, authorizations: a } = t;
  const alive = (now: number) => gt(u.expiresAt, now);
  return {
    listUmaRequests: (userId, state, { start, count, now }) =>
      db.read((q) =>
        q
          .select({ request: u, resource: r })
          .from(u)
          .innerJoin(r, eq(r.id, u.resourceId))
          .where(and(eq(u.userId, userId), eq(u.state, state), alive(now)))
          .orderBy(asc(u.createdAt), asc(u.id))
          .limit(count)
          .offset(start),
      ),
    async listUmaDecisions(resourceIds, { clientId, parties }, now) {
      if (resourceIds.length === 0) return [];
      return db.read((q) =>
        q
          .select()
          .from(u)
          .where(
            and(
              inArray(u.resourceId, [...resourceIds]),
              eq(u.clientId, clientId),
              inArray(u.party, [...parties]),
              alive(now),
            ),
          ),
      );
    },
    async denyUmaRequest(id, userId, now) {
      const rows = await db.write((q) =>
        q
          .update(u)
          .set({ state: "denied", decidedAt: now, expiresAt: DECISION_LASTS })
          .where(and(eq(u.id, id), eq(u.userId, userId), eq(u.state, "pending"), alive(now)))
          .returning({ id: u.id }),
      );
      return rows.length === 1;
    },
    async forgetUmaRequest(id, userId) {
      const ended = inArray(u.state, ["denied", "withdrawn"]);
      const rows = await db.write((q) =>
        q
          .delete(u)
          .where(and(eq(u.id, id), eq(u.userId, userId), ended))
          .returning({ id: u.id }),
      );
      return rows.length === 1;
    },
    async listUmaAccess(userId, now) {
      const [approved, permitted] = await Promise.all([
        db.read((q) =>
          q
            .select({ request: u, resource: r })
            .from(u)
            .innerJoin(r, eq(r.id, u.resourceId))
            .where(and(eq(u.userId, userId), eq(u.state, "approved")))
            .orderBy(asc(u.createdAt))
            .limit(ACCESSES_MAX),
        ),
        // By client and party, so that many tokens of one hide no other from the owner.
        db.read((q) =>
          q
            .select({
              resource: r,
              clientId: m.clientId,
              party: m.party,
              partyName: m.partyName,
              scopes: m.scopes,
              policyId: max(m.policyId),
              createdAt: min(m.createdAt),
            })
            .from(m)
            .innerJoin(r, eq(r.id, m.resourceId))
            .innerJoin(a, eq(a.id, m.authorizationId))
            .where(and(eq(r.userId, userId), gt(m.expiresAt, now), isNull(a.revokedAt)))
            .groupBy(r.id, m.clientId, m.party, m.partyName, m.scopes)
            .orderBy(asc(min(m.createdAt)))
            .limit(ACCESSES_MAX),
        ),
      ]);
      return mergeAccess([
        ...approved.map(({ request, resource }) => ({
          ...request,
          resource,
          approved: true,
          grantedAt: request.decidedAt ?? request.createdAt,
        })),
        ...permitted.map(({ policyId, createdAt, ...access }) => ({
          ...access,
          approved: false,
          himself: policyId === null,
          grantedAt: createdAt ?? now,
        })),
      ]);
    },
    withdrawUmaAccess: ({ userId, resourceId, clientId, party }, withdrawal) => {
      const ofKey = (table: typeof u | typeof m) =>
        and(eq(table.resourceId, resourceId), eq(table.clientId, clientId), eq(table.party, party));
      const { id, ...set } = withdrawal;
      return wins(db, (q) => [
        {
          statement: q
            .update(r)
            .set({ revision: sql`${r.revision} + 1` })
            .where(and(eq(r.id, resourceId), eq(r.userId, userId)))
            .returning({ id: r.id }),
          lost: new Outpaced(resourceId),
        },
        q.delete(m).where(ofKey(m)),
        q.delete(u).where(and(ofKey(u), inArray(u.state, ["approved", "pending"]))),
        q.insert(u).values(withdrawal).onConflictDoUpdate({ target: u.id, set }),
      ]);
    },
  };
}

/** One entry for each resource, client and party; whatever the owner approved rests on his word. */
function mergeAccess(rows: readonly ResourceAccess[]): readonly ResourceAccess[] {
  const merged = new Map<string, ResourceAccess>();
  for (const row of rows) {
    const { resource, clientId, party, partyName, scopes, grantedAt } = row;
    const key = JSON.stringify([resource.id, clientId, party]);
    const known = merged.get(key);
    merged.set(key, {
      resource,
      clientId,
      party,
      partyName,
      scopes: [...new Set([...(known?.scopes ?? []), ...scopes])],
      grantedAt: Math.min(known?.grantedAt ?? grantedAt, grantedAt),
      approved: row.approved || known?.approved === true,
      himself: row.himself === true || known?.himself === true,
    });
  }
  return [...merged.values()];
}
