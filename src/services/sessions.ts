import { randomBytes } from "node:crypto";
import type { Session } from "../store/sessions.ts";
import type { User } from "../store/users.ts";
import { hashSecret, newId } from "./ids.ts";
import type { Services } from "./services.ts";

/** A session whose user is enabled, and neither idle nor past its end. */
export interface LiveSession {
  readonly session: Session;
  readonly user: User;
}

/** How a user proved himself, for a new session. */
export interface SignIn {
  /** As he was when he proved himself. */
  readonly user: User;
  /** RFC 8176 values, such as pwd, sms, mfa. */
  readonly amr: readonly string[];
  /** What the account page calls the device. */
  readonly device: string;
}

/** How often the use of a session is noted, in seconds. */
const TOUCH_SECONDS = 60;

/** Longest description of a device, in characters. */
const DEVICE_LENGTH_MAX = 200;

const newCookie = () => randomBytes(32).toString("base64url");

/**
 * Begins a session with a new secret, so that whatever cookie the browser had before is worth
 * nothing (session fixation). Returns the cookie's value; the store gets its hash. Undefined when
 * the user's password, second factor or standing is no more what he proved himself by.
 */
export async function beginSession(
  { user, amr, device }: SignIn,
  { store, settings, now }: Services,
): Promise<{ readonly cookie: string; readonly session: Session } | undefined> {
  const cookie = newCookie();
  const at = now();
  const session = {
    id: newId(),
    hash: hashSecret(cookie),
    userId: user.id,
    authTime: at,
    amr,
    device: device.slice(0, DEVICE_LENGTH_MAX),
    createdAt: at,
    lastSeenAt: at,
    expiresAt: at + settings.sessionAbsoluteSeconds,
  };
  return (await store.insertSession(session, user)) ? { cookie, session } : undefined;
}

/**
 * Gives a live session of the same user a new secret and a new sign-in time. It keeps its id, so
 * that what was granted in it goes on. Undefined when another request ended or renewed it, and as
 * in {@linkcode beginSession}.
 */
export async function rotateSession(
  session: Session,
  { user, amr, device }: SignIn,
  { store, settings, now }: Services,
): Promise<{ readonly cookie: string; readonly session: Session } | undefined> {
  const cookie = newCookie();
  const at = now();
  const renewed = {
    hash: hashSecret(cookie),
    authTime: at,
    amr,
    device: device.slice(0, DEVICE_LENGTH_MAX),
    lastSeenAt: at,
    expiresAt: at + settings.sessionAbsoluteSeconds,
  };
  const { id, hash } = session;
  const won = await store.rotateSession({ id, hash, renewed }, user);
  return won ? { cookie, session: { ...session, ...renewed } } : undefined;
}

/** Whether the session is neither idle nor past its end, whoever its user is. */
export function isLiveSession(session: Session, { settings, now }: Services): boolean {
  return session.expiresAt > now() && session.lastSeenAt + settings.sessionIdleSeconds > now();
}

/** The live session that a cookie stands for; its use is noted at most once a minute. */
export async function findLiveSession(
  cookie: string | undefined,
  services: Services,
): Promise<LiveSession | undefined> {
  const { store, now } = services;
  if (cookie === undefined) return undefined;
  const session = await store.findSessionByHash(hashSecret(cookie));
  if (!session || !isLiveSession(session, services)) return undefined;
  const user = await store.findUser(session.userId);
  if (!user || user.disabledAt !== null || session.createdAt <= user.notBefore) return undefined;
  if (session.lastSeenAt + TOUCH_SECONDS <= now()) {
    await store.touchSession(session.id, { now: now(), before: now() - TOUCH_SECONDS + 1 });
  }
  return { session, user };
}
