import { and, eq, gt, isNull, or, sql } from "drizzle-orm";
import type { Authorization } from "./authorizations.ts";
import {
  type Database,
  type Guarded,
  Outpaced,
  type Queries,
  type Statement,
  wins,
} from "./database.ts";
import type { Tables } from "./tables.ts";
import type { UmaRequest } from "./uma_requests.ts";
import type { UmaResource } from "./uma_resources.ts";

/** A permission ticket, without its text. */
export type UmaTicket = Tables["umaTickets"]["$inferSelect"];

/** A ticket that only one client can use. */
export interface BoundTicket extends UmaTicket {
  readonly clientId: string;
}

/** Scopes on one resource that a requesting party token carries. */
export type UmaPermission = Tables["umaPermissions"]["$inferSelect"];

/** A permission that lives, and the resource as it is now. */
export interface LivePermission {
  readonly permission: UmaPermission;
  readonly resource: UmaResource;
}

/** What is granted for a ticket, and what that rests on. */
export interface UmaGrant {
  readonly ticketKey: string;
  readonly authorization: Authorization;
  readonly permissions: readonly UmaPermission[];
  /** Resources as they were read before the policies were. */
  readonly resources: readonly Pick<UmaResource, "id" | "revision">[];
  /** Permissions of an earlier token that are carried over, by their ids. */
  readonly carried: readonly string[];
}

/** Permission tickets, and what they were turned into. */
export interface UmaTicketStore {
  insertUmaTicket(ticket: UmaTicket): Promise<void>;
  findUmaTicket(key: string): Promise<UmaTicket | undefined>;
  /** Spends the ticket for a client; false when another request did, or it is another client's. */
  consumeUmaTicket(key: string, clientId: string): Promise<boolean>;
  /** Spends the ticket for its successor, whose client's it must be; false as above. */
  rotateUmaTicket(
    key: string,
    successor: BoundTicket,
    requests: readonly UmaRequest[],
  ): Promise<boolean>;
  /** Binds the ticket to a client and lets it live on; false as above. */
  keepUmaTicket(
    ticket: Pick<BoundTicket, "key" | "clientId" | "expiresAt">,
    requests: readonly UmaRequest[],
  ): Promise<boolean>;
  /** Spends the ticket and writes all that it gives; false when any of what it rests on changed. */
  grantUmaTicket(grant: UmaGrant): Promise<boolean>;
  /** What a token of the authorization still permits, each with its resource. */
  listUmaPermissions(authorizationId: string, now: number): Promise<readonly LivePermission[]>;
}

/** In one order, so that of two who write the same rows one waits for the other. */
function sorted<Row extends { readonly id: string }>(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted(({ id: one }, { id: other }) => (one < other ? -1 : one > other ? 1 : 0));
}

/** Writes requests that are not there yet; one that is keeps the owner's answer. */
function ask(q: Queries, { umaRequests: u }: Tables, requests: readonly UmaRequest[]): Statement[] {
  return sorted(requests).map((request) =>
    q
      .insert(u)
      .values(request)
      .onConflictDoUpdate({
        target: u.id,
        // A request that is asked again lives on; a decision has no end that could be earlier.
        set: {
          expiresAt: sql`CASE WHEN ${u.state} = 'pending' THEN excluded.expires_at ELSE ${u.expiresAt} END`,
        },
      }),
  );
}

/** Tickets over either dialect. */
export function umaTicketStore(db: Database, t: Tables): UmaTicketStore {
  const { umaTickets: k, umaPermissions: m, umaResources: r } = t;
  /** Whoever bound the ticket since it was read has it. */
  const usable = (key: string, clientId: string) =>
    and(eq(k.key, key), or(isNull(k.clientId), eq(k.clientId, clientId)));
  const spend = (q: Queries, key: string, clientId: string): Guarded => ({
    statement: q.delete(k).where(usable(key, clientId)).returning({ key: k.key }),
    lost: new Outpaced(key),
  });
  /** Holds a row as it was read until the grant is written: who changes it waits, or has won. */
  const holdResource = (q: Queries, { id, revision }: Pick<UmaResource, "id" | "revision">) => ({
    statement: q
      .update(r)
      .set({ revision })
      .where(and(eq(r.id, id), eq(r.revision, revision)))
      .returning({ id: r.id }),
    lost: new Outpaced(id),
  });
  const holdPermission = (q: Queries, id: string) => ({
    statement: q.update(m).set({ id }).where(eq(m.id, id)).returning({ id: m.id }),
    lost: new Outpaced(id),
  });
  return {
    async insertUmaTicket(ticket) {
      await db.write((q) => q.insert(k).values(ticket));
    },
    async findUmaTicket(key) {
      const [row] = await db.read((q) => q.select().from(k).where(eq(k.key, key)));
      return row;
    },
    async consumeUmaTicket(key, clientId) {
      const rows = await db.write((q) =>
        q.delete(k).where(usable(key, clientId)).returning({ key: k.key }),
      );
      return rows.length === 1;
    },
    rotateUmaTicket: (key, successor, requests) =>
      wins(db, (q) => [
        spend(q, key, successor.clientId),
        q.insert(k).values(successor),
        ...ask(q, t, requests),
      ]),
    keepUmaTicket: ({ key, clientId, expiresAt }, requests) =>
      wins(db, (q) => [
        {
          statement: q
            .update(k)
            .set({ clientId, expiresAt })
            .where(usable(key, clientId))
            .returning({ key: k.key }),
          lost: new Outpaced(key),
        },
        ...ask(q, t, requests),
      ]),
    grantUmaTicket: ({ ticketKey, authorization, permissions, resources, carried }) =>
      wins(db, (q) => [
        spend(q, ticketKey, authorization.clientId),
        ...sorted(resources).map((resource) => holdResource(q, resource)),
        ...carried.map((id) => holdPermission(q, id)),
        q.insert(t.authorizations).values(authorization),
        ...permissions.map((permission) => q.insert(m).values(permission)),
      ]),
    listUmaPermissions: (authorizationId, now) =>
      db.read((q) =>
        q
          .select({ permission: m, resource: r })
          .from(m)
          .innerJoin(r, eq(r.id, m.resourceId))
          .where(and(eq(m.authorizationId, authorizationId), gt(m.expiresAt, now))),
      ),
  };
}
