import { clientView } from "../protocol/client_metadata.ts";
import { identifiersOf } from "../protocol/user_metadata.ts";
import { secretRow, usesSecret } from "../services/client_secrets.ts";
import { isSecretOf, newId } from "../services/ids.ts";
import { nextUpdate } from "../services/next_update.ts";
import type { Services } from "../services/services.ts";
import type { Client, ClientSecret, ClientWrite } from "../store/clients.ts";
import type { Origin } from "../store/tables.ts";
import type { UserWrite } from "../store/users.ts";
import type { ClientEntry } from "./party_check.ts";
import type { PlannedClient, PlannedUser } from "./party_collisions.ts";

/** What becomes of an entry. */
export type Change = "created" | "changed" | "unchanged";

/** The row of a client. Unchanged clients are not written, so that `updated_at` stays true. */
export function clientWrite(
  { entry, stored }: PlannedClient,
  services: Services,
  origin: Origin = "admin",
): { readonly write: ClientWrite; readonly change: Change } {
  const now = services.now();
  const secrets = nextSecrets(entry, stored, services);
  const same = stored !== undefined && Bun.deepEquals(stored.metadata, entry.metadata, true);
  const row = {
    id: entry.id,
    metadata: entry.metadata,
    origin,
    createdAt: now,
    updatedAt: nextUpdate(now, stored),
    notBefore: now - 1,
  };
  const change = stored ? (same && !secrets ? "unchanged" : "changed") : "created";
  return { write: { row, seenAt: stored?.updatedAt, secrets }, change };
}

/** The secrets to write, or undefined to leave them as they are. */
function nextSecrets(
  entry: ClientEntry,
  stored: Client | undefined,
  services: Services,
): readonly ClientSecret[] | undefined {
  const { id: clientId, metadata, secret, secretExpiresAt } = entry;
  if (secret === undefined) return stored && keptSecrets(entry, stored);
  const secrets = stored?.secrets ?? [];
  const { authMethod } = clientView(metadata);
  const expiresAt = secretExpiresAt ?? null;
  const fresh = secretRow(secret, { clientId, authMethod, expiresAt }, services);
  const known = secrets.find(({ hash }) => isSecretOf(hash, secret));
  if (!known) return [fresh];
  const { createdAt, lastUsedAt, sealed } = known;
  const needsSeal = fresh.sealed !== null && (sealed === null || !services.secret.isNewest(sealed));
  const same = secrets.length === 1 && known.expiresAt === expiresAt && !needsSeal;
  if (same) return undefined;
  return [needsSeal ? { ...fresh, createdAt, lastUsedAt } : { ...known, expiresAt }];
}

/** The same where none is given. What its method no longer reads would live again with the next one that does. */
function keptSecrets(
  { metadata, secretExpiresAt }: ClientEntry,
  { authMethod, secrets }: Client,
): readonly ClientSecret[] | undefined {
  if (usesSecret(authMethod) && !usesSecret(clientView(metadata).authMethod)) return [];
  return secretExpiresAt === undefined ? undefined : withEnd(secrets, secretExpiresAt);
}

/**
 * The secrets when the newest ends then (null for never), or undefined when that is so already. Those
 * that it replaced end with it at the latest: what a rotation let run out never lives again.
 */
function withEnd(
  stored: readonly ClientSecret[],
  end: number | null,
): readonly ClientSecret[] | undefined {
  const [newest, ...older] = stored.toSorted(
    (a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1),
  );
  if (!newest) return undefined;
  const ended = [
    { ...newest, expiresAt: end },
    ...older.map((row) => ({ ...row, expiresAt: earlier(row.expiresAt, end) })),
  ];
  const before = new Map(stored.map(({ id, expiresAt }) => [id, expiresAt]));
  return ended.some(({ id, expiresAt }) => before.get(id) !== expiresAt) ? ended : undefined;
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

/** The row of a user. A password that verifies against the stored hash is no change. */
export async function userWrite(
  { entry, stored }: PlannedUser,
  services: Services,
  origin: Origin = "admin",
): Promise<{ readonly write: UserWrite; readonly change: Change }> {
  const { user, password, secondFactor } = entry;
  const now = services.now();
  const passwordHash = await nextHash(password, stored?.passwordHash ?? null, services);
  const passwordChanged = stored !== undefined && passwordHash !== stored.passwordHash;
  const same =
    stored !== undefined &&
    !passwordChanged &&
    stored.username === user.username &&
    stored.phoneNumber === user.phoneNumber &&
    stored.email === user.email &&
    (secondFactor === undefined || stored.secondFactor === secondFactor) &&
    Bun.deepEquals(stored.claims, user.claims, true);
  const row = {
    id: stored?.id ?? newId(),
    ...user,
    passwordHash,
    ...(secondFactor !== undefined && { secondFactor }),
    origin,
    createdAt: now,
    updatedAt: nextUpdate(now, stored),
    notBefore: stored ? now : now - 1,
  };
  const change = stored ? (same ? "unchanged" : "changed") : "created";
  const identifiers = identifiersOf(user);
  return { write: { row, seenAt: stored?.updatedAt, identifiers, passwordChanged }, change };
}

async function nextHash(
  password: string | undefined,
  hash: string | null,
  { passwords }: Services,
): Promise<string | null> {
  if (password === undefined) return hash;
  const same = hash !== null && (await passwords.verify(password, hash));
  return same ? hash : passwords.hash(password);
}
