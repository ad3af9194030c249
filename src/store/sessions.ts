import { and, desc, eq, isNull, lt } from "drizzle-orm";
import { type Database, type Guarded, Outpaced, type Queries, wins } from "./database.ts";
import type { Tables } from "./tables.ts";
import type { User } from "./users.ts";

/** A browser in which a user is signed in. */
export type Session = Tables["sessions"]["$inferSelect"];

/** What changes when a user signs in anew in a session of his. */
export type SessionRenewal = Pick<
  Session,
  "hash" | "authTime" | "amr" | "device" | "lastSeenAt" | "expiresAt"
>;

/** The user as he was when he proved himself. */
export type SignInGrounds = Pick<User, "id" | "passwordHash" | "secondFactor" | "notBefore">;

/** Sign-in sessions. */
export interface SessionStore {
  /**
   * Writes a new session. With grounds, it begins only while the user is enabled and still as he
   * was when he proved himself; false when he is not.
   */
  insertSession(session: Session, grounds?: SignInGrounds): Promise<boolean>;
  findSessionByHash(hash: string): Promise<Session | undefined>;
  findSession(id: string): Promise<Session | undefined>;
  /** The user's sessions, newest first. */
  listSessions(userId: string): Promise<readonly Session[]>;
  /** Notes that the session was used, unless that was noted after `before`. */
  touchSession(id: string, seen: { now: number; before: number }): Promise<void>;
  /**
   * Gives a session its new secret; false when it has another than `hash` by now, or is gone, or
   * the user is no more as he was when he proved himself.
   */
  rotateSession(renewal: Renewal, grounds: SignInGrounds): Promise<boolean>;
  /** Ends the session; false when it was gone. */
  deleteSession(id: string): Promise<boolean>;
  /** Ends all sessions of the user, and tells which they were. */
  deleteSessionsOfUser(userId: string): Promise<readonly string[]>;
}

/** A session's next secret and sign-in. */
export interface Renewal {
  readonly id: string;
  /** SHA-256 of the cookie that it has now. */
  readonly hash: string;
  readonly renewed: SessionRenewal;
}

/**
 * Holds the user's row as it was seen until the session is written: who changes his password, or
 * disables him, either comes first and is seen here, or waits and then finds the session to end.
 */
function guardOf(q: Queries, { users }: Tables, grounds: SignInGrounds): Guarded {
  const { id, passwordHash, secondFactor, notBefore } = grounds;
  const statement = q
    .update(users)
    .set({ notBefore })
    .where(
      and(
        eq(users.id, id),
        isNull(users.disabledAt),
        eq(users.notBefore, notBefore),
        passwordHash === null ? isNull(users.passwordHash) : eq(users.passwordHash, passwordHash),
        secondFactor === null ? isNull(users.secondFactor) : eq(users.secondFactor, secondFactor),
      ),
    )
    .returning({ id: users.id });
  return { statement, lost: new Outpaced(id) };
}

/** Sessions over either dialect. */
export function sessionStore(db: Database, t: Tables): SessionStore {
  const { sessions } = t;
  return {
    insertSession: (session, grounds) =>
      wins(db, (q) => [
        ...(grounds ? [guardOf(q, t, grounds)] : []),
        q.insert(sessions).values(session),
      ]),
    async findSessionByHash(hash) {
      const [row] = await db.read((q) => q.select().from(sessions).where(eq(sessions.hash, hash)));
      return row;
    },
    async findSession(id) {
      const [row] = await db.read((q) => q.select().from(sessions).where(eq(sessions.id, id)));
      return row;
    },
    listSessions: (userId) =>
      db.read((q) =>
        q
          .select()
          .from(sessions)
          .where(eq(sessions.userId, userId))
          .orderBy(desc(sessions.createdAt)),
      ),
    async touchSession(id, { now, before }) {
      await db.write((q) =>
        q
          .update(sessions)
          .set({ lastSeenAt: now })
          .where(and(eq(sessions.id, id), lt(sessions.lastSeenAt, before))),
      );
    },
    rotateSession: ({ id, hash, renewed }, grounds) =>
      wins(db, (q) => [
        guardOf(q, t, grounds),
        {
          statement: q
            .update(sessions)
            .set(renewed)
            .where(and(eq(sessions.id, id), eq(sessions.hash, hash)))
            .returning({ id: sessions.id }),
          lost: new Outpaced(id),
        },
      ]),
    async deleteSession(id) {
      const rows = await db.write((q) =>
        q.delete(sessions).where(eq(sessions.id, id)).returning({ id: sessions.id }),
      );
      return rows.length === 1;
    },
    async deleteSessionsOfUser(userId) {
      const rows = await db.write((q) =>
        q.delete(sessions).where(eq(sessions.userId, userId)).returning({ id: sessions.id }),
      );
      return rows.map(({ id }) => id);
    },
  };
}
