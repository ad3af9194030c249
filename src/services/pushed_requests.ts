import { randomBytes } from "node:crypto";
import type { AuthorizationRequest } from "../protocol/authorization_types.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import type { StoredRecord } from "../store/records.ts";
import { hashSecret } from "./ids.ts";
import type { Services } from "./services.ts";

/** What every `request_uri` of ours begins with (RFC 9126 §2.2). */
const PREFIX = "urn:ietf:params:oauth:request_uri:";

/** What follows it where the request itself does, sealed; no name of a stored one has a colon. */
const SEALED_PREFIX = `${PREFIX}sealed:`;

/** What the seal is bound to. */
const SEAL = "authorization request";

/** A request that was pushed. */
export interface PushedRequest {
  readonly requestUri: string;
  /** Seconds that it may wait. */
  readonly expiresIn: number;
}

/** Keeps a checked request for one use, under a name of 256 random bits of which the store sees the hash. */
export async function pushRequest(
  request: AuthorizationRequest,
  { store, settings, now }: Services,
): Promise<PushedRequest> {
  const requestUri = PREFIX + randomBytes(32).toString("base64url");
  const expiresIn = settings.pushedRequestLifetimeSeconds;
  await store.insertRecord({
    id: recordId(requestUri),
    value: request,
    expiresAt: now() + expiresIn,
  });
  return { requestUri, expiresIn };
}

/**
 * A checked request as a `request_uri` that only we can write or read, good for as long as a pushed
 * one and for its client. Nothing is stored, so that it may be used again: as may an address that
 * holds the parameters.
 */
export function sealRequest(
  request: AuthorizationRequest,
  { secret, settings, now }: Services,
): string {
  const expiresAt = now() + settings.pushedRequestLifetimeSeconds;
  return SEALED_PREFIX + secret.seal(JSON.stringify({ value: request, expiresAt }), SEAL);
}

/** Whether the text is of a kind that {@linkcode pushRequest} and {@linkcode sealRequest} give. */
export function isPushedRequestUri(requestUri: string): boolean {
  return requestUri.startsWith(PREFIX);
}

/**
 * Takes the request that a client pushed, or that was sealed. Throws `request_uri_incorrect` when
 * it is unknown, used, expired or another client's, and in the last case leaves it to its owner (RFC
 * 9126 §4).
 */
export async function takePushedRequest(
  requestUri: string,
  clientId: string,
  { store, secret, now }: Services,
): Promise<AuthorizationRequest> {
  const sealed = requestUri.startsWith(SEALED_PREFIX);
  const id = recordId(requestUri);
  const record = sealed ? unseal(requestUri, secret) : await store.findRecord(id);
  const request = record?.value;
  if (!record || record.expiresAt <= now() || !isRequestOf(request, clientId)) {
    throw new OAuthError("request_uri_incorrect");
  }
  if (!sealed && !(await store.deleteRecord(id))) throw new OAuthError("request_uri_incorrect");
  return request;
}

/** What was sealed; undefined for a text that we did not write. */
function unseal(
  requestUri: string,
  secret: Services["secret"],
): Pick<StoredRecord, "value" | "expiresAt"> | undefined {
  try {
    return JSON.parse(secret.unseal(requestUri.slice(SEALED_PREFIX.length), SEAL));
  } catch {
    return undefined;
  }
}

const recordId = (requestUri: string) => `pushed_request:${hashSecret(requestUri)}`;

/** What stands under such an id was checked before it was written; only its owner is in question. */
function isRequestOf(value: unknown, clientId: string): value is AuthorizationRequest {
  return (
    typeof value === "object" &&
    value !== null &&
    "clientId" in value &&
    value.clientId === clientId
  );
}
