import { randomBytes } from "node:crypto";
import type { Client, ClientSecret } from "../store/clients.ts";
import { hashSecret, isSecretOf, newId } from "./ids.ts";
import type { Services } from "./services.ts";

/** The client's secrets that have not expired; a rotation may leave two. */
export function liveSecrets(client: Client, now: number): Client["secrets"] {
  return client.secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
}

/** Whether the text is a live secret of the client. All are compared, so that time tells nothing. */
export function isLiveSecret(presented: string, client: Client, now: number): boolean {
  return liveSecrets(client, now).filter(({ hash }) => isSecretOf(hash, presented)).length > 0;
}

/** Methods that need the secret back for an HMAC; it is kept under the server's seal (decisions D4). */
const SEALED_METHODS: ReadonlySet<string> = new Set(["client_secret_jwt"]);

/** What is known of a new secret beside its text. */
export interface SecretFacts {
  readonly clientId: string;
  readonly authMethod: string;
  /** Unix seconds; null for never. */
  readonly expiresAt: number | null;
}

/** A client's secret as a row: hashed, and sealed too where the method needs it back. */
export function secretRow(
  text: string,
  { clientId, authMethod, expiresAt }: SecretFacts,
  { secret, now }: Services,
): ClientSecret {
  const id = newId();
  return {
    id,
    clientId,
    hash: hashSecret(text),
    sealed: SEALED_METHODS.has(authMethod) ? secret.seal(text, `client_secret:${id}`) : null,
    createdAt: now(),
    expiresAt,
    lastUsedAt: null,
  };
}

/** Whether the client authenticates by a secret that it shares with us. */
export function usesSecret(authMethod: string): boolean {
  return authMethod.startsWith("client_secret_");
}

/** A new secret of 256 random bits. */
export function newClientSecret(): string {
  return randomBytes(32).toString("base64url");
}
