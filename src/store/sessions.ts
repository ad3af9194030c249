import { and, desc, eq, lt } from "drizzle-orm";
import type { Database } from "./database.ts";
import type { Tables } from "./tables.ts";

/** A browser in which a user is signed in. */
export type Session = Tables["sessions"]["$inferSelect"];

/** What changes when a user signs in anew in a session of his. */
export type SessionRenewal = Pick<
  Session,
  "hash" | "authTime" | "amr" | "device" | "lastSeenAt" | "expiresAt"
>;

/** Sign-in sessions. */
export interface SessionStore {
  insertSession(session: Session): Promise<void>;
  findSessionByHash(hash: string): Promise<Session | undefined>;
  findSession(id: string): Promise<Session | undefined>;
  /** The user's sessions, newest first. */
  listSessions(userId: string): Promise<readonly Session[]>;
  /** Notes that the session was used, unless that was noted after `before`. */
  touchSession(id: string, seen: { now: number; before: number }): Promise<void>;
  /** Gives a session its new secret; false when it has another than `hash` by now, or is gone. */
  rotateSession(id: string, hash: string, renewed: SessionRenewal): Promise<boolean>;
  /** Ends the session; false when it was gone. */
  deleteSession(id: string): Promise<boolean>;
  /** Ends all sessions of the user, and tells which they were. */
  deleteSessionsOfUser(userId: string): Promise<readonly string[]>;
}

/** Sessions over either dialect. */
export function sessionStore(db: Database, { sessions }: Tables): SessionStore {
  return {
    async insertSession(session) {
      await db.write((q) => q.insert(sessions).values(session));
    },
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
    async rotateSession(id, hash, renewed) {
      const rows = await db.write((q) =>
        q
          .update(sessions)
          .set(renewed)
          .where(and(eq(sessions.id, id), eq(sessions.hash, hash)))
          .returning({ id: sessions.id }),
      );
      return rows.length === 1;
    },
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
