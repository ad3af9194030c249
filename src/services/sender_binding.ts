import type { Confirmation } from "../protocol/token_claims.ts";
import type { Client } from "../store/clients.ts";

/** Whether a request shows everything that something is bound to. */
export function showsAll(bound: Confirmation, shown: Confirmation): boolean {
  const members = Object.entries(bound) as [keyof Confirmation, string][];
  return members.every(([member, value]) => shown[member] === value);
}

/**
 * What a new refresh token of the client is bound to. That of a confidential client is bound to its
 * credentials already, and it may change its key (decisions D4).
 */
export function refreshBinding(
  client: Pick<Client, "authMethod">,
  confirmation: Confirmation | undefined,
): Confirmation | null {
  return client.authMethod === "none" ? (confirmation ?? null) : null;
}

/**
 * Whether what the client holds may become a new token. A public client shows the keys that the old one
 * is bound to; a confidential one has proved itself, and may change them (decisions D4).
 */
export function mayExchange(
  client: Pick<Client, "authMethod">,
  bound: Confirmation | null | undefined,
  shown: Confirmation,
): boolean {
  return client.authMethod !== "none" || showsAll(bound ?? {}, shown);
}
