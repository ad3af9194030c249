import type { StoredRecord } from "../store/records.ts";
import { hashSecret, newId } from "./ids.ts";
import type { Services } from "./services.ts";

/** A sign-in whose password is proven and whose second factor is not. It lives in the store alone. */
export interface Pending {
  /** What the code is bound to; new for each proof of the password. */
  readonly id: string;
  readonly recordId: string;
  readonly userId: string;
  /** When the password was proven, in seconds; what ended the user's sign-ins since ends it too. */
  readonly provenAt: number;
}

/** Whose pending sign-in it is: one for each browser and interaction. */
export interface PendingOwner {
  readonly browserCookie: string;
  /** The authorization request that it is for; undefined when the user came by himself. */
  readonly interactionId: string | undefined;
}

/** How long a user may take to enter the code, in seconds. */
const PENDING_SECONDS = 600;

/** Notes that the password is proven; an earlier note of the same browser is replaced. */
export async function beginPending(
  owner: PendingOwner,
  { userId, provenAt }: Pick<Pending, "userId" | "provenAt">,
  { store, now }: Services,
): Promise<Pending> {
  const pending = { id: newId(), recordId: recordIdOf(owner), userId, provenAt };
  const record: StoredRecord = {
    id: pending.recordId,
    value: { id: pending.id, userId, provenAt },
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
  const { id, userId, provenAt } = record.value as Omit<Pending, "recordId">;
  return { id, recordId, userId, provenAt };
}

/** Ends it; false when another request did. */
export function endPending({ recordId }: Pending, { store }: Services): Promise<boolean> {
  return store.deleteRecord(recordId);
}

function recordIdOf({ browserCookie, interactionId }: PendingOwner): string {
  return `sign_in:${hashSecret(`${browserCookie} ${interactionId ?? ""}`)}`;
}
