import { isEmailAddress, isPhoneNumber } from "../protocol/identifier.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import { kindOf } from "./log.ts";
import type { Services } from "./services.ts";

/** Where a code goes. */
export interface Destination {
  readonly kind: "email" | "phone";
  /** One addr-spec, or one E.164 number. */
  readonly address: string;
}

/** What carries codes to one type of address: a plugin's delivery, as services see it. */
export interface Carrier {
  readonly addressType: string;
  /** Resolves when the carrier has accepted the code. */
  send(message: {
    readonly address: Readonly<Record<string, string>>;
    readonly code: string;
  }): Promise<void>;
}

/** Name of the one address field of each kind, as Challenger names it (challenger.md B.2). */
export const ADDRESS_FIELDS = { email: "CONTACT_EMAIL", phone: "CONTACT_PHONE" } as const;

/**
 * Hands a code to the carrier of its kind of address. Nothing but one clean address reaches a
 * carrier (decisions D8). Throws `delivery_failed` when there is no carrier or it gives up.
 */
export async function deliver(
  { kind, address }: Destination,
  code: string,
  { carriers, log }: Services,
): Promise<void> {
  const clean = kind === "email" ? isEmailAddress(address) : isPhoneNumber(address);
  if (!clean) throw new OAuthError("delivery_failed", { cause: "not one clean address" });
  const carrier = carriers.find(({ addressType }) => addressType === kind);
  if (!carrier) throw new OAuthError("delivery_failed", { cause: `no delivery for ${kind}` });
  try {
    await carrier.send({ address: { [ADDRESS_FIELDS[kind]]: address }, code });
  } catch (error) {
    log("error", "delivery.failed", { address_type: kind, kind: kindOf(error) });
    throw new OAuthError("delivery_failed", { cause: "the carrier gave up" });
  }
}
