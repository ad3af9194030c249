import type { Address, AddressType } from "../protocol/address.ts";
import { normalizeIdentifier } from "../protocol/identifier.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import type { Transmission } from "../store/challenges.ts";
import { ADDRESS_FIELDS } from "./deliveries.ts";
import type { Services } from "./services.ts";

const HOUR_SECONDS = 3600;

/**
 * What one address may get of all processes and clients within an hour (attack 71). A process bounds
 * itself only: whoever may begin as many as he likes could flood a mailbox, and guess at its PINs,
 * by beginning many.
 */
export function addressQuota(
  type: AddressType,
  address: Address,
  { secret, settings }: Pick<Services, "secret" | "settings">,
): Transmission["quota"] {
  const text = JSON.stringify([type, mailboxOf(type, address)]);
  const key = `challenge:${secret.mac("challenge sending", text)}`;
  return { key, max: settings.challengePinsPerHour };
}

/** Counts one PIN to the address. Throws `challenge_address_paused` past the hour's number. */
export async function countPin(
  type: AddressType,
  address: Address,
  services: Services,
): Promise<void> {
  const { key, max } = addressQuota(type, address, services);
  const now = services.now();
  const window = { now, expiresAt: now + HOUR_SECONDS };
  const { failures: count, expiresAt } = await services.store.addFailure(key, window);
  if (count > max) throw paused(expiresAt - now);
}

/** Throws `challenge_address_paused` when the address has got its hour's number. */
export async function refusePaused(
  type: AddressType,
  address: Address,
  services: Services,
): Promise<void> {
  const { key, max } = addressQuota(type, address, services);
  const now = services.now();
  const row = await services.store.findThrottle(key);
  if (row && row.expiresAt > now && row.failures >= max) throw paused(row.expiresAt - now);
}

/**
 * What is one mailbox or one house for all that we know: no case, and no part of a local part that
 * begins with a plus, by which one mailbox has many addresses (RFC 5233).
 */
function mailboxOf(type: AddressType, address: Address): unknown {
  const values = Object.entries(address).map(([name, value]) => [name, value.toLowerCase()]);
  if (type !== "email") return values;
  const mail = normalizeIdentifier(address[ADDRESS_FIELDS.email] ?? "");
  return mail.replace(/^([^+@]+)\+[^@]*@/, "$1@");
}

function paused(seconds: number): OAuthError {
  const wait = String(Math.max(1, seconds));
  return new OAuthError("challenge_address_paused", { headers: { "Retry-After": wait } });
}
