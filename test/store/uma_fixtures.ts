import type { UmaPolicy } from "../../src/store/uma_policies.ts";
import type { UmaRequest } from "../../src/store/uma_requests.ts";
import type { Page, UmaResource } from "../../src/store/uma_resources.ts";
import type { UmaPermission, UmaTicket } from "../../src/store/uma_tickets.ts";
import { NOW, unique } from "./fixtures.ts";

/** The first hundred rows. */
export const PAGE: Page = { start: 0, count: 100 };

let made = 0;

/** A resource of the resource server `rs`; ids sort in the order of making. */
export function aResource(changes: Partial<UmaResource> = {}): UmaResource {
  made += 1;
  return {
    id: `resource-${String(made).padStart(6, "0")}`,
    resourceServerId: "rs",
    userId: null,
    family: "seed",
    name: "album",
    uri: null,
    type: null,
    iconUri: null,
    description: null,
    scopes: ["read", "write"],
    version: 1,
    revision: 1,
    createdAt: NOW,
    updatedAt: NOW,
    ...changes,
  };
}

/** A policy of `rs` that lets everybody read. */
export function aPolicy(changes: Partial<UmaPolicy> = {}): UmaPolicy {
  return {
    id: unique("policy"),
    resourceServerId: "rs",
    userId: null,
    family: "seed",
    rules: [{ clients: [], scopes: ["read"], claims: [], consentNeeded: false }],
    version: 1,
    createdAt: NOW,
    updatedAt: NOW,
    resourceIds: [],
    ...changes,
  };
}

/** A ticket of `rs` to read. */
export function aTicket(resourceId: string): UmaTicket {
  return {
    key: `ticket-of-${resourceId}`,
    resourceServerId: "rs",
    clientId: null,
    permissions: [{ resourceId, scopes: ["read"] }],
    createdAt: NOW,
    expiresAt: NOW + 300,
  };
}

/** What `app` asks of Ada in the name of `p`. */
export function aRequest(resourceId: string, changes: Partial<UmaRequest> = {}): UmaRequest {
  return {
    id: `request-for-${resourceId}`,
    resourceId,
    userId: "ada",
    clientId: "app",
    party: "p",
    partyName: "Bob",
    partyUserId: null,
    scopes: ["read"],
    state: "pending",
    createdAt: NOW,
    decidedAt: null,
    expiresAt: NOW + 600,
    ...changes,
  };
}

/** What `app` may do in the name of `p`. */
export function aPermission(
  of: Pick<UmaPermission, "resourceId" | "policyId" | "authorizationId"> & Partial<UmaPermission>,
): UmaPermission {
  return {
    id: unique("permission"),
    clientId: "app",
    party: "p",
    partyName: "Bob",
    scopes: ["read"],
    createdAt: NOW,
    expiresAt: NOW + 900,
    ...of,
  };
}
