import type { StoredRecord } from "../store/records.ts";
import type { SignInGrounds } from "../store/sessions.ts";
import { hashSecret, newId } from "./ids.ts";
import type { Services } from "./services.ts";

/** A sign-in whose password is proven and whose second factor is not. It lives in the store alone. */
export interface Pending {
  /** What the code is bound to; new for each proof of the password. */
  readonly id: string;
  readonly recordId: string;
  readonly userId: string;
  /** What the user was when he proved his password, as {@linkcode standingOf} tells it. */
  readonly standing: string;
}

/**
 * The user's password, second factor and the end of his earlier sign-ins as one value, a SHA-256: it
 * is another one as soon as any of them changes.
 */
export function standingOf({ passwordHash, secondFactor, notBefore }: SignInGrounds): string {
  return hashSecret(JSON.stringify([passwordHash, secondFactor, notBefore]));
}

/** Whose pending sign-in it is: one for each browser and interaction. */
export interface PendingOwner {
  readonly browserCookie: string;
  /** The authorization request that it is for; undefined when the user came by himself. */
  readonly interactionId: string | undefined;
}

/** How long a user may take to enter the code, in seconds. */
const PENDING_SECONDS = 600;

/** Notes that the user's password is proven; an earlier note of the same browser is replaced. */
export async function beginPending(
  owner: PendingOwner,
  user: SignInGrounds,
  { store, now }: Services,
): Promise<Pending> {
  const stored = { id: newId(), userId: user.id, standing: standingOf(user) };
  const pending = { ...stored, recordId: recordIdOf(owner) };
  const record: StoredRecord = {
    id: pending.recordId,
    value: stored,
    expiresAt: now() + PENDING_SECONDS,
  };
  await store.deleteRecord(record.id);
  if (!(await store.insertRecord(record))) {
    // Another post of this browser came between; the later one is what its user sees.
    await store.deleteRecord(record.id);
    await store.insertRecord(record);
  }
  return pending;
}

/** The pending sign-in of this browser and interaction, while it lives. */
export async function findPending(
  owner: Partial<PendingOwner>,
  { store, now }: Services,
): Promise<Pending | undefined> {
  const { browserCookie, interactionId } = owner;
  if (browserCookie === undefined) return undefined;
  const recordId = recordIdOf({ browserCookie, interactionId });
  const record = await store.findRecord(recordId);
  if (!record || record.expiresAt <= now()) return undefined;
  const { id, userId, standing } = record.value as Omit<Pending, "recordId">;
  return { id, recordId, userId, standing };
}

/** Ends it; false when another request did. */
export function endPending({ recordId }: Pending, { store }: Services): Promise<boolean> {
  return store.deleteRecord(recordId);
}

function recordIdOf({ browserCookie, interactionId }: PendingOwner): string {
  return `sign_in:${hashSecret(`${browserCookie} ${interactionId ?? ""}`)}`;
}
