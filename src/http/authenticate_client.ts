import type { ClientAuthMethod, Verified } from "../contracts.ts";
import { CLIENT_ID_LENGTH_MAX } from "../protocol/client_metadata.ts";
import type { Params } from "../protocol/form.ts";
import { type Addressee, type Dialect, OAuthError } from "../protocol/oauth_error.ts";
import type { Registry } from "../registry.ts";
import { hashSecret, isSecretOf } from "../services/ids.ts";
import type { Services } from "../services/services.ts";
import { within } from "../services/within.ts";
import type { Client } from "../store/clients.ts";
import { allowOrigins } from "./cors.ts";

/** The client that a request names, and the credentials it brings: nothing of it is verified yet. */
export interface NamedClient {
  readonly clientId: string | undefined;
  readonly client: Client | undefined;
  readonly claims: readonly FoundClaim[];
  readonly parameter: string | undefined;
  /** The profile that the endpoint is for; clients of others are unknown there. */
  readonly profile: Dialect | undefined;
  /** Why the credentials could not be read; thrown when it is their turn. */
  readonly fault: OAuthError | undefined;
}

/** Where a client is named. */
interface Endpoint {
  readonly registry: Registry;
  readonly services: Services;
  /** The one profile whose clients are known there; absent, all are. */
  readonly profile?: Dialect | undefined;
}

/** A credential that one method found in the request. */
interface FoundClaim {
  readonly method: ClientAuthMethod;
  readonly clientId: string;
  readonly credential: unknown;
}

/** A client that has proved itself, or is public, and what its proof is bound to. */
export interface AuthenticatedClient extends Verified {
  readonly client: Client;
}

/** Methods between which a client of the Challenger profile may choose at each request (decisions D4). */
const CHALLENGER_METHODS = ["client_secret_basic", "client_secret_post"];

const DECOY_HASH = hashSecret("");

/** Finds whom the request names, so that a refusal can be rendered for him. */
export async function nameClient(
  request: Request,
  params: Params,
  { registry, services, profile }: Endpoint,
): Promise<NamedClient> {
  const parameter = params.get("client_id");
  const { claims, fault } = findClaims(request, params, registry);
  const clientId = presentedOf(claims)[0]?.clientId ?? parameter;
  const readable = clientId !== undefined && clientId.length <= CLIENT_ID_LENGTH_MAX;
  const found = readable ? await services.store.findClient(clientId) : undefined;
  const client = profile === undefined || found?.profile === profile ? found : undefined;
  if (client) allowOrigins(request, client.allowedOrigins);
  return { clientId, client, claims, parameter, profile, fault };
}

/** Whether the request brings a credential of any kind. */
export function hasCredential({ claims }: NamedClient): boolean {
  return presentedOf(claims).length > 0;
}

/** How a refusal of this request is rendered, and whom it is audited under. */
export function addresseeOf({ client, profile }: NamedClient): Addressee {
  return { dialect: client?.profile ?? profile ?? "oauth", clientId: client?.id };
}

/**
 * Authenticates the client by the one method it registered (RFC 6749 §2.3, decisions D4). Throws
 * `client_methods_several`, `client_id_mismatch`, `client_unknown`, or the row of its method.
 */
export async function authenticateClient(
  named: NamedClient,
  { registry, services }: { registry: Registry; services: Services },
): Promise<AuthenticatedClient> {
  checkClaims(named);
  const client = requireClient(named);
  const accepted = acceptedMethods(client);
  const presented = presentedOf(named.claims);
  // A credential in the request speaks for itself: no certificate that came along stands in for it.
  const claims = presented.length > 0 ? presented : named.claims;
  const claim = claims.find(({ method }) => accepted.includes(method.name));
  if (!claim) throw refusalBy(registry.clientAuth.get(client.authMethod));
  const verified = await within(services.settings.pluginTimeoutSeconds, () =>
    claim.method.verify(claim.credential, client, services),
  );
  if (!verified) throw refusalBy(claim.method);
  // Only what is asked for: a plugin's answer must not stand in for the client.
  return { client, ...(verified.confirmation && { confirmation: verified.confirmation }) };
}

/** The registered method alone; a secret never stands in for a stronger method. */
function acceptedMethods({ profile, authMethod }: Client): readonly string[] {
  const either = profile === "challenger" && CHALLENGER_METHODS.includes(authMethod);
  return either ? CHALLENGER_METHODS : [authMethod];
}

/** One method in a request, and one client (RFC 6749 §2.3). */
function checkClaims({ claims, clientId, parameter, fault }: NamedClient): void {
  if (fault) throw fault;
  const marks = presentedOf(claims).map(({ method }) => method.mark ?? method.name);
  if (new Set(marks).size > 1) throw new OAuthError("client_methods_several");
  if (parameter !== undefined && parameter !== clientId) throw new OAuthError("client_id_mismatch");
}

/** The named client, when it exists, is enabled, and does not pretend to be confidential. */
function requireClient({ client, clientId, claims }: NamedClient): Client {
  if (!client || client.disabledAt !== null) {
    isSecretOf(DECOY_HASH, clientId ?? "");
    throw new OAuthError("client_unknown");
  }
  if (client.authMethod === "none" && presentedOf(claims).length > 0) {
    throw new OAuthError("client_public", { values: [client.id] });
  }
  return client;
}

function presentedOf(claims: readonly FoundClaim[]): readonly FoundClaim[] {
  return claims.filter(({ method }) => method.evidence === "presented");
}

function findClaims(
  request: Request,
  params: Params,
  registry: Registry,
): Pick<NamedClient, "claims" | "fault"> {
  const claims: FoundClaim[] = [];
  let fault = refusalOf(() => registry.checkClientAuth(params));
  for (const method of registry.clientAuth.values()) {
    fault ??= refusalOf(() => {
      const claim = method.claim(request, params);
      if (!claim) return;
      const { clientId, credential } = claim;
      claims.push({ method, clientId, credential });
    });
  }
  return { claims, fault };
}

/** The refusal that a step throws, kept until it is its turn. */
function refusalOf(step: () => void): OAuthError | undefined {
  try {
    step();
    return undefined;
  } catch (error) {
    if (error instanceof OAuthError) return error;
    throw error;
  }
}

function refusalBy(method: ClientAuthMethod | undefined): OAuthError {
  if (method?.refusal) return new OAuthError(method.refusal);
  return new OAuthError("client_unauthenticated", { values: [method?.name ?? "its method"] });
}
