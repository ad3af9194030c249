import { OAuthError } from "../protocol/oauth_error.ts";
import { findInteraction } from "../services/interactions.ts";
import type { KnownBrowser } from "../services/known_browser.ts";
import { readKnownBrowser } from "../services/known_browser.ts";
import type { Services } from "../services/services.ts";
import type { LiveSession } from "../services/sessions.ts";
import type { Client } from "../store/clients.ts";
import type { Interaction } from "../store/interactions.ts";
import { readCookie } from "./cookies.ts";
import { currentSession } from "./current_session.ts";
import { callerAddress } from "./peer.ts";

/** A request for a page of ours, with all that its browser shows. */
export interface Visit {
  readonly request: Request;
  readonly services: Services;
  /** The authorization request that it is part of; undefined when the user came by himself. */
  readonly asked: Asked | undefined;
  /** Who is signed in. */
  readonly current: LiveSession | undefined;
  readonly browserCookie: string | undefined;
  /** The browser, when somebody signed in there before. */
  readonly browser: KnownBrowser | undefined;
  readonly address: string | undefined;
}

/** An interaction under way in this browser, and the client that began it. */
export interface Asked {
  readonly interaction: Interaction;
  readonly client: Client;
}

/** Reads a request for a page. Throws `interaction_unknown`, or `client_unknown` when it is gone. */
export async function readVisit(request: Request, services: Services): Promise<Visit> {
  const browserCookie = readCookie(request, "browser", services);
  const id = new URL(request.url).searchParams.get("interaction");
  return {
    request,
    services,
    asked: id === null ? undefined : await findAsked(id, browserCookie, services),
    current: await currentSession(request, services),
    browserCookie,
    browser: readKnownBrowser(readCookie(request, "device", services), services),
    address: callerAddress(request, services.settings),
  };
}

/** What users are told that a client is called. */
export function clientNameOf(client: Client): string {
  return client.metadata.client_name ?? client.id;
}

/** The same for a client that people go back to: its name, else the host that they know it by. */
export function clientTitle(client: Client, redirectUri: string): string {
  return client.metadata.client_name ?? new URL(redirectUri).host;
}

/** Path of a page of ours with the interaction that it is part of, below the origin. */
export function pathTo(
  path: string,
  { asked, services }: Pick<Visit, "asked" | "services">,
  query: Readonly<Record<string, string>> = {},
): string {
  const root = new URL(services.issuer).pathname.replace(/\/$/, "");
  const all = new URLSearchParams({
    ...(asked && { interaction: asked.interaction.id }),
    ...query,
  }).toString();
  return `${root}${path}${all === "" ? "" : `?${all}`}`;
}

async function findAsked(
  id: string,
  browserCookie: string | undefined,
  services: Services,
): Promise<Asked> {
  const interaction = await findInteraction(id, browserCookie, services);
  const client = await services.store.findClient(interaction.request.clientId);
  if (!client || client.disabledAt !== null) throw new OAuthError("client_unknown");
  return { interaction, client };
}
