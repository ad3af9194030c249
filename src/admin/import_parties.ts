import { clientView } from "../protocol/client_metadata.ts";
import type { Capabilities } from "../protocol/metadata_faults.ts";
import { needsSeal, usesSecret } from "../services/client_secrets.ts";
import { endAllSessions } from "../services/logout.ts";
import type { Services } from "../services/services.ts";
import { type Outpaced, outpacedOf } from "../store/database.ts";
import { mapBounded } from "./bounded.ts";
import { checkEntries } from "./party_check.ts";
import { fieldOf, type Planned, planEntries } from "./party_collisions.ts";
import type { Entry } from "./party_files.ts";
import { type Change, clientWrite, userWrite } from "./party_writes.ts";
import { quote } from "./quote.ts";

/** Argon2id hashes that are computed at a time. */
const HASHES_MAX = 4;

/** What an import did, or why it did nothing: then `faults` has lines and nothing was changed. */
export interface Imported {
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
  readonly clients: readonly Change[];
  readonly users: readonly Change[];
}

/**
 * Checks all entries, alone, together and against what is stored, then writes all or none. A user
 * whose password changes loses his authorizations. With any fault nothing is written, and that
 * somebody else changed meanwhile what an entry is about is one. Throws what the store throws.
 */
export async function importEntries(
  entries: readonly Entry[],
  { services, capabilities }: { services: Services; capabilities: Capabilities },
  { fileFaults = [], newOnly = false }: ImportOptions = {},
): Promise<Imported> {
  const checked = checkEntries(entries, capabilities);
  const planned = await planEntries(checked, services.store);
  const warnings = [...checked.warnings, ...plannedWarnings(planned)];
  const known = newOnly ? knownFaults(planned) : [];
  const faults = [...fileFaults, ...checked.faults, ...planned.faults, ...known];
  if (faults.length > 0) return { faults, warnings, clients: [], users: [] };
  const clients = planned.clients.map((plan) => clientWrite(plan, services));
  const users = await mapBounded(planned.users, HASHES_MAX, (plan) => userWrite(plan, services));
  try {
    await writeChanges({ clients, users }, services);
  } catch (error) {
    const outpaced = outpacedOf(error);
    if (!outpaced) throw error;
    const fault = outpacedFault(outpaced, planned, { clients, users });
    return { faults: [fault], warnings, clients: [], users: [] };
  }
  return {
    faults,
    warnings,
    clients: clients.map(({ change }) => change),
    users: users.map(({ change }) => change),
  };
}

/** How entries are imported. */
export interface ImportOptions {
  /** Faults found before, with which nothing is written. */
  readonly fileFaults?: readonly string[];
  /** Whether an entry whose client or user is there already is a fault. */
  readonly newOnly?: boolean;
}

interface Changes {
  readonly clients: readonly ReturnType<typeof clientWrite>[];
  readonly users: readonly Awaited<ReturnType<typeof userWrite>>[];
}

/**
 * Writes what changed in one transaction, ends the authorizations and sessions that a changed
 * password ends, and tells the audit log.
 */
export async function writeChanges(changes: Changes, services: Services): Promise<void> {
  const { store, audit, now } = services;
  const clients = changes.clients.filter(({ change }) => change !== "unchanged");
  const users = changes.users.filter(({ change }) => change !== "unchanged");
  if (clients.length + users.length === 0) return;
  await store.writeParties({
    clients: clients.map(({ write }) => write),
    users: users.map(({ write }) => write),
  });
  const withNewPassword = users.filter(({ write }) => write.passwordChanged);
  await mapBounded(withNewPassword, HASHES_MAX, async ({ write }) => {
    await store.revokeAuthorizationsOfUser(write.row.id, now());
    await endAllSessions(write.row.id, services);
  });
  await Promise.all([
    ...clients.map(({ write, change }) =>
      audit.record("client.written", { clientId: write.row.id, details: { change } }),
    ),
    ...users.map(({ write, change }) =>
      audit.record("user.written", { userId: write.row.id, details: { change } }),
    ),
    ...withNewPassword.map(({ write }) =>
      audit.record("user.password_set", { userId: write.row.id }),
    ),
  ]);
}

function knownFaults({ clients, users }: Planned): readonly string[] {
  return [
    ...clients.flatMap(({ entry, stored }) =>
      stored ? [`${entry.label}: there is a client ${quote(stored.id)} already`] : [],
    ),
    ...users.flatMap(({ entry, stored }) =>
      stored ? [`${entry.label}: there is a user ${quote(stored.username)} already`] : [],
    ),
  ];
}

/** Which entry somebody else was faster with, and at what. */
function outpacedFault(
  { id, identifier }: Outpaced,
  planned: Planned,
  { clients, users }: Changes,
): string {
  const isIt = ({ write }: { write: { row: { id: string } } }) => write.row.id === id;
  const user = planned.users[users.findIndex(isIt)];
  if (user && identifier !== undefined) {
    return `${user.entry.label}: somebody else took its ${fieldOf(user.entry, identifier)} meanwhile`;
  }
  const plan = user ?? planned.clients[clients.findIndex(isIt)];
  const did = plan?.stored ? "changed or deleted" : "added";
  return `${plan?.entry.label}: somebody else ${did} this ${user ? "user" : "client"} meanwhile`;
}

/** What is odd only beside what is stored. */
function plannedWarnings({ clients, users }: Planned): readonly string[] {
  const statusWarning = ({
    entry,
    stored,
  }: Planned["clients"][number] | Planned["users"][number]) =>
    entry.disabled && (stored?.disabledAt ?? null) === null
      ? [`${entry.label}: disabled_at is ignored; disable it by \`bun run admin\``]
      : [];
  const secretWarning = ({ entry, stored }: Planned["clients"][number]) => {
    const { authMethod } = clientView(entry.metadata);
    const usable = (stored?.secrets ?? []).filter(
      ({ sealed }) => sealed !== null || !needsSeal(authMethod),
    );
    const hasSecret = entry.secret !== undefined || usable.length > 0;
    return usesSecret(authMethod) && !hasSecret
      ? [`${entry.label}: client_secret is missing, and ${authMethod} needs one`]
      : [];
  };
  return [...clients.flatMap(secretWarning), ...[...clients, ...users].flatMap(statusWarning)];
}
