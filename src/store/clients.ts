import { asc, eq } from "drizzle-orm";
import type { SQLiteUpdateSetSource } from "drizzle-orm/sqlite-core";
import { type ClientMetadata, type ClientView, clientView } from "../protocol/client_metadata.ts";
import { type Cache, createCache } from "./cache.ts";
import { type Database, later, type Queries, type Statement } from "./database.ts";
import type { Origin, Tables } from "./tables.ts";

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
  readonly secrets: readonly ClientSecret[];
}

/** A client as it is written; `secrets` replaces what is stored, undefined keeps it. */
export interface ClientWrite {
  readonly row: Tables["clients"]["$inferInsert"];
  readonly secrets: readonly ClientSecret[] | undefined;
}

/** Clients and their secrets. */
export interface ClientStore {
  /** The client, disabled or not, from a copy at most a second old. Ids are compared exactly. */
  findClient(id: string): Promise<Client | undefined>;
  listClients(): Promise<readonly Client[]>;
  /** Whether any client or user came from the demo. */
  hasDemoData(): Promise<boolean>;
  setClientDisabled(id: string, disabledAt: number | null): Promise<boolean>;
  /** Kills every token that the client was issued up to this second; an earlier one changes nothing. */
  setClientNotBefore(id: string, notBefore: number): Promise<boolean>;
  deleteClient(id: string): Promise<boolean>;
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
      return rows.map((row) =>
        toClient(
          row,
          secrets.filter((s) => s.clientId === row.id),
        ),
      );
    },
    async hasDemoData() {
      const [clients, users] = await Promise.all([
        db.read((q) => q.select().from(t.clients).where(eq(t.clients.origin, "demo")).limit(1)),
        db.read((q) => q.select().from(t.users).where(eq(t.users.origin, "demo")).limit(1)),
      ]);
      return clients.length + users.length > 0;
    },
    setClientDisabled: (id, disabledAt) => change(id, { disabledAt }),
    setClientNotBefore: (id, notBefore) =>
      change(id, { notBefore: later(t.clients.notBefore, notBefore) }),
    async deleteClient(id) {
      const existed = (await load(id)) !== undefined;
      await db.atomically((q) => [
        q.delete(t.clients).where(eq(t.clients.id, id)),
        q.delete(t.clientSecrets).where(eq(t.clientSecrets.clientId, id)),
        q.delete(t.codes).where(eq(t.codes.clientId, id)),
        q.delete(t.refreshTokens).where(eq(t.refreshTokens.clientId, id)),
        q.delete(t.authorizations).where(eq(t.authorizations.clientId, id)),
      ]);
      cache.forget(id);
      return existed;
    },
  };
}

/** The statements that write one client; the caller runs them atomically. */
export function clientStatements(q: Queries, t: Tables, client: ClientWrite): readonly Statement[] {
  const { id, origin, createdAt, notBefore, ...changes } = client.row;
  const upsert = q
    .insert(t.clients)
    .values({ id, origin, createdAt, notBefore, ...changes })
    .onConflictDoUpdate({ target: t.clients.id, set: changes });
  if (client.secrets === undefined) return [upsert];
  return [
    upsert,
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
