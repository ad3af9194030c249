import type { Client } from "../store/clients.ts";
import type { Services } from "./services.ts";

/** What nonces are made of. */
type Parts = Pick<Services, "secret" | "settings" | "issuer" | "now">;

/**
 * The nonce that is handed out now (RFC 9449 §8): a MAC over the slot of time, so that nothing is
 * stored and every instance under the same secret knows it.
 */
export function currentNonce(parts: Parts): string {
  return parts.secret.mac(LABEL, textOf(slotAt(parts), parts));
}

/**
 * Whether the nonce is the current one, or the one before: who got it late has a whole slot left. An
 * instance that has the next server secret already takes those of the ones that have not.
 */
export function isFreshNonce(nonce: string, parts: Parts): boolean {
  const slot = slotAt(parts);
  return [slot, slot - 1].some((known) => parts.secret.isMac(nonce, LABEL, textOf(known, parts)));
}

/** Whether proofs of the client's keys need a nonce. */
export function needsNonce(
  client: Pick<Client, "metadata"> | undefined,
  { settings }: Pick<Services, "settings">,
): boolean {
  return settings.dpopNonce === "required" || client?.metadata.require_dpop_nonce === true;
}

const slotAt = ({ now, settings }: Parts) => Math.floor(now() / settings.dpopNonceSeconds);

const LABEL = "dpop nonce";

const textOf = (slot: number, { issuer }: Parts) => `${slot}:${issuer}`;
