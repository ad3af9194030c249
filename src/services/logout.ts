import type { Client } from "../store/clients.ts";
import type { Session } from "../store/sessions.ts";
import { kindOf } from "./log.ts";
import { mintLogoutToken } from "./logout_token.ts";
import { safeFetch } from "./safe_fetch.ts";
import type { Services } from "./services.ts";

/** Logout tokens that are on their way at a time, for one user who signs out. */
const DELIVERIES_AT_ONCE = 16;

/** Largest answer to a logout token that is read, in bytes. */
const ANSWER_BYTES_MAX = 4_096;

/**
 * Ends a session: it is deleted, its authorizations without `offline_access` are revoked, and its
 * clients are told (decisions D5, OpenID Connect Back-Channel Logout §2.5). Of several requests at
 * once one does it. The caller waits for the clients no longer than one request of ours may take.
 */
export async function endSession(session: Session, services: Services): Promise<void> {
  await deliverAll(await closeSession(session, services), services);
}

/** Ends all sessions of a user, as {@linkcode endSession} does each. */
export async function endAllSessions(userId: string, services: Services): Promise<void> {
  const sessions = await services.store.listSessions(userId);
  const closed = await Promise.all(sessions.map((session) => closeSession(session, services)));
  await deliverAll(closed.flat(), services);
}

/** A client that must be told that a session ended. */
interface Notice {
  readonly client: Client;
  readonly uri: string;
  readonly session: Session;
  /** Whom the client knows the user as: what it was granted, whatever it is registered as by now. */
  readonly subject: string;
}

/** Everything but the telling; nobody is told by the request that came second. */
async function closeSession(session: Session, services: Services): Promise<readonly Notice[]> {
  const { store, audit, now } = services;
  // Revoked first, so that a crash leaves a session that can be ended again, and once more after
  // it is gone, for what was issued in between.
  await store.revokeAuthorizationsOfSession(session.id, now());
  const ended = await store.deleteSession(session.id);
  await store.revokeAuthorizationsOfSession(session.id, now());
  if (!ended) return [];
  await audit.record("session.ended", {
    userId: session.userId,
    details: { session_id: session.id },
  });
  const known = await store.listClientsOfSession(session.id);
  const notices = known.map(async ({ clientId, subject }) => {
    const client = await store.findClient(clientId);
    const uri = client?.metadata.backchannel_logout_uri;
    return client?.disabledAt === null && uri !== undefined
      ? [{ client, uri, session, subject }]
      : [];
  });
  return (await Promise.all(notices)).flat();
}

/** Sends all notices side by side, a bounded number at a time; past the time limit nobody waits. */
async function deliverAll(notices: readonly Notice[], services: Services): Promise<void> {
  if (notices.length === 0) return;
  const waiting = [...notices];
  const work = async () => {
    for (let notice = waiting.shift(); notice; notice = waiting.shift()) {
      await deliver(notice, services);
    }
  };
  const workers = Array.from({ length: Math.min(DELIVERIES_AT_ONCE, notices.length) }, work);
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, services.settings.outgoingTimeoutSeconds * 1000);
  await Promise.race([Promise.all(workers), late]);
  clearTimeout(timer);
}

/** Posts one logout token. A client that cannot be reached, or refuses, is noted; it never throws. */
async function deliver(notice: Notice, services: Services): Promise<void> {
  const { client, session } = notice;
  const failure = await post(notice, services).catch(reasonOf);
  if (failure === undefined) return;
  await services.audit.record("logout.undelivered", {
    clientId: client.id,
    userId: session.userId,
    details: { session_id: session.id, reason: failure },
  });
}

/** The messages of `safeFetch` are our own words; of others, only the kind is written down. */
function reasonOf(error: unknown): string {
  return error instanceof TypeError ? error.message : kindOf(error);
}

/** What went wrong, in our own words; undefined when the client took the token (§2.8). */
async function post(notice: Notice, services: Services): Promise<string | undefined> {
  const token = await mintLogoutToken(notice, services);
  const { status } = await safeFetch(
    notice.uri,
    {
      method: "POST",
      body: new URLSearchParams({ logout_token: token }).toString(),
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      maxBytes: ANSWER_BYTES_MAX,
    },
    services,
  );
  return status === 200 || status === 204 ? undefined : `status ${status}`;
}
