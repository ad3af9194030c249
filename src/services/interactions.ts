import { randomBytes } from "node:crypto";
import type { AuthorizationRequest } from "../protocol/authorization_types.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import type { Interaction } from "../store/interactions.ts";
import { hashSecret, isId, isSecretOf, newId } from "./ids.ts";
import type { Services } from "./services.ts";

/** What a `browser` cookie of ours looks like; any other value is replaced. */
const BROWSER_COOKIE = /^[A-Za-z0-9_-]{43}$/;

/** An interaction that began, and the cookie that its browser must show from now on. */
export interface BegunInteraction {
  readonly interaction: Interaction;
  readonly browserCookie: string;
}

/**
 * Stores a checked request on its way through sign-in and consent. The browser keeps the cookie it
 * has, so that requests in several tabs go on side by side.
 */
export async function beginInteraction(
  request: AuthorizationRequest,
  browserCookie: string | undefined,
  { store, settings, now }: Services,
): Promise<BegunInteraction> {
  const cookie =
    browserCookie !== undefined && BROWSER_COOKIE.test(browserCookie)
      ? browserCookie
      : randomBytes(32).toString("base64url");
  const interaction: Interaction = {
    id: newId(),
    browserHash: hashSecret(cookie),
    request,
    facts: {},
    createdAt: now(),
    expiresAt: now() + settings.interactionLifetimeSeconds,
    endedAt: null,
  };
  await store.insertInteraction(interaction);
  return { interaction, browserCookie: cookie };
}

/**
 * The interaction, while it is under way in this browser. Throws `interaction_unknown` for one that
 * does not exist, has ended or expired, or belongs to another browser: nobody learns which.
 */
export async function findInteraction(
  id: string | undefined,
  browserCookie: string | undefined,
  { store, now }: Services,
): Promise<Interaction> {
  const interaction = id !== undefined && isId(id) ? await store.findInteraction(id) : undefined;
  const known =
    interaction !== undefined &&
    browserCookie !== undefined &&
    isSecretOf(interaction.browserHash, browserCookie) &&
    interaction.endedAt === null &&
    interaction.expiresAt > now();
  if (!known) throw new OAuthError("interaction_unknown");
  return interaction;
}
