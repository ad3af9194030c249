import { normalizeIdentifier } from "../protocol/identifier.ts";
import { identifiersOf, secondFactorFault } from "../protocol/user_metadata.ts";
import type { Client } from "../store/clients.ts";
import type { Store } from "../store/store.ts";
import type { User } from "../store/users.ts";
import { mapBounded } from "./bounded.ts";
import type { Checked, ClientEntry, UserEntry } from "./party_check.ts";
import { quote } from "./quote.ts";

/** A client entry and the client that it changes, if there is one. */
export interface PlannedClient {
  readonly entry: ClientEntry;
  readonly stored: Client | undefined;
}

/** A user entry and the user whom it changes, if there is one. */
export interface PlannedUser {
  readonly entry: UserEntry;
  readonly stored: User | undefined;
}

/** Entries matched with what is stored. */
export interface Planned {
  readonly clients: readonly PlannedClient[];
  readonly users: readonly PlannedUser[];
  readonly faults: readonly string[];
}

/** Questions to the database that are under way at a time. */
const QUERIES_MAX = 8;

/** Finds what the entries change, and what stands against them: each other, or what is stored. */
export async function planEntries(checked: Checked, store: Store): Promise<Planned> {
  const clients = await mapBounded(checked.clients, QUERIES_MAX, (entry) =>
    planClient(entry, store),
  );
  const identifiers = ownersOf(checked.users);
  const users = await mapBounded(checked.users, QUERIES_MAX, (entry) =>
    planUser(entry, { store, identifiers }),
  );
  return {
    clients,
    users,
    faults: [
      ...repeated(checked.clients, ({ id }) => [id]).map(
        ({ entry, first }) => `${entry.label}: client_id is that of ${first.label} too`,
      ),
      ...repeated(checked.users, ({ user }) => identifiersOf(user)).map(
        ({ entry, first, name }) =>
          `${entry.label}: ${fieldOf(entry, name)} leads to ${first.label} too`,
      ),
      ...clients.flatMap(({ faults }) => faults),
      ...users.flatMap(({ faults }) => faults),
    ],
  };
}

async function planClient(entry: ClientEntry, store: Store) {
  const [stored, user] = await Promise.all([store.findClient(entry.id), store.findUser(entry.id)]);
  // Both stand in `sub`: a client that had a user's id could pass for him (RFC 9068 §5).
  const faults = user ? [`${entry.label}: client_id is the id of a user`] : [];
  return { entry, stored, faults };
}

/** Who has an identifier once all entries are written. */
type Owners = ReadonlyMap<string, UserEntry>;

function ownersOf(users: readonly UserEntry[]): Owners {
  return new Map(users.flatMap((entry) => identifiersOf(entry.user).map((name) => [name, entry])));
}

async function planUser(
  entry: UserEntry,
  { store, identifiers }: { store: Store; identifiers: Owners },
) {
  const username = normalizeIdentifier(entry.user.username);
  const found = await Promise.all(
    identifiersOf(entry.user).map(async (name) => ({
      name,
      owner: await store.findUserByIdentifier(name),
    })),
  );
  const isHimself = (owner: User) => normalizeIdentifier(owner.username) === username;
  const stored = found.find(({ owner }) => owner && isHimself(owner))?.owner;
  const secondFactor = entry.secondFactor === undefined ? stored?.secondFactor : entry.secondFactor;
  const unreachable = secondFactorFault(entry.user, secondFactor ?? null);
  const taken = found.flatMap(({ name, owner }) => {
    if (!owner || isHimself(owner) || releases(owner, name, identifiers)) return [];
    return [
      `${entry.label}: ${fieldOf(entry, name)} leads to the user ${quote(owner.username)} already`,
    ];
  });
  const faults =
    unreachable === undefined ? taken : [...taken, `${entry.label}: second_factor ${unreachable}`];
  return { entry, stored, faults };
}

/** Whether the same import writes the owner without this identifier. */
function releases(owner: User, name: string, identifiers: Owners): boolean {
  const next = identifiers.get(normalizeIdentifier(owner.username));
  if (!next) return false;
  const isOwner = normalizeIdentifier(next.user.username) === normalizeIdentifier(owner.username);
  return isOwner && !identifiersOf(next.user).includes(name);
}

/** Entries that claim a name which an earlier entry has. */
function repeated<E>(entries: readonly E[], namesOf: (entry: E) => readonly string[]) {
  const firsts = new Map<string, E>();
  return entries.flatMap((entry) =>
    namesOf(entry).flatMap((name) => {
      const first = firsts.get(name);
      if (first !== undefined) return [{ entry, first, name }];
      firsts.set(name, entry);
      return [];
    }),
  );
}

/** The member of the entry that gives this identifier. */
export function fieldOf({ user }: UserEntry, name: string): string {
  if (normalizeIdentifier(user.username) === name) return "username";
  return user.email !== null && normalizeIdentifier(user.email) === name ? "email" : "phone_number";
}
