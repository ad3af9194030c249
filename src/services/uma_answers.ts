import type { Client } from "../store/clients.ts";
import type { ShownVersions } from "../store/uma_owner.ts";
import type { ResourceAccess } from "../store/uma_requests.ts";
import type { UmaResource } from "../store/uma_resources.ts";
import type { Services } from "./services.ts";
import { requestIdOf, withdrawAccess } from "./uma_owner.ts";

/** What an owner approves: a request, and what he was shown of it. */
export interface ShownRequest {
  readonly id: string;
  /** What {@linkcode versionOf} said when he saw it. */
  readonly version: string;
}

/** What tells a page about a request from one that would show other names: an opaque text. */
export function versionOf(resource: UmaResource, client: Client): string {
  return `${resource.version}.${client.updatedAt}`;
}

function readVersion(text: string): ShownVersions | undefined {
  const [, resource, client] = /^(\d{1,15})\.(\d{1,15})$/.exec(text) ?? [];
  return resource === undefined || client === undefined
    ? undefined
    : { resourceVersion: Number(resource), clientUpdatedAt: Number(client) };
}

/**
 * Approves a pending request of the owner, if resource and client are still what he was shown. Else
 * nothing is written: `changed` when the request waits for him under other names, `answered` when it
 * is no longer his to answer.
 */
export async function approveRequest(
  { id, version }: ShownRequest,
  userId: string,
  { store, audit, now }: Services,
): Promise<"approved" | "changed" | "answered"> {
  const shown = readVersion(version);
  const at = now();
  if (shown && (await store.approveUmaRequest({ id, userId, now: at, shown }))) {
    await audit.record("permission.approved", { userId, details: { request_id: id } });
    return "approved";
  }
  return (await store.findUmaPending(id, userId, at)) ? "changed" : "answered";
}

/** The id of an access on its owner's page. It tells nothing of the party. */
export function accessIdOf({ resource, clientId, party }: ResourceAccess): string {
  return requestIdOf({ resourceId: resource.id, clientId, party, scopes: [] });
}

/** Ends the owner's access of that id at once; false when he has none. */
export async function withdrawAccessById(
  id: string,
  userId: string,
  services: Services,
): Promise<boolean> {
  const all = await services.store.listUmaAccess(userId, services.now());
  const access = all.find((one) => accessIdOf(one) === id);
  return access !== undefined && (await withdrawAccess(access, userId, services));
}
