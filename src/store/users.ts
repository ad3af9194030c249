import { asc, eq } from "drizzle-orm";
import type { SQLiteUpdateSetSource } from "drizzle-orm/sqlite-core";
import { normalizeIdentifier } from "../protocol/identifier.ts";
import { type Cache, createCache } from "./cache.ts";
import { type Database, later, type Queries, type Statement } from "./database.ts";
import type { Tables } from "./tables.ts";

/** A user. */
export type User = Tables["users"]["$inferSelect"];

/** A user as it is written, with every identifier that leads to him. */
export interface UserWrite {
  readonly row: Tables["users"]["$inferInsert"];
  /** Normalized login names: the username, and phone number and e-mail once verified. */
  readonly identifiers: readonly string[];
  /** Whether the password changed, which ends all authorizations. */
  readonly passwordChanged: boolean;
}

/** Users and the one namespace of what they sign in with (decisions D6). */
export interface UserStore {
  /** By id, from a copy at most a second old. */
  findUser(id: string): Promise<User | undefined>;
  /** By login, verified phone number or verified e-mail address; reads the database. */
  findUserByIdentifier(identifier: string): Promise<User | undefined>;
  listUsers(): Promise<readonly User[]>;
  setUserDisabled(id: string, disabledAt: number | null): Promise<boolean>;
  /** Kills every token issued for the user up to this second; an earlier one changes nothing. */
  setUserNotBefore(id: string, notBefore: number): Promise<boolean>;
  deleteUser(id: string): Promise<boolean>;
}

/** Users over either dialect. */
export function userStore(db: Database, t: Tables, cache: Cache<User>): UserStore {
  async function load(id: string): Promise<User | undefined> {
    const [user] = await db.read((q) => q.select().from(t.users).where(eq(t.users.id, id)));
    return user;
  }
  async function change(id: string, set: SQLiteUpdateSetSource<Tables["users"]>) {
    const rows = await db.write((q) =>
      q.update(t.users).set(set).where(eq(t.users.id, id)).returning({ id: t.users.id }),
    );
    cache.forget(id);
    return rows.length === 1;
  }
  return {
    findUser: (id) => cache.get(id, () => load(id)),
    async findUserByIdentifier(identifier) {
      const [found] = await db.read((q) =>
        q
          .select({ user: t.users })
          .from(t.userIdentifiers)
          .innerJoin(t.users, eq(t.users.id, t.userIdentifiers.userId))
          .where(eq(t.userIdentifiers.identifier, normalizeIdentifier(identifier))),
      );
      return found?.user;
    },
    listUsers: () => db.read((q) => q.select().from(t.users).orderBy(asc(t.users.username))),
    setUserDisabled: (id, disabledAt) => change(id, { disabledAt }),
    setUserNotBefore: (id, notBefore) =>
      change(id, { notBefore: later(t.users.notBefore, notBefore) }),
    async deleteUser(id) {
      const existed = (await load(id)) !== undefined;
      await db.atomically((q) => [
        q.delete(t.users).where(eq(t.users.id, id)),
        q.delete(t.userIdentifiers).where(eq(t.userIdentifiers.userId, id)),
        q.delete(t.authorizations).where(eq(t.authorizations.userId, id)),
      ]);
      cache.forget(id);
      return existed;
    },
  };
}

/**
 * The statements that write users; the caller runs them atomically. All old identifiers go before
 * new ones come, so that one may pass from one user to another.
 */
export function userStatements(
  q: Queries,
  t: Tables,
  users: readonly UserWrite[],
): readonly Statement[] {
  const upserts = users.map(({ row, passwordChanged }) => {
    const { id, origin, createdAt, notBefore, ...changes } = row;
    const ended = passwordChanged && { notBefore: later(t.users.notBefore, notBefore) };
    return q
      .insert(t.users)
      .values({ id, origin, createdAt, notBefore, ...changes })
      .onConflictDoUpdate({ target: t.users.id, set: { ...changes, ...ended } });
  });
  const removals = users.map(({ row }) =>
    q.delete(t.userIdentifiers).where(eq(t.userIdentifiers.userId, row.id)),
  );
  const insertions = users.flatMap(({ row, identifiers }) =>
    identifiers.map((identifier) =>
      q.insert(t.userIdentifiers).values({ identifier, userId: row.id }),
    ),
  );
  return [...upserts, ...removals, ...insertions];
}

/** A fresh copy cache for users. */
export const userCache = () => createCache<User>();
