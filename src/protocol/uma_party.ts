import type { RequiredClaim } from "./permission.ts";

/** In whose name a client asks, as a verified claim token says. */
export interface Party {
  /** Issuer and subject as one text: the same person is the same party, whichever token he shows. */
  readonly key: string;
  /** What an owner is shown. */
  readonly name: string;
  readonly issuer: string;
  /** The user of this server who he is; undefined for users of other issuers. */
  readonly userId?: string | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Claims that say nothing of the person unless their issuer has verified them (OpenID Connect Core §5.7). */
const VERIFIED_BY: Readonly<Record<string, string>> = {
  email: "email_verified",
  phone_number: "phone_number_verified",
};

/** Whether the party has every claim with exactly the value that is asked (idserver.md A.8). */
export function hasClaims(
  { claims, issuer }: Party,
  required: readonly RequiredClaim[],
  trusted: { readonly issuer: string; readonly provider: string | undefined },
): boolean {
  return required.every(({ type, value }) => {
    // A subject is one at its issuer only (OpenID Connect Core §5.7); without a provider, at ours.
    if (type === "sub" && trusted.provider === undefined && issuer !== trusted.issuer) return false;
    const verifiedBy = Object.hasOwn(VERIFIED_BY, type) ? VERIFIED_BY[type] : undefined;
    if (verifiedBy !== undefined && claims[verifiedBy] !== true) return false;
    const claim = Object.hasOwn(claims, type) ? claims[type] : undefined;
    return type === "role" ? rolesOf(claim).includes(value) : claim === value;
  });
}

/** A role may be one of several: a list, or one text with commas. */
function rolesOf(claim: unknown): readonly unknown[] {
  if (Array.isArray(claim)) return claim;
  return typeof claim === "string" ? claim.split(",").map((role) => role.trim()) : [];
}
