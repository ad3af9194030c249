import { randomInt } from "node:crypto";
import type { Address } from "../protocol/address.ts";
import type { Params } from "../protocol/form.ts";
import { malformedParameter, missingParameter, OAuthError } from "../protocol/oauth_error.ts";
import { PINS, pinOf, readPin, shownPin } from "../protocol/pin.ts";
import type { Challenge } from "../store/challenges.ts";
import { addressRulesOf } from "./challenge_address.ts";
import { challengeRedirect } from "./challenge_code.ts";
import { addressQuota, countPin, refusePaused } from "./challenge_quota.ts";
import { type ChallengeProcess, findChallenge } from "./challenges.ts";
import { deliverTo } from "./deliveries.ts";
import type { Services } from "./services.ts";

/** The address is proven: the user agent goes back to the client. */
export interface ChallengeCompleted {
  readonly type: "completed";
  readonly process: ChallengeProcess;
  /** The client's redirect URI with `code` and `state`. */
  readonly redirectUrl: string;
  /** Whether this very request brought the right PIN; any other found the process solved. */
  readonly solvedNow: boolean;
}

/** A PIN is on its way, or was sent a moment ago. */
export interface ChallengeCreated {
  readonly type: "created";
  readonly process: ChallengeProcess;
  readonly address: Address;
  /** False when one was sent so recently that none is sent now. */
  readonly transmitted: boolean;
}

/** What `/challenge` leads to. */
export type ChallengeOutcome = ChallengeCompleted | ChallengeCreated;

/** The PIN was wrong, or not even looked at. */
export interface ChallengePending {
  readonly type: "pending";
  readonly process: ChallengeProcess;
  /** Whether no entry was left for this PIN. */
  readonly exhausted: boolean;
  /** Whether no PIN was ever sent. */
  readonly noChallenge: boolean;
}

/** What `/solve` leads to. */
export type SolveOutcome = ChallengeCompleted | ChallengePending;

/**
 * Sends a new PIN to the address in the fields, as far as the process has addresses and
 * transmissions left, and the address has not got its hour's number. Throws `challenge_unknown`,
 * `challenge_read_only`, `challenge_exhausted`, `challenge_address_paused`, the rows of the address,
 * and `delivery_failed`, after which the transmission may come again. The letter is in the language
 * of the tag, where there is one.
 */
export async function sendChallenge(
  nonce: string,
  fields: Params,
  services: Services,
  language?: string,
): Promise<ChallengeOutcome> {
  const process = await findChallenge(nonce, services);
  if (process.challenge.solvedAt !== null) return completed(process, services);
  const address = addressRulesOf(process.challenge.addressType, services).read(fields);
  const { store, settings, now } = services;
  const pin = pinOf(randomInt(PINS));
  const text = macText(process.challenge.id, { address, pin });
  const pinMac = services.secret.mac(PIN_LABEL, text);
  const { addressType } = process.challenge;
  const taken = await store.takeTransmission(process.challenge.id, {
    address,
    pinMac,
    now: now(),
    resendAt: now() + settings.challengeResendSeconds,
    quota: addressQuota(addressType, address, services),
  });
  if (!taken) return notSent(nonce, address, services);
  await transmit(taken, { address, pin, pinMac, language }, services);
  return { type: "created", process: { ...process, challenge: taken }, address, transmitted: true };
}

/** Why nothing was sent, judged by the process as it stands now. */
async function notSent(
  nonce: string,
  address: Address,
  services: Services,
): Promise<ChallengeOutcome> {
  const process = await findChallenge(nonce, services);
  const { challenge } = process;
  if (challenge.solvedAt !== null) return completed(process, services);
  const same = Bun.deepEquals(challenge.address, address);
  if (challenge.readOnly === 1 && !same) throw new OAuthError("challenge_read_only");
  if (same && challenge.pinMac !== null && challenge.resendAt > services.now()) {
    return { type: "created", process, address, transmitted: false };
  }
  await refusePaused(challenge.addressType, address, services);
  throw new OAuthError("challenge_exhausted");
}

/** What a carrier gets, and by what its transmission is known again. */
interface Transmitted {
  readonly address: Address;
  readonly pin: string;
  readonly pinMac: string;
  readonly language: string | undefined;
}

/** Counts the PIN and hands it to a delivery; a transmission that failed is given back within its bound (D8). */
async function transmit(
  { id, addressType }: Challenge,
  { address, pin, pinMac, language }: Transmitted,
  services: Services,
): Promise<void> {
  try {
    await countPin(addressType, address, services);
    const letter = { address, code: shownPin(pin), ...(language !== undefined && { language }) };
    await deliverTo(addressType, letter, services);
  } catch (error) {
    await services.store.refundTransmission(id, { pinMac, now: services.now() });
    throw error;
  }
}

/**
 * Takes one entry and judges it by the PIN that was sent last, to the address it was sent to. Throws
 * `challenge_unknown`, and `parameter_missing` or `parameter_malformed` for what cannot be a PIN.
 */
export async function solveChallenge(
  nonce: string,
  entered: string | undefined,
  services: Services,
): Promise<SolveOutcome> {
  const process = await findChallenge(nonce, services);
  if (process.challenge.solvedAt !== null) return completed(process, services);
  if (entered === undefined) throw missingParameter("pin");
  const pin = readPin(entered);
  if (pin === undefined) throw malformedParameter("pin");
  const { id, address } = process.challenge;
  // Under the previous secret too, so that a rotation ends no process.
  const pinMacs = services.secret.macs(PIN_LABEL, macText(id, { address, pin }));
  const taken = await services.store.takeEntry(id, { pinMacs, now: services.now() });
  const after = taken ? { ...process, challenge: taken } : await findChallenge(nonce, services);
  if (after.challenge.solvedAt === null) {
    const noChallenge = after.challenge.pinMac === null;
    return { type: "pending", process: after, exhausted: !taken && !noChallenge, noChallenge };
  }
  if (taken) await services.audit.record("challenge.solved", { clientId: process.client.id });
  return completed(after, services, taken !== undefined);
}

function completed(
  process: ChallengeProcess,
  services: Services,
  solvedNow = false,
): ChallengeCompleted {
  const redirectUrl = challengeRedirect(process, services);
  return { type: "completed", process, redirectUrl, solvedNow };
}

/** A PIN is kept as a MAC: eight digits under a bare hash would be found by trying all. */
const PIN_LABEL = "challenger pin";

/** What is under the MAC: a PIN is good for one process and for the address it was sent to. */
function macText(id: string, { address, pin }: { address: Address | null; pin: string }): string {
  return JSON.stringify([id, address, pin]);
}
