import { words } from "../protocol/client_metadata.ts";
import type { Params } from "../protocol/form.ts";
import { malformedParameter, OAuthError } from "../protocol/oauth_error.ts";
import type { Client } from "../store/clients.ts";
import type { Session } from "../store/sessions.ts";
import { readIdTokenHint } from "./id_token.ts";
import type { Services } from "./services.ts";
import { sessionIdFor } from "./subjects.ts";

/** Parameters of a logout request (OpenID Connect RP-Initiated Logout 1.0 §2). */
export const LOGOUT_PARAMETERS = [
  "id_token_hint",
  "client_id",
  "post_logout_redirect_uri",
  "state",
  "ui_locales",
] as const;

/** Longest `state` and `ui_locales` that are taken, in characters. */
const TEXT_LENGTH_MAX = 2_048;

/** Names what is sealed, so that no other sealed value passes for it. */
const SEAL = "logout-request";

/** A logout request whose parameters have been checked. */
export interface LogoutRequest {
  /** The client that asks, when it said who it is. */
  readonly clientId?: string;
  /** `sid` of the ID token that the client showed: the session as this client knows it. */
  readonly hintedSid?: string;
  /** Where the client wants the user afterwards: a registered URI. */
  readonly redirectUri?: string;
  /**
   * Whether the client's word may stand for that of the user, for his signing out and for where his
   * browser goes then: a valid ID token shows that the client knows the user (OpenID Connect
   * RP-Initiated Logout §3), and an administrator registered it. Anybody can name a client, or
   * register one.
   */
  readonly trusted: boolean;
  readonly state?: string;
  readonly uiLocales: readonly string[];
}

/**
 * Checks a logout request. A hint that is not an ID token of ours is not used (§4); then a redirect
 * needs `client_id`. Throws `logout_client_mismatch` and `post_logout_redirect_uri_unregistered`.
 */
export async function readLogoutRequest(
  params: Params,
  services: Services,
): Promise<LogoutRequest> {
  const hint = await readIdTokenHint(params.get("id_token_hint"), services);
  const named = params.get("client_id");
  if (hint && named !== undefined && named !== hint.clientId) {
    throw new OAuthError("logout_client_mismatch");
  }
  const clientId = hint?.clientId ?? named;
  const client = clientId === undefined ? undefined : await services.store.findClient(clientId);
  const redirectUri = checkedRedirect(params.get("post_logout_redirect_uri"), client);
  const state = boundedText(params, "state");
  return {
    ...(client && { clientId: client.id }),
    ...(hint?.sid !== undefined && { hintedSid: hint.sid }),
    ...(redirectUri !== undefined && { redirectUri }),
    trusted: hint !== undefined && client !== undefined && client.origin !== "dynamic",
    ...(state !== undefined && { state }),
    uiLocales: words(boundedText(params, "ui_locales")),
  };
}

/** The request as one text that only we can write or read, for a URL or a form of ours. */
export function sealLogoutRequest(
  request: LogoutRequest,
  { secret, settings, now }: Pick<Services, "secret" | "settings" | "now">,
): string {
  const expiresAt = now() + settings.interactionLifetimeSeconds;
  return secret.seal(JSON.stringify({ request, expiresAt }), SEAL);
}

/**
 * Reads what {@linkcode sealLogoutRequest} wrote, as far as it still stands: of a client that is
 * gone nothing is left but the wish to sign out, and an address that is not registered any more is
 * left out. The user may sign out all the same. Throws `logout_expired`.
 */
export async function unsealLogoutRequest(
  sealed: string | undefined,
  { secret, store, now }: Pick<Services, "secret" | "store" | "now">,
): Promise<LogoutRequest> {
  const { request, expiresAt } = unseal(sealed ?? "", secret);
  if (expiresAt <= now()) throw new OAuthError("logout_expired");
  const { clientId, redirectUri, hintedSid, trusted, ...rest } = request;
  const client = clientId === undefined ? undefined : await store.findClient(clientId);
  if (client?.disabledAt !== null) return { ...rest, trusted: false };
  return {
    ...rest,
    clientId: client.id,
    trusted: trusted && client.origin !== "dynamic",
    ...(hintedSid !== undefined && { hintedSid }),
    ...(redirectUri !== undefined &&
      client.postLogoutRedirectUris.includes(redirectUri) && { redirectUri }),
  };
}

function unseal(
  sealed: string,
  secret: Services["secret"],
): { readonly request: LogoutRequest; readonly expiresAt: number } {
  try {
    return JSON.parse(secret.unseal(sealed, SEAL));
  } catch {
    throw new OAuthError("logout_expired");
  }
}

/**
 * Whether the request is carried out without asking: it is that of a client of the administrator's,
 * whose ID token was issued in the very session that ends.
 */
export function isUnquestioned(
  { clientId, hintedSid, trusted }: LogoutRequest,
  session: Pick<Session, "id">,
  services: Pick<Services, "pairwiseSalt">,
): boolean {
  if (clientId === undefined || !trusted) return false;
  return hintedSid === sessionIdFor(clientId, session.id, services);
}

/** The URI, when it is byte for byte a registered one of an enabled client. */
function checkedRedirect(uri: string | undefined, client: Client | undefined): string | undefined {
  if (uri === undefined) return undefined;
  if (client?.disabledAt !== null || !client.postLogoutRedirectUris.includes(uri)) {
    throw new OAuthError("post_logout_redirect_uri_unregistered");
  }
  return uri;
}

function boundedText(params: Params, name: "state" | "ui_locales"): string | undefined {
  const text = params.get(name);
  if (text !== undefined && text.length > TEXT_LENGTH_MAX) throw malformedParameter(name);
  return text;
}
