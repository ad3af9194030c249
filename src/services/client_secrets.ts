import type { Client } from "../store/clients.ts";
import { isSecretOf } from "./ids.ts";

/** The client's secrets that have not expired; a rotation may leave two. */
export function liveSecrets(client: Client, now: number): Client["secrets"] {
  return client.secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
}

/** Whether the text is a live secret of the client. All are compared, so that time tells nothing. */
export function isLiveSecret(presented: string, client: Client, now: number): boolean {
  return liveSecrets(client, now).filter(({ hash }) => isSecretOf(hash, presented)).length > 0;
}
