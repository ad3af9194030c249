import { eq, inArray, or, sql } from "drizzle-orm";
import type { Database, Queries, Statement } from "./database.ts";
import type { Tables } from "./tables.ts";
import { type UmaOwnerStore, umaOwnerStore } from "./uma_owner.ts";
import { type UmaPolicyStore, umaPolicyStore } from "./uma_policies.ts";
import { type UmaRequestStore, umaRequestStore } from "./uma_requests.ts";
import { type UmaResourceStore, umaResourceStore } from "./uma_resources.ts";
import { type UmaTicketStore, umaTicketStore } from "./uma_tickets.ts";

/** All that UMA stores. */
export interface UmaStore
  extends UmaResourceStore,
    UmaPolicyStore,
    UmaTicketStore,
    UmaRequestStore,
    UmaOwnerStore {}

/** UMA over either dialect. */
export function umaStore(db: Database, t: Tables): UmaStore {
  return {
    ...umaResourceStore(db, t),
    ...umaPolicyStore(db, t),
    ...umaTicketStore(db, t),
    ...umaRequestStore(db, t),
    ...umaOwnerStore(db, t),
  };
}

/** The statements that take a client's rows along when it is deleted, whatever part it played. */
export function umaOfClient(q: Queries, t: Tables, clientId: string): readonly Statement[] {
  const { umaTickets: k, umaRequests: u, umaPermissions: m, umaResources: r } = t;
  const held = q.select({ id: r.id }).from(r).where(eq(r.resourceServerId, clientId));
  return [
    q.delete(k).where(or(eq(k.resourceServerId, clientId), eq(k.clientId, clientId))),
    hold(q, t, "resourceServerId", clientId),
    q.delete(u).where(or(eq(u.clientId, clientId), inArray(u.resourceId, held))),
    q.delete(m).where(or(eq(m.clientId, clientId), inArray(m.resourceId, held))),
    ...ofHolder(q, t, "resourceServerId", clientId),
  ];
}

/** The statements that take a user's rows along when he is deleted: what he owns, and who he is. */
export function umaOfUser(q: Queries, t: Tables, userId: string): readonly Statement[] {
  const { umaRequests: u, umaPermissions: m, umaResources: r } = t;
  const owned = q.select({ id: r.id }).from(r).where(eq(r.userId, userId));
  return [
    hold(q, t, "userId", userId),
    q.delete(u).where(or(eq(u.userId, userId), eq(u.partyUserId, userId))),
    q.delete(m).where(inArray(m.resourceId, owned)),
    ...ofHolder(q, t, "userId", userId),
  ];
}

/** Takes the resources before what hangs on them, as all who write to UMA's tables do. */
function hold(
  q: Queries,
  { umaResources: r }: Tables,
  by: "resourceServerId" | "userId",
  id: string,
): Statement {
  return q
    .update(r)
    .set({ revision: sql`${r.revision} + 1` })
    .where(eq(r[by], id));
}

/** Policies go with what links them, and the resources last, since the others are found by them. */
function ofHolder(
  q: Queries,
  { umaPolicies: p, umaPolicyResources: l, umaResources: r }: Tables,
  by: "resourceServerId" | "userId",
  id: string,
): readonly Statement[] {
  const policies = q.select({ id: p.id }).from(p).where(eq(p[by], id));
  return [
    q.delete(l).where(inArray(l.policyId, policies)),
    q.delete(p).where(eq(p[by], id)),
    q.delete(r).where(eq(r[by], id)),
  ];
}
