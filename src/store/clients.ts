import { and, asc, eq, gt, isNull, lte, or } from "drizzle-orm";
import type { SQLiteUpdateSetSource } from "drizzle-orm/sqlite-core";
import { type ClientMetadata, type ClientView, clientView } from "../protocol/client_metadata.ts";
import { type Cache, createCache } from "./cache.ts";
import {
  type Database,
  type Guarded,
  later,
  Outpaced,
  type Queries,
  type Statement,
  updatedNow,
  wins,
} from "./database.ts";
import { pairKey } from "./pair_key.ts";
import type { Origin, Tables } from "./tables.ts";
import { umaOfClient } from "./uma.ts";

/** One secret of a client. */
export type ClientSecret = Tables["clientSecrets"]["$inferSelect"];

/** A registered client with its defaults filled in. */
export interface Client extends ClientView {
  readonly id: string;
  readonly metadata: ClientMetadata;
  readonly origin: Origin;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly disabledAt: number | null;
  readonly notBefore: number;
  /** SHA-256 of the registration access token of a dynamic client (RFC 7592 §3). */
  readonly registrationTokenHash: string | null;
  readonly secrets: readonly ClientSecret[];
}

/** A client as it is written; `secrets` replaces what is stored, undefined keeps it. */
export interface ClientWrite {
  /** Of a client that is changed, only metadata and `updatedAt` are written. */
  readonly row: Tables["clients"]["$inferInsert"];
  /** `updatedAt` of the client that this changes, as it was read; undefined for a new one. */
  readonly seenAt?: number | undefined;
  readonly secrets: readonly ClientSecret[] | undefined;
  /** Whether what users let the client do is forgotten with what it was. */
  readonly endsConsents?: boolean;
}

/** Clients and their secrets. */
export interface ClientStore {
  /** The client, disabled or not, from a copy at most a second old. Ids are compared exactly. */
  findClient(id: string): Promise<Client | undefined>;
  listClients(): Promise<readonly Client[]>;
  /** Whether any client or user came from the demo. */
  hasDemoData(): Promise<boolean>;
  /** Whether the browser apps of any client live at the origin. */
  isClientOrigin(origin: string): Promise<boolean>;
  setClientDisabled(id: string, disabledAt: number | null): Promise<boolean>;
  /** Kills every token that the client was issued up to this second; an earlier one changes nothing. */
  setClientNotBefore(id: string, notBefore: number): Promise<boolean>;
  /**
   * Adds a secret and lets the others work until `end` at most; those that are over at `now` go.
   * False when there is no such client. Times in Unix seconds.
   */
  rotateSecret(id: string, rotation: SecretRotation): Promise<boolean>;
  /** Notes the use of a secret, unless one after `before` is noted already. */
  noteSecretUse(use: SecretUse): Promise<void>;
  deleteClient(id: string): Promise<boolean>;
}

/** When which secret was used. Times in Unix seconds. */
export interface SecretUse {
  readonly id: string;
  readonly clientId: string;
  readonly at: number;
  readonly before: number;
}

/** A client's next secret, and when the ones before it end. */
export interface SecretRotation {
  readonly secret: ClientSecret;
  readonly now: number;
  readonly end: number;
}

