import { OAuthError, type Services } from "../../plugin.ts";
import { isPhoneNumber, normalizeIdentifier } from "../../protocol/identifier.ts";
import { checkConfirmationCode, spendConfirmationCode } from "../../services/confirmation_codes.ts";
import type { ThrottleKey } from "../../services/throttle.ts";
import type { Place } from "../../services/waiting_line.ts";
import type { User } from "../../store/users.ts";

/** Ways in which a resource owner proves himself, as `amr_values` names them (decisions D6). */
export const OWNER_METHODS = ["pwd", "sms"] as const;

/** One of the ways. */
export type OwnerMethod = (typeof OWNER_METHODS)[number];

/** What the grant knows of one attempt. */
export interface OwnerAttempt {
  readonly username: string;
  readonly password: string;
  readonly clientId: string;
  readonly methods: readonly OwnerMethod[];
  readonly keys: readonly ThrottleKey[];
  /** When it is its turn among passwords that wait. */
  readonly place: Place;
}

/** A proven resource owner. */
export interface ProvenOwner {
  readonly user: User;
  /** RFC 8176 values: a password, a code by message, or a code by mail. */
  readonly amr: readonly string[];
  /** Spends a code; a password is not spent. Throws `credentials_incorrect` when another request won. */
  readonly spend?: () => Promise<Record<string, never>>;
}

/** The first way that `amr_values` names and this server has; all of them where it names none. */
export function chooseMethods(amrValues: string | undefined): readonly OwnerMethod[] {
  if (amrValues === undefined) return OWNER_METHODS;
  const asked = amrValues.split(" ");
  const known = asked.flatMap((name) => OWNER_METHODS.filter((method) => method === name));
  return [known[0] ?? "pwd"];
}

/**
 * Proves the resource owner by his password, then by a confirmation code. Both are tried for an
 * unknown user too, so that he costs the same time. Throws `credentials_incorrect`, also for a user
 * with a second factor, whom this grant cannot ask for it.
 */
export async function proveOwner(
  found: User | undefined,
  attempt: OwnerAttempt,
  services: Services,
): Promise<ProvenOwner> {
  const user = found?.disabledAt === null ? found : undefined;
  let proven: ProvenOwner | undefined;
  await services.throttle.attempt(attempt.keys, async () => {
    proven = (await byPassword(user, attempt, services)) ?? (await byCode(user, attempt, services));
    return proven !== undefined;
  });
  if (!proven)
    throw refusal(!found ? "unknown user" : user ? "wrong credentials" : "disabled user", found);
  if (proven.user.secondFactor !== null) throw refusal("the user has a second factor", found);
  return proven;
}

async function byPassword(
  user: User | undefined,
  { password, methods, place }: OwnerAttempt,
  { passwords }: Services,
): Promise<ProvenOwner | undefined> {
  if (!methods.includes("pwd")) return undefined;
  const right = await passwords.verify(password, user?.passwordHash, place);
  return right && user ? { user, amr: ["pwd"] } : undefined;
}

async function byCode(
  user: User | undefined,
  { username, password, clientId, methods }: OwnerAttempt,
  services: Services,
): Promise<ProvenOwner | undefined> {
  if (!methods.includes("sms")) return undefined;
  const address = normalizeIdentifier(username);
  const binding = { purpose: "password_grant", party: clientId, address } as const;
  const code = await checkConfirmationCode(binding, password, services);
  if (!code || !user || code.userId !== user.id) return undefined;
  return {
    user,
    amr: [isPhoneNumber(address) ? "sms" : "otp"],
    async spend() {
      if (!(await spendConfirmationCode(code, services))) throw refusal("the code was used", user);
      return {};
    },
  };
}

function refusal(cause: string, user: User | undefined): OAuthError {
  return new OAuthError("credentials_incorrect", { cause, userId: user?.id });
}
