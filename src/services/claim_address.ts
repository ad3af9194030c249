import { normalizeIdentifier } from "../protocol/identifier.ts";
import { identifiersOf } from "../protocol/user_metadata.ts";
import { outpacedOf } from "../store/database.ts";
import type { User } from "../store/users.ts";
import type { ChallengeProcess } from "./challenges.ts";
import { ADDRESS_FIELDS } from "./deliveries.ts";
import { nextUpdate } from "./next_update.ts";
import type { Services } from "./services.ts";
import type { LiveSession } from "./sessions.ts";

/** A proven address that the user may make a verified claim of his. */
export interface Claimable {
  readonly kind: "email" | "phone";
  readonly address: string;
  /** The address whose place it takes. */
  readonly replaced: string | undefined;
}

/**
 * What a solved process offers to the user who is signed in; undefined when there is nothing to
 * gain. An address that his second factor goes to is never replaced: whoever has his browser for a
 * moment could else turn the codes to himself.
 */
export function claimableOf(
  { challenge }: ChallengeProcess,
  { user }: LiveSession,
): Claimable | undefined {
  const { addressType: kind, address: proven, solvedAt } = challenge;
  if (solvedAt === null || (kind !== "email" && kind !== "phone")) return undefined;
  const address = proven?.[ADDRESS_FIELDS[kind]];
  const { held, isVerified, isFactor } = contactOf(kind, user);
  if (address === undefined) return undefined;
  if (held === null) return { kind, address, replaced: undefined };
  const isSame = normalizeIdentifier(held) === normalizeIdentifier(address);
  if (isSame ? isVerified : isFactor) return undefined;
  return { kind, address, replaced: isSame ? undefined : held };
}

/** The user's address of the kind, and what it counts for. */
function contactOf(kind: Claimable["kind"], { email, phoneNumber, claims, secondFactor }: User) {
  const [held, factor] =
    kind === "email" ? ([email, "email"] as const) : ([phoneNumber, "sms"] as const);
  return { held, isVerified: claims[VERIFIED[kind]] !== false, isFactor: secondFactor === factor };
}

/**
 * Makes the address the user's verified one, in one write: it identifies him from then on, and the
 * one before no longer (decisions D6). `taken` when it is another user's, `changed` when the user
 * was changed meanwhile.
 */
export async function claimAddress(
  { kind, address }: Claimable,
  { user }: LiveSession,
  services: Services,
): Promise<"added" | "taken" | "changed"> {
  const { [VERIFIED[kind]]: _, ...claims } = user.claims;
  const column = kind === "email" ? { email: address } : { phoneNumber: address };
  const row = { ...user, ...column, claims, updatedAt: nextUpdate(services.now(), user) };
  const identifiers = identifiersOf(row);
  const write = { row, seenAt: user.updatedAt, identifiers, passwordChanged: false };
  try {
    await services.store.writeParties({ clients: [], users: [write] });
  } catch (error) {
    const outpaced = outpacedOf(error);
    if (!outpaced) throw error;
    return outpaced.identifier === undefined ? "changed" : "taken";
  }
  await services.audit.record("user.address_added", {
    userId: user.id,
    details: { address_type: kind },
  });
  return "added";
}

/** Shows that the PIN was entered in a browser of this session; worth nothing in any other. */
export function claimProof(
  { challenge }: ChallengeProcess,
  { session }: LiveSession,
  { secret }: Pick<Services, "secret">,
): string {
  return secret.mac(
    "challenge claim",
    JSON.stringify([challenge.id, challenge.address, session.id]),
  );
}

/** Claims that say whether an address is verified (OpenID Connect Core §5.1). */
const VERIFIED = { email: "email_verified", phone: "phone_number_verified" } as const;
