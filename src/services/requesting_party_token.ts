import type { AccessTokenClaims } from "../protocol/token_claims.ts";
import type { Client } from "../store/clients.ts";
import type { LivePermission, UmaPermission } from "../store/uma_tickets.ts";
import type { Services } from "./services.ts";
import { isGovernable } from "./uma_owner.ts";

/** One permission, as tokens and introspection have it (UMA 2.0 Federated Authorization §5.1.1). */
export interface TokenPermission {
  readonly resource_id: string;
  readonly resource_scopes: readonly string[];
  /** Unix seconds. */
  readonly exp: number;
  readonly iat?: number;
}

/** The same in the first seed's words: `ticket` of its tokens (idserver.md A.8). */
export interface TicketLine {
  readonly resource_id: string;
  /** Separated by spaces. */
  readonly scopes: string;
}

/** The claims of a requesting party token in both families of names (decisions D7). */
export function permissionClaims(
  permissions: readonly Pick<UmaPermission, "resourceId" | "scopes" | "expiresAt">[],
): { readonly ticket: readonly TicketLine[]; readonly permissions: readonly TokenPermission[] } {
  return {
    ticket: permissions.map(({ resourceId, scopes }) => ({
      resource_id: resourceId,
      scopes: scopes.join(" "),
    })),
    permissions: permissions.map(({ resourceId, scopes, expiresAt }) => ({
      resource_id: resourceId,
      resource_scopes: scopes,
      exp: expiresAt,
    })),
  };
}

/** Whether the claims are those of a requesting party token. */
export function isRequestingPartyToken(claims: AccessTokenClaims): boolean {
  const { ticket, permissions } = claims as { ticket?: unknown; permissions?: unknown };
  return (
    Array.isArray(ticket) && Array.isArray(permissions) && claims.authorization_id !== undefined
  );
}

/**
 * What a requesting party token permits at this moment: what was granted, as far as neither the owner,
 * a policy nor the resource took it back, whatever the token itself says.
 */
export async function livePermissions(
  { authorization_id: id }: Pick<AccessTokenClaims, "authorization_id">,
  { store, now }: Services,
): Promise<readonly LivePermission[]> {
  const found = id === undefined ? [] : await store.listUmaPermissions(id, now());
  const given = await Promise.all(found.map(({ resource }) => isGovernable(resource, { store })));
  return found.flatMap(({ permission, resource }, index) => {
    if (given[index] !== true) return [];
    const scopes = permission.scopes.filter((scope) => resource.scopes.includes(scope));
    return scopes.length === 0 ? [] : [{ permission: { ...permission, scopes }, resource }];
  });
}

/**
 * The claims as introspection tells them: the permissions that live, and to a resource server those
 * at its own resources only. Undefined when none is left, and the token so is dead.
 */
export async function introspectPermissions(
  claims: AccessTokenClaims,
  caller: Client,
  services: Services,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const seesAll = caller.id === claims.client_id || caller.introspectAny;
  const live = (await livePermissions(claims, services))
    .filter(({ resource }) => seesAll || resource.resourceServerId === caller.id)
    .map(({ permission }) => permission);
  if (live.length === 0) return undefined;
  const { ticket, permissions } = permissionClaims(live);
  const { scope, ...told } = claims;
  return {
    ...told,
    // A scope is one at least (RFC 6749 §3.3).
    ...(scope !== "" && { scope }),
    ticket,
    permissions: permissions.map((permission, index) => ({
      ...permission,
      iat: live[index]?.createdAt ?? claims.iat,
    })),
  };
}
