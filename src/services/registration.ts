import { randomBytes } from "node:crypto";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { isSameToUsers } from "../protocol/client_identity.ts";
import {
  type ClientMetadata,
  ClientMetadataSchema,
  clientView,
} from "../protocol/client_metadata.ts";
import { type Capabilities, type FieldFault, metadataFaults } from "../protocol/metadata_faults.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import { grantedMetadata, knownMetadata, policyFaults } from "../protocol/registration_policy.ts";
import { schemaFaults } from "../protocol/schema_faults.ts";
import type { Client } from "../store/clients.ts";
import { needsSeal, newClientSecret, secretRow, usesSecret } from "./client_secrets.ts";
import { hashSecret, isId, isSecretOf } from "./ids.ts";
import { nextUpdate } from "./next_update.ts";
import { safeFetch } from "./safe_fetch.ts";
import type { Services } from "./services.ts";

const schema = TypeCompiler.Compile(ClientMetadataSchema);

/** A client as its registration answers it: the secret and the token are told this once. */
export interface Registered {
  readonly client: Client;
  readonly clientSecret: string | undefined;
  readonly registrationToken: string;
}

/**
 * Judges what a client says of itself by the schema and rules of `admin import`, and by the policy
 * for those who register themselves. Throws `redirect_uri_refused` or `client_metadata_refused`.
 */
export async function judgeMetadata(
  value: Readonly<Record<string, unknown>>,
  can: Capabilities,
  services: Services,
): Promise<ClientMetadata> {
  const { registrationScopes: scopes, registrationResources: resources } = services.settings;
  const known = knownMetadata(value);
  if (!schema.Check(known)) throw refusal(schemaFaults(schema, known)[0]);
  const metadata = grantedMetadata(known, { scopes, resources });
  const [fault] = [
    ...metadataFaults(metadata, can),
    ...policyFaults(metadata, { scopes, resources }),
  ];
  if (fault) throw refusal(fault);
  await checkSector(metadata, services);
  return metadata;
}

function refusal(fault: FieldFault | undefined): OAuthError {
  const { field, fault: words } = fault ?? { field: "metadata", fault: "is malformed" };
  const code = field.startsWith("redirect_uris")
    ? "redirect_uri_refused"
    : "client_metadata_refused";
  return new OAuthError(code, { values: [field, words], parameter: field });
}

/** The sector's document must name every redirect URI (OpenID Connect Core §8.1). */
async function checkSector(metadata: ClientMetadata, services: Services): Promise<void> {
  const uri = metadata.sector_identifier_uri;
  if (uri === undefined) return;
  const listed = await fetchList(uri, services);
  if (!metadata.redirect_uris?.every((redirectUri) => listed?.includes(redirectUri))) {
    const fault = "does not answer a JSON array with every redirect URI";
    throw refusal({ field: "sector_identifier_uri", fault });
  }
}

