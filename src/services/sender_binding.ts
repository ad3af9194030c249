import type { Confirmation } from "../protocol/token_claims.ts";
import type { Authorization } from "../store/authorizations.ts";
import type { Client } from "../store/clients.ts";
import type { Services } from "./services.ts";

/** Whether a request shows everything that something is bound to. */
export function showsAll(bound: Confirmation, shown: Confirmation): boolean {
  const members = Object.entries(bound) as [keyof Confirmation, string][];
  return members.every(([member, value]) => shown[member] === value);
}

/**
 * What the refresh tokens of a client are bound to. Those of a confidential client are bound to its
 * credentials already, and it may change its key (decisions D4).
 */
export function refreshBinding(
  client: Pick<Client, "authMethod">,
  confirmation: Confirmation | undefined,
): Confirmation | null {
  return client.authMethod === "none" ? (confirmation ?? null) : null;
}

/**
 * Binds the refresh tokens of an authorization that is not bound yet to what new tokens are bound
 * to. False when another request bound it to something else meanwhile.
 */
export async function bindRefreshTokens(
  authorization: Authorization,
  { client, confirmation }: { client: Client; confirmation: Confirmation | undefined },
  { store }: Pick<Services, "store">,
): Promise<boolean> {
  const binding = refreshBinding(client, confirmation);
  if (binding === null || authorization.confirmation !== null) return true;
  if (await store.bindAuthorization(authorization.id, binding)) return true;
  const bound = (await store.findAuthorization(authorization.id))?.confirmation;
  return bound !== null && bound !== undefined && showsAll(bound, binding);
}
