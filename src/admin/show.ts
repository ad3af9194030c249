import { identifiersOf } from "../protocol/user_metadata.ts";
import type { Client, ClientSecret } from "../store/clients.ts";
import type { User } from "../store/users.ts";

/** Members of a shown client that an import takes note of and does not write. */
export const SHOWN_CLIENT_MEMBERS = [
  "client_id_issued_at",
  "secrets",
  "updated_at",
  "disabled_at",
  "origin",
] as const;

/** Members of a shown user that an import takes note of and does not write. */
export const SHOWN_USER_MEMBERS = [
  "sub",
  "identifiers",
  "created_at",
  "updated_at",
  "disabled_at",
  "origin",
] as const;

/** A client as JSON that can be imported again; its secrets are not in it. Times are Unix seconds. */
export function shownClient(client: Client): Readonly<Record<string, unknown>> {
  const ends = new Set(client.secrets.map(({ expiresAt }) => expiresAt ?? 0));
  const [end] = ends;
  return {
    client_id: client.id,
    client_id_issued_at: client.createdAt,
    ...client.metadata,
    ...(ends.size === 1 && { client_secret_expires_at: end }),
    ...(client.secrets.length > 0 && { secrets: client.secrets.map(shownSecret).sort(byAge) }),
    updated_at: client.updatedAt,
    ...(client.disabledAt !== null && { disabled_at: client.disabledAt }),
    origin: client.origin,
  };
}

/** What may be known of a secret: its times. `last_used_at` is right to the hour. */
function shownSecret({ createdAt, expiresAt, lastUsedAt }: ClientSecret) {
  return { created_at: createdAt, expires_at: expiresAt, last_used_at: lastUsedAt };
}

const byAge = (a: { created_at: number }, b: { created_at: number }) => a.created_at - b.created_at;

/** A user as JSON that can be imported again; his password is not in it. Times are Unix seconds. */
export function shownUser(user: User): Readonly<Record<string, unknown>> {
  return {
    username: user.username,
    sub: user.id,
    ...(user.phoneNumber !== null && { phone_number: user.phoneNumber }),
    ...(user.email !== null && { email: user.email }),
    ...(user.secondFactor !== null && { second_factor: user.secondFactor }),
    claims: user.claims,
    identifiers: identifiersOf(user),
    created_at: user.createdAt,
    updated_at: user.updatedAt,
    ...(user.disabledAt !== null && { disabled_at: user.disabledAt }),
    origin: user.origin,
  };
}
