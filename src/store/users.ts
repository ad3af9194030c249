import { and, asc, eq } from "drizzle-orm";
import type { SQLiteUpdateSetSource } from "drizzle-orm/sqlite-core";
import { normalizeIdentifier } from "../protocol/identifier.ts";
import { type Cache, createCache } from "./cache.ts";
import { compareTexts } from "./compare_texts.ts";
import {
  type Database,
  type Guarded,
  later,
  Outpaced,
  type Queries,
  type Statement,
  updatedNow,
} from "./database.ts";
import type { Tables } from "./tables.ts";
import { umaOfUser } from "./uma.ts";

/** A user. */
export type User = Tables["users"]["$inferSelect"];

/** A user as it is written, with every identifier that leads to him. */
export interface UserWrite {
  /** Of a user who is changed, only addresses, claims, `updatedAt` and a new password are written. */
  readonly row: Tables["users"]["$inferInsert"];
  /** `updatedAt` of the user whom this changes, as it was read; undefined for a new one. */
  readonly seenAt?: number | undefined;
  /** Normalized login names: the username, and phone number and e-mail once verified. */
  readonly identifiers: readonly string[];
  /** Whether a known user's password changes, which ends all authorizations. */
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
  /** Sets where a second factor is sent when the user signs in; null asks for none. */
  setSecondFactor(id: string, secondFactor: User["secondFactor"]): Promise<boolean>;
  /** Changes the password and nothing else, and kills every token issued up to `now`, in Unix
   *  seconds. False when there is no such user. */
  setPassword(id: string, password: NewPassword): Promise<boolean>;
  deleteUser(id: string): Promise<boolean>;
}

/** The hash of a new password, and the time. */
export interface NewPassword {
  readonly passwordHash: string;
  readonly now: number;
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
    setSecondFactor: (id, secondFactor) => change(id, { secondFactor }),
    setPassword: (id, { passwordHash, now }) =>
      change(id, {
        passwordHash,
        updatedAt: updatedNow(t.users.updatedAt, now),
        notBefore: later(t.users.notBefore, now),
      }),
    async deleteUser(id) {
      const existed = (await load(id)) !== undefined;
      await db.atomically((q) => [
        q.delete(t.users).where(eq(t.users.id, id)),
        q.delete(t.userIdentifiers).where(eq(t.userIdentifiers.userId, id)),
        q.delete(t.authorizations).where(eq(t.authorizations.userId, id)),
        q.delete(t.sessions).where(eq(t.sessions.userId, id)),
        q.delete(t.consents).where(eq(t.consents.userId, id)),
        ...umaOfUser(q, t, id),
      ]);
      cache.forget(id);
      return existed;
    },
  };
}

/**
 * The statements that write users; the caller runs them atomically. All old identifiers go before
 * new ones come, so that one may pass from one user to another. They fail with
 * {@linkcode Outpaced} when a known user is not as he was read, or an identifier is another's.
 */
export function userStatements(
  q: Queries,
  t: Tables,
  users: readonly UserWrite[],
): readonly (Statement | Guarded)[] {
  const rows = users.map((user) => rowStatement(q, t, user));
  const removals = users.map(({ row }) =>
    q.delete(t.userIdentifiers).where(eq(t.userIdentifiers.userId, row.id)),
  );
  // In one order over all users: who inserts what another is about to insert waits for him.
  const names = users
    .flatMap(({ row, identifiers }) => identifiers.map((name) => ({ name, userId: row.id })))
    .sort((a, b) => compareTexts(a.name, b.name));
  const insertions = names.map(({ name: identifier, userId }) => ({
    statement: q
      .insert(t.userIdentifiers)
      .values({ identifier, userId })
      .onConflictDoNothing()
      .returning({ identifier: t.userIdentifiers.identifier }),
    lost: new Outpaced(userId, identifier),
  }));
  return [...rows, ...removals, ...insertions];
}

/** What is not stated here stays as the database has it: whoever disabled the user meanwhile meant it. */
function rowStatement(q: Queries, t: Tables, { row, seenAt, passwordChanged }: UserWrite): Guarded {
  const { id, username, phoneNumber, email, claims, secondFactor, updatedAt } = row;
  const lost = new Outpaced(id);
  const found = { id: t.users.id };
  if (seenAt === undefined) {
    const statement = q.insert(t.users).values(row).onConflictDoNothing().returning(found);
    return { statement, lost };
  }
  const password = passwordChanged && {
    passwordHash: row.passwordHash,
    notBefore: later(t.users.notBefore, row.notBefore),
  };
  const factor = secondFactor !== undefined && { secondFactor };
  const statement = q
    .update(t.users)
    .set({ username, phoneNumber, email, claims, updatedAt, ...factor, ...password })
    .where(and(eq(t.users.id, id), eq(t.users.updatedAt, seenAt)))
    .returning(found);
  return { statement, lost };
}

/** A fresh copy cache for users. */
export const userCache = () => createCache<User>();
