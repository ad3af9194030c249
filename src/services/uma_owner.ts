import { createHash } from "node:crypto";
import { DECISION_LASTS, type ResourceAccess, type UmaRequest } from "../store/uma_requests.ts";
import type { UmaResource } from "../store/uma_resources.ts";
import type { Services } from "./services.ts";

/** What a request is about; asked twice, it is the same request. */
export type Asked = Pick<UmaRequest, "resourceId" | "clientId" | "party" | "scopes">;

/** The id of a request: SHA-256 in hex over what it is about. */
export function requestIdOf({ resourceId, clientId, party, scopes }: Asked): string {
  const text = JSON.stringify([resourceId, clientId, party, [...scopes].sort()]);
  return createHash("sha256").update(text).digest("hex");
}

/** Whether somebody is there to give it: the resource server itself, or a user who is not disabled. */
export async function isGovernable(
  { userId }: Pick<UmaResource, "userId">,
  { store }: Pick<Services, "store">,
): Promise<boolean> {
  if (userId === null) return true;
  const owner = await store.findUser(userId);
  return owner !== undefined && owner.disabledAt === null;
}

/** Refuses a pending request of the owner; false when it is no longer his to answer. */
export async function denyRequest(
  id: string,
  userId: string,
  { store, audit, now }: Services,
): Promise<boolean> {
  const won = await store.denyUmaRequest(id, userId, now());
  if (won) await audit.record("permission.denied", { userId, details: { request_id: id } });
  return won;
}

/** Lifts a refusal or a withdrawal; false when there is none of the owner's. */
export async function reopenRequest(
  id: string,
  userId: string,
  { store, audit }: Services,
): Promise<boolean> {
  const won = await store.forgetUmaRequest(id, userId);
  if (won) await audit.record("permission.reopened", { userId, details: { request_id: id } });
  return won;
}

/**
 * Ends an access of the list at once: its tokens, its approval, and the way to new ones until the
 * owner lifts it. False when the resource is not his.
 */
export async function withdrawAccess(
  { resource, clientId, party, partyName, scopes }: ResourceAccess,
  userId: string,
  { store, audit, now }: Services,
): Promise<boolean> {
  const key = { userId, resourceId: resource.id, clientId, party };
  const asked = { resourceId: resource.id, clientId, party, scopes: [] };
  const withdrawal: UmaRequest = {
    ...asked,
    id: requestIdOf(asked),
    userId,
    partyName,
    partyUserId: null,
    scopes,
    state: "withdrawn",
    createdAt: now(),
    decidedAt: now(),
    expiresAt: DECISION_LASTS,
  };
  const won = await store.withdrawUmaAccess(key, withdrawal);
  if (won) {
    const details = { resource_id: resource.id };
    await audit.record("permission.withdrawn", { userId, clientId, details });
  }
  return won;
}
