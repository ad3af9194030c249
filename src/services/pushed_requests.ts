import { randomBytes } from "node:crypto";
import type { AuthorizationRequest } from "../protocol/authorization_types.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import { hashSecret } from "./ids.ts";
import type { Services } from "./services.ts";

/** What every `request_uri` of ours begins with (RFC 9126 §2.2). */
const PREFIX = "urn:ietf:params:oauth:request_uri:";

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

/** Whether the text is a name of the kind that {@linkcode pushRequest} gives; all else is foreign. */
export function isPushedRequestUri(requestUri: string): boolean {
  return requestUri.startsWith(PREFIX);
}

/**
 * Takes the request that a client pushed. Throws `request_uri_incorrect` when it is unknown, used,
 * expired or another client's, and in the last case leaves it to its owner (RFC 9126 §4).
 */
export async function takePushedRequest(
  requestUri: string,
  clientId: string,
  { store, now }: Services,
): Promise<AuthorizationRequest> {
  const id = recordId(requestUri);
  const record = await store.findRecord(id);
  const request = record?.value;
  if (!record || record.expiresAt <= now() || !isRequestOf(request, clientId)) {
    throw new OAuthError("request_uri_incorrect");
  }
  if (!(await store.deleteRecord(id))) throw new OAuthError("request_uri_incorrect");
  return request;
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
