import { and, desc, eq, gt, isNotNull, isNull, like, max, ne, not } from "drizzle-orm";
import type { Database } from "./database.ts";
import type { Tables } from "./tables.ts";

/** What a user granted to a client. Revoking it ends every token that points to it. */
export type Authorization = Tables["authorizations"]["$inferSelect"];

/** An authorization code, as it waits to be redeemed. */
export type Code = Tables["codes"]["$inferSelect"];

/** Scopes that a client holds, and when it was last granted them. */
export interface Access {
  readonly clientId: string;
  readonly scope: readonly string[];
  /** Unix seconds. */
  readonly grantedAt: number;
}

/** A client, and whom it knows a user as. */
export type Acquaintance = Pick<Authorization, "clientId" | "subject">;

/** Authorizations and the codes that stand for new ones. */
export interface AuthorizationStore {
  insertAuthorization(authorization: Authorization): Promise<void>;
  findAuthorization(id: string): Promise<Authorization | undefined>;
  /** Revokes once; false when it is revoked already or does not exist. */
  revokeAuthorization(id: string, now: number): Promise<boolean>;
  revokeAuthorizationsOfUser(userId: string, now: number): Promise<void>;
  revokeAuthorizationsOfClient(clientId: string, now: number): Promise<void>;
  /** Ends what the user granted to one client; false when nothing of it was left. */
  revokeAuthorizationsOfConsent(userId: string, clientId: string, now: number): Promise<boolean>;
  /**
   * What clients may do in the user's name at `now` by authorizations that began after `since`:
   * each client and set of scopes once. Unix seconds.
   */
  listAccess(userId: string, times: { now: number; since: number }): Promise<readonly Access[]>;
  /** Ends what was granted in a session and has no `offline_access`. */
  revokeAuthorizationsOfSession(sessionId: string, now: number): Promise<void>;
  /** The clients that got authorizations in a session, each once with each subject it was given. */
  listClientsOfSession(sessionId: string): Promise<readonly Acquaintance[]>;
  /** Id of the user whom a client knows by that subject, as long as an authorization tells. */
  findUserOfSubject(clientId: string, subject: string): Promise<string | undefined>;
  /** Writes the code and the authorization that it will give. */
  insertCode(code: Code, authorization: Authorization): Promise<void>;
  findCode(key: string): Promise<{ code: Code; authorization: Authorization } | undefined>;
  /** Spends the code; false when another request did (RFC 6749 §4.1.2). */
  consumeCode(key: string, now: number): Promise<boolean>;
}

/** Whether the authorization still carries its tokens. */
export function isLive(authorization: Authorization, now: number): boolean {
  return authorization.revokedAt === null && authorization.expiresAt > now;
}

/** Authorizations over either dialect. */
export function authorizationStore(db: Database, t: Tables): AuthorizationStore {
  const a = t.authorizations;
  return {
    async insertAuthorization(authorization) {
      await db.write((q) => q.insert(a).values(authorization));
    },
    async findAuthorization(id) {
      const [row] = await db.read((q) => q.select().from(a).where(eq(a.id, id)));
      return row;
    },
    async revokeAuthorization(id, now) {
      const rows = await db.write((q) =>
        q
          .update(a)
          .set({ revokedAt: now })
          .where(and(eq(a.id, id), isNull(a.revokedAt)))
          .returning({ id: a.id }),
      );
      return rows.length === 1;
    },
    async revokeAuthorizationsOfUser(userId, now) {
      await db.write((q) =>
        q
          .update(a)
          .set({ revokedAt: now })
          .where(and(eq(a.userId, userId), isNull(a.revokedAt))),
      );
    },
    async revokeAuthorizationsOfClient(clientId, now) {
      await db.write((q) =>
        q
          .update(a)
          .set({ revokedAt: now })
          .where(and(eq(a.clientId, clientId), isNull(a.revokedAt))),
      );
    },
    async revokeAuthorizationsOfConsent(userId, clientId, now) {
      const rows = await db.write((q) =>
        q
          .update(a)
          .set({ revokedAt: now })
          .where(and(eq(a.userId, userId), eq(a.clientId, clientId), isNull(a.revokedAt)))
          .returning({ expiresAt: a.expiresAt }),
      );
      return rows.some(({ expiresAt }) => expiresAt > now);
    },
    async listAccess(userId, { now, since }) {
      const live = and(
        eq(a.userId, userId),
        isNull(a.revokedAt),
        gt(a.expiresAt, now),
        gt(a.createdAt, since),
        // A requesting party token's has none: what it permits is the owner's to see (UMA).
        ne(a.scope, []),
      );
      const grantedAt = max(a.createdAt);
      const rows = await db.read((q) =>
        q
          .select({ clientId: a.clientId, scope: a.scope, grantedAt })
          .from(a)
          .where(live)
          .groupBy(a.clientId, a.scope)
          .orderBy(desc(grantedAt)),
      );
      return rows.map((row) => ({ ...row, grantedAt: row.grantedAt ?? 0 }));
    },
    async revokeAuthorizationsOfSession(sessionId, now) {
      const online = not(like(a.scope, '%"offline_access"%'));
      await db.write((q) =>
        q
          .update(a)
          .set({ revokedAt: now })
          .where(and(eq(a.sessionId, sessionId), online, isNull(a.revokedAt))),
      );
    },
    listClientsOfSession: (sessionId) =>
      db.read((q) =>
        q
          .selectDistinct({ clientId: a.clientId, subject: a.subject })
          .from(a)
          .where(eq(a.sessionId, sessionId)),
      ),
    async findUserOfSubject(clientId, subject) {
      const known = and(eq(a.clientId, clientId), eq(a.subject, subject), isNotNull(a.userId));
      const [row] = await db.read((q) =>
        q.select({ userId: a.userId }).from(a).where(known).limit(1),
      );
      return row?.userId ?? undefined;
    },
    async insertCode(code, authorization) {
      // A code whose authorization is missing is not found, so the order does not matter.
      await Promise.all([
        db.write((q) => q.insert(a).values(authorization)),
        db.write((q) => q.insert(t.codes).values(code)),
      ]);
    },
    async findCode(key) {
      const [row] = await db.read((q) =>
        q
          .select({ code: t.codes, authorization: a })
          .from(t.codes)
          .innerJoin(a, eq(a.id, t.codes.authorizationId))
          .where(eq(t.codes.key, key)),
      );
      return row;
    },
    async consumeCode(key, now) {
      const won = await db.write((q) =>
        q
          .update(t.codes)
          .set({ consumedAt: now })
          .where(and(eq(t.codes.key, key), isNull(t.codes.consumedAt)))
          .returning({ key: t.codes.key }),
      );
      return won.length === 1;
    },
  };
}
