import type { AgreedWishes } from "../protocol/authorization_types.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import type { Client } from "../store/clients.ts";
import { outpacedOf } from "../store/database.ts";
import type { User } from "../store/users.ts";
import type { Services } from "./services.ts";

/** Who let whom. */
export interface ConsentParties {
  readonly userId: string;
  readonly clientId: string;
}

/**
 * How often a consent is merged anew. Each time another request of the same user and client has
 * written, so that it takes as many of them at once to use the tries up.
 */
const TRIES_MAX = 100;

/**
 * Adds to what the user let the client do before. What is written rests on what is stored at that
 * moment: of answers given in two tabs at once neither is lost, and what the user withdraws
 * meanwhile does not come back with an answer to something else. With the client as it was `shown`,
 * false and nothing is written when it has changed since. Throws `store_write_failed` when others
 * were faster a hundred times.
 */
export async function rememberConsent(
  { scope, resource }: AgreedWishes,
  parties: ConsentParties,
  { store, now }: Services,
  shown?: Client,
): Promise<boolean> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const seen = await store.findConsent(parties.userId, parties.clientId);
    const merged = {
      ...parties,
      scope: [...new Set([...(seen?.scope ?? []), ...scope])],
      resource: [...new Set([...(seen?.resource ?? []), ...resource])],
      createdAt: seen?.createdAt ?? now(),
      updatedAt: now(),
    };
    try {
      if (await store.writeConsent(merged, seen, shown)) return true;
    } catch (error) {
      if (outpacedOf(error)) return false;
      throw error;
    }
  }
  throw new OAuthError("store_write_failed", {
    cause: "the consent was written too often at once",
  });
}

/** An application that may do something in a user's name, or ask no more before it may. */
export interface Application {
  readonly clientId: string;
  /** Undefined when it exists no more. */
  readonly client: Client | undefined;
  readonly scope: readonly string[];
  /** When it was last allowed or granted something, in Unix seconds. */
  readonly since: number;
}

/**
 * Every application that the user consented to, or that holds a live authorization of his though he
 * was not asked: by `skip_consent`, or by his password. The latest come first.
 */
export async function listApplications(
  { id, notBefore }: Pick<User, "id" | "notBefore">,
  { store, now }: Services,
): Promise<readonly Application[]> {
  const [consents, access] = await Promise.all([
    store.listConsents(id),
    store.listAccess(id, { now: now(), since: notBefore }),
  ]);
  const facts = [
    ...consents.map(({ clientId, scope, updatedAt: at }) => ({ clientId, scope, at, given: true })),
    ...access.map(({ clientId, scope, grantedAt: at }) => ({ clientId, scope, at, given: false })),
  ];
  const found = await Promise.all(
    [...Map.groupBy(facts, ({ clientId }) => clientId)].map(async ([clientId, all]) => {
      const client = await store.findClient(clientId);
      // What a client was granted before its tokens were ended is dead.
      const standing = all.filter(({ given, at }) => given || at > (client?.notBefore ?? 0));
      return {
        clientId,
        client,
        scope: [...new Set(standing.flatMap(({ scope }) => scope))],
        since: Math.max(...standing.map(({ at }) => at)),
        standing: standing.length > 0,
      };
    }),
  );
  return found.filter(({ standing }) => standing).sort((a, b) => b.since - a.since);
}

/**
 * Forgets what the user let a client do, and ends all that it holds of him; false when there was
 * nothing of either.
 */
export async function withdrawAccess(
  parties: ConsentParties,
  { store, audit, now }: Services,
): Promise<boolean> {
  const { userId, clientId } = parties;
  // The consent goes first: a code that is written after the revocation rests on none.
  const known = await store.deleteConsent(userId, clientId);
  const ended = await store.revokeAuthorizationsOfConsent(userId, clientId, now());
  if (!known && !ended) return false;
  await audit.record("consent.withdrawn", parties);
  return true;
}
