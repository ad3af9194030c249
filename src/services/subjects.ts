import { createHmac, randomBytes } from "node:crypto";
import { publicHostOf } from "../protocol/redirect_uri.ts";
import type { Client } from "../store/clients.ts";
import type { RecordStore } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import type { User } from "../store/users.ts";
import { isId } from "./ids.ts";
import type { Services } from "./services.ts";

/** Id of the record that holds the salt. */
const SALT_ID = "pairwise-salt";

/**
 * The salt of pairwise subjects and session ids, made at the first start and kept for ever: it is
 * not drawn from the server's secret, since subjects must outlive a change of that (OpenID Connect
 * Core §8). It hides users from clients, not from readers of the store, where subjects stand beside
 * users.
 */
export async function openPairwiseSalt(store: RecordStore): Promise<string> {
  const known = await store.findRecord(SALT_ID);
  if (known) return String(known.value);
  const value = randomBytes(32).toString("base64url");
  if (await store.insertRecord({ id: SALT_ID, value, expiresAt: Number.MAX_SAFE_INTEGER })) {
    return value;
  }
  // Another instance was first, and its salt is the one.
  return openPairwiseSalt(store);
}

/**
 * `sub` of a user at a client: his id, or for a pairwise client a MAC over sector and user, so that
 * clients of different sectors cannot compare notes (OpenID Connect Core §8.1).
 */
export function subjectFor(
  client: Client,
  user: Pick<User, "id">,
  { pairwiseSalt }: Pick<Services, "pairwiseSalt">,
): string {
  if (client.subjectType === "public") return user.id;
  const sector = sectorOf(client);
  return createHmac("sha256", pairwiseSalt)
    .update(`${sector.length}:${sector}:${user.id}`)
    .digest("base64url");
}

/**
 * The user whom a client knows by that subject: its own inverse where subjects are public, else as
 * long as an authorization of the client tells.
 */
export async function userOfSubject(
  client: Client,
  subject: string,
  store: Pick<Store, "findUser" | "findUserOfSubject">,
): Promise<User | undefined> {
  const id =
    client.subjectType === "public" ? subject : await store.findUserOfSubject(client.id, subject);
  return id === undefined || !isId(id) ? undefined : store.findUser(id);
}

/**
 * `sid` of a session at a client, the same as long as the session lives (OpenID Connect Back-Channel
 * Logout §2.1). It is another one at each client, or two of them could tell by it that their
 * pairwise subjects are one user; and it is no id of ours, so that nothing else can be looked up by it.
 */
export function sessionIdFor(
  clientId: string,
  sessionId: string,
  { pairwiseSalt }: Pick<Services, "pairwiseSalt">,
): string {
  // What a subject is made of begins with a digit, so that neither can ever be the other.
  return createHmac("sha256", pairwiseSalt)
    .update(`sid:${clientId.length}:${clientId}:${sessionId}`)
    .digest("base64url");
}

/**
 * The host of `sector_identifier_uri`, else the one public host of all redirect URIs. A client that
 * has no such host is a sector of its own: strangers share loopback addresses and schemes.
 */
function sectorOf({ id, metadata, redirectUris }: Client): string {
  const { sector_identifier_uri: sectorUri } = metadata;
  const uris = sectorUri === undefined ? redirectUris : [sectorUri];
  const hosts = new Set(uris.map(publicHostOf));
  const [host] = hosts;
  return hosts.size === 1 && host ? `host:${host}` : `client:${id}`;
}
