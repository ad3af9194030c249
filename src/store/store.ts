/**
 * The one interface to what is stored, as a sum of facets, and its one implementation over drizzle
 * for both dialects. Rules that every facet obeys: a single-use thing is spent by one conditional
 * statement that says who won; secrets enter as SHA-256 only, or sealed; times are Unix seconds
 * that the caller brings.
 */
import { sql } from "drizzle-orm";
import { type AuditLogStore, auditLogStore } from "./audit_log.ts";
import { type AuthorizationStore, authorizationStore } from "./authorizations.ts";
import { type ChallengeStore, challengeStore } from "./challenges.ts";
import {
  type ClientStore,
  type ClientWrite,
  clientCache,
  clientStatements,
  clientStore,
} from "./clients.ts";
import { compareTexts } from "./compare_texts.ts";
import type { Database } from "./database.ts";
import { type InteractionStore, interactionStore } from "./interactions.ts";
import { type KeyStore, keyStore } from "./keys.ts";
import { type RecordStore, recordStore } from "./records.ts";
import { type SessionStore, sessionStore } from "./sessions.ts";
import { type SweepStore, sweepStore } from "./sweep.ts";
import type { Tables } from "./tables.ts";
import { type TokenStore, tokenStore } from "./tokens.ts";
import { type UmaStore, umaStore } from "./uma.ts";
import { type UserStore, type UserWrite, userCache, userStatements, userStore } from "./users.ts";

/** Whole seconds since 1970. */
export type Seconds = number;

/** Clients and users that are written together. */
export interface Parties {
  readonly clients: readonly ClientWrite[];
  readonly users: readonly UserWrite[];
}

/** Everything that is stored. */
export interface Store
  extends ClientStore,
    UserStore,
    AuthorizationStore,
    TokenStore,
    SessionStore,
    InteractionStore,
    ChallengeStore,
    KeyStore,
    RecordStore,
    AuditLogStore,
    UmaStore,
    SweepStore {
  /**
   * Writes all clients and users or none. Throws `store_write_failed`, whose cause is `Outpaced`
   * where somebody else was faster.
   */
  writeParties(parties: Parties): Promise<void>;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

function inOrder<W extends { readonly row: { readonly id: string } }>(
  writes: readonly W[],
): readonly W[] {
  return [...writes].sort((a, b) => compareTexts(a.row.id, b.row.id));
}

/** The store over a database of either dialect. */
export function createStore(db: Database, t: Tables): Store {
  const clients = clientCache();
  const users = userCache();
  return {
    ...clientStore(db, t, clients),
    ...userStore(db, t, users),
    ...authorizationStore(db, t),
    ...tokenStore(db, t),
    ...sessionStore(db, t),
    ...interactionStore(db, t),
    ...challengeStore(db, t),
    ...keyStore(db, t),
    ...recordStore(db, t),
    ...auditLogStore(db, t),
    ...umaStore(db, t),
    ...sweepStore(db, t),
    async writeParties(parties) {
      try {
        // In one order, so that of two who write the same parties one waits for the other's rows,
        // and never each for the other's.
        await db.atomically((q) => [
          ...inOrder(parties.clients).flatMap((client) => clientStatements(q, t, client)),
          ...userStatements(q, t, inOrder(parties.users)),
        ]);
      } finally {
        // A write that was outpaced rested on an old copy, which must not serve the next one.
        clients.clear();
        users.clear();
      }
    },
    async ping() {
      await db.read((q) => q.select({ one: sql`1` }).from(t.keys).limit(1));
    },
    close: () => db.close(),
  };
}