/** Clients over either dialect. */
export function clientStore(db: Database, t: Tables, cache: Cache<Client>): ClientStore {
  async function load(id: string): Promise<Client | undefined> {
    const [rows, secrets] = await Promise.all([
      db.read((q) => q.select().from(t.clients).where(eq(t.clients.id, id))),
      db.read((q) => q.select().from(t.clientSecrets).where(eq(t.clientSecrets.clientId, id))),
    ]);
    return rows[0] && toClient(rows[0], secrets);
  }
  async function change(id: string, set: SQLiteUpdateSetSource<Tables["clients"]>) {
    const rows = await db.write((q) =>
      q.update(t.clients).set(set).where(eq(t.clients.id, id)).returning({ id: t.clients.id }),
    );
    cache.forget(id);
    return rows.length === 1;
  }
  return {
    findClient: (id) => cache.get(id, () => load(id)),
    async listClients() {
      const rows = await db.read((q) => q.select().from(t.clients).orderBy(asc(t.clients.id)));
      const secrets = await db.read((q) => q.select().from(t.clientSecrets));
      const secretsOf = Map.groupBy(secrets, ({ clientId }) => clientId);
      return rows.map((row) => toClient(row, secretsOf.get(row.id) ?? []));
    },
    async hasDemoData() {
      const [clients, users] = await Promise.all([
        db.read((q) => q.select().from(t.clients).where(eq(t.clients.origin, "demo")).limit(1)),
        db.read((q) => q.select().from(t.users).where(eq(t.users.origin, "demo")).limit(1)),
      ]);
      return clients.length + users.length > 0;
    },
    async isClientOrigin(origin) {
      const rows = await db.read((q) =>
        q.select().from(t.clientOrigins).where(eq(t.clientOrigins.origin, origin)).limit(1),
      );
      return rows.length > 0;
    },
    setClientDisabled: (id, disabledAt) => change(id, { disabledAt }),
    setClientNotBefore: (id, notBefore) =>
      change(id, { notBefore: later(t.clients.notBefore, notBefore) }),
    async rotateSecret(id, rotation) {
      try {
        return await wins(db, (q) => rotationStatements(q, t, { id, ...rotation }));
      } finally {
        cache.forget(id);
      }
    },
    async noteSecretUse({ id, clientId, at, before }) {
      const { lastUsedAt } = t.clientSecrets;
      const stale = or(isNull(lastUsedAt), lte(lastUsedAt, before));
      await db.write((q) =>
        q
          .update(t.clientSecrets)
          .set({ lastUsedAt: at })
          .where(and(eq(t.clientSecrets.id, id), stale)),
      );
      cache.forget(clientId);
    },
    async deleteClient(id) {
      const existed = (await load(id)) !== undefined;
      await db.atomically((q) => [
        q.delete(t.clients).where(eq(t.clients.id, id)),
        q.delete(t.clientSecrets).where(eq(t.clientSecrets.clientId, id)),
        q.delete(t.clientOrigins).where(eq(t.clientOrigins.clientId, id)),
        q.delete(t.codes).where(eq(t.codes.clientId, id)),
        q.delete(t.refreshTokens).where(eq(t.refreshTokens.clientId, id)),
        q.delete(t.authorizations).where(eq(t.authorizations.clientId, id)),
        q.delete(t.consents).where(eq(t.consents.clientId, id)),
        ...umaOfClient(q, t, id),
        q.delete(t.challenges).where(eq(t.challenges.clientId, id)),
      ]);
      cache.forget(id);
      return existed;
    },
  };
}

/** The client's row comes first, so that who deletes or imports the client waits, or has won. */
function rotationStatements(
  q: Queries,
  t: Tables,
  { id, secret, now, end }: SecretRotation & { readonly id: string },
): readonly (Statement | Guarded)[] {
  const { clientId, expiresAt } = t.clientSecrets;
  return [
    {
      statement: q
        .update(t.clients)
        .set({ updatedAt: updatedNow(t.clients.updatedAt, now) })
        .where(eq(t.clients.id, id))
        .returning({ id: t.clients.id }),
      lost: new Outpaced(id),
    },
    q
      .update(t.clientSecrets)
      .set({ expiresAt: end })
      .where(and(eq(clientId, id), or(isNull(expiresAt), gt(expiresAt, end)))),
    q.delete(t.clientSecrets).where(and(eq(clientId, id), lte(expiresAt, now))),
    q.insert(t.clientSecrets).values(secret),
  ];
}

/**
 * The statements that write one client; the caller runs them atomically. They fail with
 * {@linkcode Outpaced} when the id of a new one is taken, or a known one is not as it was read.
 */
export function clientStatements(
  q: Queries,
  t: Tables,
  client: ClientWrite,
): readonly (Statement | Guarded)[] {
  const { row, seenAt } = client;
  const { id, metadata, updatedAt } = row;
  const found = { id: t.clients.id };
  const statement =
    seenAt === undefined
      ? q.insert(t.clients).values(row).onConflictDoNothing().returning(found)
      : q
          .update(t.clients)
          .set({ metadata, updatedAt })
          .where(and(eq(t.clients.id, id), eq(t.clients.updatedAt, seenAt)))
          .returning(found);
  const origins = clientView(metadata).allowedOrigins;
  const written = [
    // First, so that consents which rest on the client as it was are stored by now, or wait for it.
    { statement, lost: new Outpaced(id) },
    ...(client.endsConsents ? [q.delete(t.consents).where(eq(t.consents.clientId, id))] : []),
    q.delete(t.clientOrigins).where(eq(t.clientOrigins.clientId, id)),
    ...origins.map((origin) =>
      q.insert(t.clientOrigins).values({ id: pairKey(id, origin), clientId: id, origin }),
    ),
  ];
  if (client.secrets === undefined) return written;
  return [
    ...written,
    q.delete(t.clientSecrets).where(eq(t.clientSecrets.clientId, id)),
    ...client.secrets.map((secret) => q.insert(t.clientSecrets).values(secret)),
  ];
}

/** A fresh copy cache for clients. */
export const clientCache = () => createCache<Client>();

function toClient(
  row: Tables["clients"]["$inferSelect"],
  secrets: readonly ClientSecret[],
): Client {
  return { ...clientView(row.metadata), ...row, secrets };
}