async function fetchList(uri: string, services: Services): Promise<readonly unknown[] | undefined> {
  try {
    const { status, text } = await safeFetch(uri, { method: "GET" }, services);
    const value: unknown = status === 200 ? JSON.parse(text) : undefined;
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Registers a new client with an id, a secret where its method needs one, and a token of its own. */
export async function registerClient(
  metadata: ClientMetadata,
  services: Services,
): Promise<Registered> {
  const registrationToken = randomBytes(32).toString("base64url");
  const now = services.now();
  const row = {
    id: crypto.randomUUID(),
    metadata,
    origin: "dynamic",
    createdAt: now,
    updatedAt: now,
    notBefore: now - 1,
    registrationTokenHash: hashSecret(registrationToken),
  } as const;
  const { authMethod } = clientView(metadata);
  const clientSecret = usesSecret(authMethod) ? newClientSecret(authMethod) : undefined;
  const facts = { clientId: row.id, authMethod, expiresAt: null };
  const secrets = clientSecret === undefined ? [] : [secretRow(clientSecret, facts, services)];
  await services.store.writeParties({ clients: [{ row, secrets }], users: [] });
  await services.audit.record("client.registered", { clientId: row.id });
  return { client: await reread(row.id, services), clientSecret, registrationToken };
}

/**
 * Replaces a client's metadata; a secret is made or dropped when the new method needs it so. What
 * users consented to ends with it, unless the client is still the same to them. Throws
 * `store_write_failed` when somebody else has changed the client since it was read.
 */
export async function replaceMetadata(
  client: Client,
  metadata: ClientMetadata,
  services: Services,
): Promise<{ readonly client: Client; readonly clientSecret: string | undefined }> {
  const { authMethod } = clientView(metadata);
  const needsNew =
    usesSecret(authMethod) && (!usesSecret(client.authMethod) || sealChanges(client, authMethod));
  const clientSecret = needsNew ? newClientSecret(authMethod) : undefined;
  const facts = { clientId: client.id, authMethod, expiresAt: null };
  const secrets = !usesSecret(authMethod)
    ? []
    : clientSecret === undefined
      ? undefined
      : [secretRow(clientSecret, facts, services)];
  const { id, origin, createdAt, notBefore, disabledAt, registrationTokenHash } = client;
  const row = {
    id,
    origin,
    createdAt,
    notBefore,
    disabledAt,
    registrationTokenHash,
    metadata,
    updatedAt: nextUpdate(services.now(), client),
  };
  const endsConsents = !isSameToUsers(client.metadata, metadata);
  const write = { row, seenAt: client.updatedAt, secrets, endsConsents };
  await services.store.writeParties({ clients: [write], users: [] });
  await services.audit.record("client.registered", {
    clientId: id,
    details: { replaced: true, ...(endsConsents && { consents_ended: true }) },
  });
  return { client: await reread(id, services), clientSecret };
}

/** A secret that is only hashed is of no use to a method that needs it back. */
function sealChanges(client: Client, authMethod: string): boolean {
  return needsSeal(authMethod) && client.secrets.some(({ sealed }) => sealed === null);
}

/** The client that a registration access token is for. Throws `registration_token_incorrect`. */
export async function requireRegistrant(
  clientId: string,
  token: string | undefined,
  { store, issuer }: Services,
): Promise<Client> {
  const client = isId(clientId) ? await store.findClient(clientId) : undefined;
  const hash = client?.registrationTokenHash ?? null;
  if (!client || client.disabledAt !== null || hash === null || !isSecretOf(hash, token ?? "")) {
    throw tokenRefusal(issuer);
  }
  return client;
}

/** Makes a token that lets its holders register clients for a while; the store gets its hash. */
export async function newInitialAccessToken({ store, settings, now }: Services): Promise<string> {
  const token = randomBytes(32).toString("base64url");
  await store.insertRecord({
    id: initialTokenId(token),
    value: {},
    expiresAt: now() + settings.initialAccessTokenLifetimeSeconds,
  });
  return token;
}

/** Throws `registration_token_incorrect` unless registration is open or the token is a live one. */
export async function requireInitialAccess(
  token: string | undefined,
  { store, settings, issuer, now }: Services,
): Promise<void> {
  if (settings.registration === "open") return;
  const record = token === undefined ? undefined : await store.findRecord(initialTokenId(token));
  if (!record || record.expiresAt <= now()) throw tokenRefusal(issuer);
}

/** Tells in the words of RFC 6750 §3 which scheme the token is sent by. */
function tokenRefusal(issuer: string): OAuthError {
  return new OAuthError("registration_token_incorrect", {
    headers: { "WWW-Authenticate": `Bearer realm="${issuer}", error="invalid_token"` },
  });
}

const initialTokenId = (token: string): string => `initial_access_token:${hashSecret(token)}`;

async function reread(id: string, { store }: Services): Promise<Client> {
  const client = await store.findClient(id);
  if (!client) throw new TypeError("A client that was just written is gone");
  return client;
}
