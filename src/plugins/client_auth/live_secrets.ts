import { type Client, isSecretOf, type Services, type Verified } from "../../plugin.ts";

/** The client's secrets that have not expired; a rotation may leave two. */
export function liveSecrets(client: Client, now: number): Client["secrets"] {
  return client.secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
}

/** Whether the text is a live secret of the client. All are compared, so that time tells nothing. */
export async function verifySecret(
  presented: string,
  client: Client,
  { now }: Services,
): Promise<Verified | false> {
  const matches = liveSecrets(client, now()).filter(({ hash }) => isSecretOf(hash, presented));
  return matches.length > 0 && {};
}
