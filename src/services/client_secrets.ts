import { randomBytes } from "node:crypto";
import { HMAC_ALGORITHMS, isHmac } from "../protocol/client_assertion.ts";
import type { ClientMetadata } from "../protocol/client_metadata.ts";
import type { Client, ClientSecret } from "../store/clients.ts";
import { hashSecret, isSecretOf, newId } from "./ids.ts";
import type { ServerSecret } from "./server_secret.ts";
import type { Services } from "./services.ts";

/** The client's secrets that have not expired; a rotation may leave two. */
export function liveSecrets(client: Client, now: number): Client["secrets"] {
  return client.secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
}

/** Whether the text is a live secret of the client. All are compared, so that time tells nothing. */
export function isLiveSecret(presented: string, client: Client, now: number): boolean {
  return matching(presented, client, now).length > 0;
}

function matching(presented: string, client: Client, now: number): Client["secrets"] {
  return liveSecrets(client, now).filter(({ hash }) => isSecretOf(hash, presented));
}

/** The same, and the use is noted, so that the operator sees when an old secret is used no more. */
export function isProvenBy(presented: string, client: Client, services: Services): boolean {
  const proven = matching(presented, client, services.now());
  for (const secret of proven) services.secretUses.note(secret);
  return proven.length > 0;
}

/** A live secret whose text can be had, and its row. */
export interface UsableSecret {
  readonly text: string;
  readonly row: ClientSecret;
}

/**
 * The live secrets that can be used for an HMAC: sealed, not only hashed, and by a server secret that
 * is still here. One that cannot be read must not stop those beside it.
 */
export function usableSecrets(client: Client, { secret, now }: Services): readonly UsableSecret[] {
  return liveSecrets(client, now()).flatMap((row) => {
    const text = unsealed(row, secret);
    return text === undefined ? [] : [{ text, row }];
  });
}

function unsealed({ id, sealed }: ClientSecret, secret: ServerSecret): string | undefined {
  if (sealed === null) return undefined;
  try {
    return secret.unseal(sealed, sealedFor(id));
  } catch {
    return undefined;
  }
}

/** What the seal of a secret is bound to. */
const sealedFor = (id: string): string => `client_secret:${id}`;

/** Methods that need the secret back for an HMAC; it is kept under the server's seal (decisions D4). */
const SEALED_METHODS: ReadonlySet<string> = new Set(["client_secret_jwt"]);

/** Whether the method needs the secret itself, and not only its hash. */
export function needsSeal(authMethod: string): boolean {
  return SEALED_METHODS.has(authMethod);
}

/** Why a secret does not do for the client's method, in words that continue its field's name. */
export function secretFault(text: string, metadata: ClientMetadata): string | undefined {
  const { token_endpoint_auth_method: method = "", token_endpoint_auth_signing_alg: alg } =
    metadata;
  if (!needsSeal(method)) return undefined;
  const algorithm = isHmac(alg) ? alg : "HS256";
  const needed = HMAC_ALGORITHMS[algorithm];
  return Buffer.byteLength(text) >= needed
    ? undefined
    : `must have at least ${needed} bytes for ${algorithm} (OpenID Connect Core §10.1)`;
}

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
    sealed: needsSeal(authMethod) ? secret.seal(text, sealedFor(id)) : null,
    createdAt: now(),
    expiresAt,
    lastUsedAt: null,
  };
}

/** Whether the client authenticates by a secret that it shares with us. */
export function usesSecret(authMethod: string): boolean {
  return authMethod.startsWith("client_secret_");
}

/** A new secret: 256 random bits, or 384 in 64 characters where an HMAC by SHA-512 may need as many bytes. */
export function newClientSecret(authMethod: string): string {
  return randomBytes(needsSeal(authMethod) ? 48 : 32).toString("base64url");
}

/** What secrets of Challenger clients begin with (RFC 8959 §2). */
export const SECRET_TOKEN_PREFIX = "secret-token:";

/** A new secret as Challenger clients have it (RFC 8959): 256 random bits behind the prefix. */
export function newSecretToken(): string {
  return `${SECRET_TOKEN_PREFIX}${newClientSecret("client_secret_post")}`;
}
