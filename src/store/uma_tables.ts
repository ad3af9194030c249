import type { Permission, PolicyRule } from "../protocol/permission.ts";
import type { NameFamily } from "../protocol/uma_bodies.ts";
import type { Kit } from "./kits.ts";

/** Where a request to an owner stands; `withdrawn` is an access that he ended. */
export type RequestState = "pending" | "approved" | "denied" | "withdrawn";

/**
 * The tables of UMA. In all of them `resourceServerId` is the client that registered the resource,
 * `userId` the user who owns it, null where the resource server itself does; `clientId` asks for
 * access, and `party` is in whose name: empty for nobody's but the client's own.
 */
export function defineUma(k: Kit) {
  return { ...defineProtected(k), ...defineAsked(k) };
}

/** What is protected, and by which rules. */
function defineProtected(k: Kit) {
  const umaResources = k.table(
    "uma_resources",
    {
      id: k.text("id").primaryKey(),
      resourceServerId: k.text("resource_server_id").notNull(),
      userId: k.text("user_id"),
      family: k.text("family").$type<NameFamily>().notNull(),
      name: k.text("name").notNull(),
      uri: k.text("uri"),
      type: k.text("type"),
      iconUri: k.text("icon_uri"),
      description: k.text("description"),
      scopes: k.json("scopes").$type<readonly string[]>().notNull(),
      /** Counts the descriptions; the entity tag is made of it. */
      version: k.int("version").notNull(),
      /** Counts what may have ended somebody's access; what is granted holds it as it was read. */
      revision: k.int("revision").notNull(),
      createdAt: k.int("created_at").notNull(),
      updatedAt: k.int("updated_at").notNull(),
    },
    (t) => [
      k.index("uma_resources_resource_server_id").on(t.resourceServerId, t.id),
      k.index("uma_resources_user_id").on(t.userId, t.id),
    ],
  );
  const umaPolicies = k.table(
    "uma_policies",
    {
      id: k.text("id").primaryKey(),
      resourceServerId: k.text("resource_server_id").notNull(),
      userId: k.text("user_id"),
      family: k.text("family").$type<NameFamily>().notNull(),
      rules: k.json("rules").$type<readonly PolicyRule[]>().notNull(),
      version: k.int("version").notNull(),
      createdAt: k.int("created_at").notNull(),
      updatedAt: k.int("updated_at").notNull(),
    },
    (t) => [
      k.index("uma_policies_resource_server_id").on(t.resourceServerId, t.id),
      k.index("uma_policies_user_id").on(t.userId),
    ],
  );
  const umaPolicyResources = k.table(
    "uma_policy_resources",
    {
      /** Policy and resource as one key. */
      id: k.text("id").primaryKey(),
      policyId: k.text("policy_id").notNull(),
      resourceId: k.text("resource_id").notNull(),
    },
    (t) => [
      k.index("uma_policy_resources_policy_id").on(t.policyId),
      k.index("uma_policy_resources_resource_id").on(t.resourceId),
    ],
  );
  return { umaResources, umaPolicies, umaPolicyResources };
}

/** What is asked for, what owners say to it, and what was granted. */
function defineAsked(k: Kit) {
  const umaTickets = k.table(
    "uma_tickets",
    {
      key: k.text("key").primaryKey(),
      resourceServerId: k.text("resource_server_id").notNull(),
      /** The client that the ticket is bound to, once one has been told to come again with it. */
      clientId: k.text("client_id"),
      permissions: k.json("permissions").$type<readonly Permission[]>().notNull(),
      createdAt: k.int("created_at").notNull(),
      expiresAt: k.int("expires_at").notNull(),
    },
    (t) => [k.index("uma_tickets_expires_at").on(t.expiresAt)],
  );
  const umaRequests = k.table(
    "uma_requests",
    {
      /** SHA-256 over resource, client, party and scopes: who asks again asks the same. */
      id: k.text("id").primaryKey(),
      resourceId: k.text("resource_id").notNull(),
      userId: k.text("user_id").notNull(),
      clientId: k.text("client_id").notNull(),
      party: k.text("party").notNull(),
      /** What the owner is shown instead of the party. */
      partyName: k.text("party_name").notNull(),
      /** The user of this server who the party is. */
      partyUserId: k.text("party_user_id"),
      scopes: k.json("scopes").$type<readonly string[]>().notNull(),
      state: k.text("state").$type<RequestState>().notNull(),
      createdAt: k.int("created_at").notNull(),
      decidedAt: k.int("decided_at"),
      /** When a request that nobody answered goes. */
      expiresAt: k.int("expires_at").notNull(),
    },
    (t) => [
      k.index("uma_requests_user_id").on(t.userId),
      k.index("uma_requests_resource_id").on(t.resourceId),
      k.index("uma_requests_client_id").on(t.clientId),
      k.index("uma_requests_expires_at").on(t.expiresAt),
    ],
  );
  const umaPermissions = k.table(
    "uma_permissions",
    {
      id: k.text("id").primaryKey(),
      /** The authorization that the requesting party token belongs to. */
      authorizationId: k.text("authorization_id").notNull(),
      resourceId: k.text("resource_id").notNull(),
      /** The policy that granted it; null where the owner himself asked. */
      policyId: k.text("policy_id"),
      clientId: k.text("client_id").notNull(),
      party: k.text("party").notNull(),
      partyName: k.text("party_name").notNull(),
      scopes: k.json("scopes").$type<readonly string[]>().notNull(),
      createdAt: k.int("created_at").notNull(),
      expiresAt: k.int("expires_at").notNull(),
    },
    (t) => [
      k.index("uma_permissions_authorization_id").on(t.authorizationId),
      k.index("uma_permissions_resource_id").on(t.resourceId),
      k.index("uma_permissions_policy_id").on(t.policyId),
      k.index("uma_permissions_client_id").on(t.clientId),
      k.index("uma_permissions_expires_at").on(t.expiresAt),
    ],
  );
  return { umaTickets, umaRequests, umaPermissions };
}
