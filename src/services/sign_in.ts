import type { Session } from "../store/sessions.ts";
import type { User } from "../store/users.ts";
import { type KnownBrowser, knownBrowserId } from "./known_browser.ts";
import { endSession } from "./logout.ts";
import { endPending, type Pending } from "./pending_sign_in.ts";
import { verifySecondFactor } from "./second_factor.ts";
import type { Services } from "./services.ts";
import { beginSession, type LiveSession, rotateSession } from "./sessions.ts";
import { accountKey, type ThrottleKey } from "./throttle.ts";
import { type Place, strangerAt } from "./waiting_line.ts";

/** Where an attempt comes from. */
export interface Origin {
  /** Network address of the caller, where it is known. */
  readonly address: string | undefined;
  /** The browser, when somebody signed in there before. */
  readonly browser: KnownBrowser | undefined;
}

/** A name and a password, as they were typed. */
export interface PasswordAttempt extends Origin {
  readonly identifier: string;
  readonly password: string;
}

/**
 * The user whose password it is; undefined when it is nobody's, in the same time for a user who
 * does not exist. Throws `too_many_attempts`, or `server_busy`.
 */
export async function provePassword(
  { identifier, password, ...origin }: PasswordAttempt,
  services: Services,
): Promise<User | undefined> {
  const { store, passwords, throttle, audit } = services;
  const user = await store.findUserByIdentifier(identifier);
  const enabled = user?.disabledAt === null ? user : undefined;
  const { keys, place } = treatmentOf(user, identifier, origin, services);
  const proven = await throttle.attempt(keys, () =>
    passwords.verify(password, enabled?.passwordHash, place),
  );
  if (proven && enabled) return enabled;
  await audit.record("sign_in.failed", {
    userId: user?.id,
    details: { reason: !user ? "unknown user" : enabled ? "wrong password" : "disabled user" },
  });
  return undefined;
}

/**
 * Whether the code is the one that was sent for this pending sign-in, which then ends. A wrong
 * code counts like a wrong password. Throws `too_many_attempts`.
 */
export async function proveSecondFactor(
  { pending, user, code, ...origin }: Origin & { pending: Pending; user: User; code: string },
  services: Services,
): Promise<boolean> {
  const { keys } = treatmentOf(user, user.username, origin, services);
  const proven = await services.throttle.attempt(keys, () =>
    verifySecondFactor(user, pending.id, code, services),
  );
  // The gate: of two posts with one code, one goes on.
  if (proven) return endPending(pending, services);
  await services.audit.record("sign_in.failed", {
    userId: user.id,
    details: { reason: "wrong code" },
  });
  return false;
}

/** A user who has proved who he is, and in which browser. */
export interface Proven {
  /** As he was when he did. */
  readonly user: User;
  readonly amr: readonly string[];
  readonly device: string;
  /** Who is signed in there so far. */
  readonly current: LiveSession | undefined;
}

/**
 * Signs the user in under a new secret. A session that he has there already goes on under it, and
 * with it his applications; somebody else's ends. Undefined when his password was changed since he
 * proved it, or his second factor, or he was disabled or had his tokens ended: then he is not
 * signed in.
 */
export async function signIn(
  { user, amr, device, current }: Proven,
  services: Services,
): Promise<{ readonly cookie: string; readonly session: Session } | undefined> {
  const mine = current?.user.id === user.id ? current.session : undefined;
  const rotated = mine && (await rotateSession(mine, { user, amr, device }, services));
  const begun = rotated ?? (await beginSession({ user, amr, device }, services));
  if (!begun) {
    await services.audit.record("sign_in.failed", {
      userId: user.id,
      details: { reason: "changed meanwhile" },
    });
    return undefined;
  }
  if (current && !mine) await endSession(current.session, services);
  await services.audit.record("session.began", {
    userId: user.id,
    details: { session_id: begun.session.id, amr: amr.join(" ") },
  });
  return begun;
}

/** Methods of a sign-in that asked for a second factor or did not (RFC 8176). */
export function methodsOf(secondFactor: User["secondFactor"]): readonly string[] {
  if (secondFactor === null) return ["pwd"];
  return ["pwd", secondFactor === "sms" ? "sms" : "otp", "mfa"];
}

/** By what an attempt is counted, and when it is its turn. */
interface Treatment {
  readonly keys: readonly ThrottleKey[];
  readonly place: Place;
}

/**
 * A known browser is counted alone: nobody else's failures bear on it. It comes before the crowd,
 * in turns with the browsers of other users, so that many browsers of one gain him nothing.
 */
function treatmentOf(
  user: User | undefined,
  identifier: string,
  { address, browser }: Origin,
  { now }: Services,
): Treatment {
  const browserId = user && knownBrowserId(browser, user, now());
  if (user && browserId !== undefined) {
    return {
      keys: [{ kind: "browser", name: `${browserId} ${user.id}` }],
      place: { rank: "known", caller: user.id },
    };
  }
  const account = accountKey(user?.id, identifier);
  return {
    keys: address === undefined ? [account] : [account, { kind: "address", name: address }],
    place: strangerAt(address),
  };
}
