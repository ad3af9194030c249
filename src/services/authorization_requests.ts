import { checkAuthorizationRequest, type Destination } from "../protocol/authorization_request.ts";
import { nextStep, type Step } from "../protocol/authorization_step.ts";
import type { AuthorizationRequest } from "../protocol/authorization_types.ts";
import { wishedScopes } from "../protocol/claims.ts";
import type { Params } from "../protocol/form.ts";
import { malformedParameter, missingParameter, OAuthError } from "../protocol/oauth_error.ts";
import type { Client } from "../store/clients.ts";
import type { Interaction } from "../store/interactions.ts";
import { readIdTokenHint } from "./id_token.ts";
import type { Services } from "./services.ts";
import type { LiveSession } from "./sessions.ts";
import { subjectFor } from "./subjects.ts";

/** The enabled client of that id. Throws `parameter_missing`, or `client_unknown` (message 8 of the seed). */
export async function requireClient(
  id: string | undefined,
  { store }: Pick<Services, "store">,
): Promise<Client> {
  if (id === undefined) throw missingParameter("client_id");
  const client = await store.findClient(id);
  if (!client || client.disabledAt !== null) throw new OAuthError("client_unknown");
  return client;
}

/**
 * Checks a request whose destination is known good; an `id_token_hint` must be one that this
 * server gave this client. Throws what `checkAuthorizationRequest` throws.
 */
export async function checkRequest(
  params: Params,
  { client, destination }: { client: Client; destination: Destination },
  services: Services,
): Promise<AuthorizationRequest> {
  const hint = params.get("id_token_hint");
  const hinted = await readIdTokenHint(hint, services);
  if (hint !== undefined && hinted?.clientId !== client.id) {
    throw malformedParameter("id_token_hint");
  }
  return checkAuthorizationRequest(params, client, {
    destination,
    hintedSubject: hinted?.subject,
  });
}

/** What comes next in an interaction, by what is stored and who is signed in. */
export async function stepOf(
  { request, facts }: Interaction,
  { client, live }: { client: Client; live: LiveSession | undefined },
  services: Services,
): Promise<Step> {
  const remembered = live && (await services.store.findConsent(live.user.id, client.id));
  return nextStep({
    request: { ...request, scope: wishedScopes(request, client.scopes) },
    facts,
    session: live && {
      id: live.session.id,
      subject: subjectFor(client, live.user, services),
      authTime: live.session.authTime,
      amr: live.session.amr,
      canStepUp: live.user.secondFactor !== null,
    },
    consent: {
      remembered,
      skipped: skipsConsent(client),
      imitable: isImitable(client, request),
    },
    now: services.now(),
  });
}

/** Whether it is the operator's own application, whose users are not asked. */
export function skipsConsent({ metadata, origin }: Client): boolean {
  return metadata.skip_consent === true && origin !== "dynamic";
}

/**
 * A public client whose code is delivered by the operating system alone, so that any program on the
 * device may take its place (RFC 8252 §8.6), whichever `application_type` it states.
 */
function isImitable(client: Client, { redirectUri }: AuthorizationRequest): boolean {
  return client.authMethod === "none" && !redirectUri.startsWith("https:");
}
