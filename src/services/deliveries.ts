import { type Address, type AddressType, isSameAddress, readAddress } from "../protocol/address.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import { kindOf } from "./log.ts";
import type { Services } from "./services.ts";
import { within } from "./within.ts";

/** Where a code goes. */
export interface Destination {
  readonly kind: "email" | "phone";
  /** One addr-spec, or one E.164 number. */
  readonly address: string;
}

/** What a carrier takes. */
export interface Letter {
  /** One clean address, field by field. */
  readonly address: Address;
  /** The code as people shall see it. */
  readonly code: string;
  /** Tag of the language in which the code was asked for, where that is known. */
  readonly language?: string;
}

/** What carries codes to one type of address: a plugin's delivery, as services see it. */
export interface Carrier {
  readonly addressType: string;
  /** Resolves when the carrier has accepted the code. */
  send(letter: Letter): Promise<void>;
}

/** Name of the one address field of each kind, as Challenger names it (challenger.md B.2). */
export const ADDRESS_FIELDS = { email: "CONTACT_EMAIL", phone: "CONTACT_PHONE" } as const;

/**
 * Hands a code to the carrier of its kind of address. Throws `delivery_failed` when there is no
 * carrier or it gives up.
 */
export function deliver(
  { kind, address }: Destination,
  code: string,
  services: Services,
): Promise<void> {
  return deliverTo(kind, { address: { [ADDRESS_FIELDS[kind]]: address }, code }, services);
}

/**
 * Hands a code to the carrier of an address of any type, which has DELIVERY_TIMEOUT_SECONDS for it.
 * Nothing but one clean address reaches a carrier (decisions D8). Throws `delivery_failed`.
 */
export async function deliverTo(
  addressType: AddressType,
  letter: Letter,
  services: Services,
): Promise<void> {
  const { log, settings } = services;
  if (!isClean(addressType, letter.address)) {
    throw new OAuthError("delivery_failed", { cause: "not one clean address" });
  }
  const carrier = carrierOf(addressType, services);
  const shown = { ...letter, code: shownCode(letter.code) };
  try {
    await within(settings.deliveryTimeoutSeconds, () => carrier.send(shown));
  } catch (error) {
    log("error", "delivery.failed", { address_type: addressType, kind: kindOf(error) });
    throw new OAuthError("delivery_failed", { cause: "the carrier gave up" });
  }
}

/** The carrier of a type of address. Throws `delivery_failed` when there is none. */
export function carrierOf(
  addressType: AddressType,
  { carriers }: Pick<Services, "carriers">,
): Carrier {
  const carrier = carriers.find((known) => known.addressType === addressType);
  if (carrier) return carrier;
  throw new OAuthError("delivery_failed", { cause: `no delivery for ${addressType}` });
}

/** Eight digits as two groups of four (decisions D8); any other code as it is. */
export function shownCode(code: string): string {
  return code.replace(/^(\d{4})(\d{4})$/, "$1-$2");
}

/** Whether the address is one of its type in normal form, and nothing more. */
function isClean(addressType: AddressType, address: Address): boolean {
  try {
    return isSameAddress(readAddress(addressType, new Map(Object.entries(address))), address);
  } catch {
    return false;
  }
}
