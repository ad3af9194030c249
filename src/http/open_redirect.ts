import type { InteractionFacts } from "../protocol/authorization_types.ts";
import type { Services } from "../services/services.ts";
import type { Client } from "../store/clients.ts";
import { currentSession } from "./current_session.ts";
import { isFramed } from "./navigation.ts";

/** An error that is about to be sent to a client through a browser. */
export interface Leaving {
  readonly request: Request;
  readonly client: Client;
  readonly services: Services;
  /** What the user did in this interaction; absent while there is none. */
  readonly facts?: InteractionFacts;
}

/**
 * Whether the browser may be sent to the client with an error, without a word to its user. Else
 * whoever registers himself could make links to this server that lead to his own pages (RFC 9700
 * §4.11.2): by a wrong scope, or by `prompt=none` where the answer is no. An administrator answers
 * for the redirect URIs that he registered. Those of a dynamic client are trusted
 *
 * - when the user answered the consent page of this interaction, which names the host. That he
 *   signed in, or chose an account, is not enough: those pages name nobody, and a request can be
 *   made that fails after them, as by an `acr` out of reach;
 * - when the user signed in let this very client act for him before. So `prompt=none` stays silent
 *   for those who use the client, and for nobody else;
 * - in a frame. The page that frames us could send its frame there itself, so nothing is gained by
 *   us, while applications that renew tokens in a frame need their `login_required`; and no page of
 *   ours is shown in one.
 */
export async function mayLeaveUnasked(leaving: Leaving): Promise<boolean> {
  const { request, client, services, facts } = leaving;
  const answered = facts?.consent !== undefined;
  if (client.origin !== "dynamic" || answered || isFramed(request)) return true;
  const live = await currentSession(request, services);
  const consent = live && (await services.store.findConsent(live.user.id, client.id));
  return consent !== undefined;
}
