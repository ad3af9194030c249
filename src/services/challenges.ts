import { randomBytes } from "node:crypto";
import type { Address } from "../protocol/address.ts";
import { fromCrockford, toCrockford } from "../protocol/crockford.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import { CHALLENGE_LIMITS, REFUNDS_MAX } from "../protocol/pin.ts";
import { type TalerTimestamp, talerTimestamp } from "../protocol/taler.ts";
import type { Challenge } from "../store/challenges.ts";
import type { Client } from "../store/clients.ts";
import { isLiveSecret } from "./client_secrets.ts";
import { carrierOf } from "./deliveries.ts";
import { hashSecret, isSecretOf } from "./ids.ts";
import type { Services } from "./services.ts";

/** Bytes of a nonce; nobody guesses one (challenger.md B.5). */
const NONCE_BYTES = 32;

/** Counter of the numbers by which `/info` names processes. */
const NUMBERS = "challenge";

/** Ids of Challenger clients are whole numbers, written without leading zeros. */
export function isChallengerId(text: string): boolean {
  return /^(0|[1-9]\d{0,14})$/.test(text);
}

/** A live process, its nonce in the canonical form, and the client that began it. */
export interface ChallengeProcess {
  readonly nonce: string;
  readonly challenge: Challenge;
  readonly client: Client;
}

/** What the client knows of the user's address beforehand. */
export interface Prefill {
  readonly address: Address | null;
  readonly readOnly: boolean;
}

/**
 * The client that may begin a process. Throws `client_unknown` for an unknown id and for a wrong
 * secret alike, as the protocol has it.
 */
export async function requireChallengerClient(
  clientId: string,
  secret: string | undefined,
  { store, now }: Services,
): Promise<Client> {
  const found = isChallengerId(clientId) ? await store.findClient(clientId) : undefined;
  const client = found && mayBegin(found) ? found : undefined;
  const proven = client ? isLiveSecret(secret ?? "", client, now()) : isDecoy(secret ?? "");
  if (!client || !proven) throw new OAuthError("client_unknown");
  return client;
}

/** Whether a process of the client could lead anywhere: codes go to http and https only. */
function mayBegin({ profile, disabledAt, redirectUris, grantTypes }: Client): boolean {
  const leads = /^https?:/.test(redirectUris[0] ?? "") && grantTypes.includes("authorization_code");
  return profile === "challenger" && disabledAt === null && leads;
}

/** Costs what comparing a secret costs. */
const isDecoy = (secret: string) => isSecretOf(hashSecret(""), secret) && false;

/**
 * Begins a process and returns its nonce. Throws `delivery_failed` when no PIN could be sent, which
 * the client so learns before its user does, `too_many_requests` when the client began its minute's
 * number, and what the store throws.
 */
export async function setUpChallenge(
  client: Client,
  { address, readOnly }: Prefill,
  services: Services,
): Promise<string> {
  const { store, settings, audit, budgets, now } = services;
  carrierOf(settings.challengerAddressType, services);
  await budgets.spend({ kind: "challenge_client", name: client.id });
  const nonce = toCrockford(randomBytes(NONCE_BYTES));
  await store.insertChallenge({
    id: idOf(nonce),
    number: await store.nextNumber(NUMBERS),
    clientId: client.id,
    redirectUri: client.redirectUris[0] ?? "",
    state: null,
    codeChallenge: null,
    codeChallengeMethod: null,
    addressType: settings.challengerAddressType,
    address,
    readOnly: readOnly ? 1 : 0,
    addressesLeft: CHALLENGE_LIMITS.addresses,
    transmissionsLeft: CHALLENGE_LIMITS.transmissions,
    entriesLeft: CHALLENGE_LIMITS.entries,
    refundsLeft: REFUNDS_MAX,
    pinMac: null,
    resendAt: 0,
    createdAt: now(),
    expiresAt: now() + settings.challengeLifetimeSeconds,
    solvedAt: null,
    spentAt: null,
    authorizationId: null,
  });
  await audit.record("challenge.began", { clientId: client.id });
  return nonce;
}

/** The id of a nonce in its canonical form. */
export function idOf(nonce: string): string {
  return hashSecret(nonce);
}

/** The nonce as it is stored, however it was written; undefined when it cannot be one. */
export function canonicalNonce(text: string): string | undefined {
  const bytes = fromCrockford(text, NONCE_BYTES);
  return bytes && toCrockford(bytes);
}

/** The live process of a nonce. Throws `challenge_unknown`. */
export async function findChallenge(text: string, services: Services): Promise<ChallengeProcess> {
  const nonce = canonicalNonce(text);
  const process = nonce === undefined ? undefined : await findProcess(nonce, services);
  if (!process) throw new OAuthError("challenge_unknown");
  return process;
}

/** The process of a canonical nonce, while it lives and its client may go on. */
export async function findProcess(
  nonce: string,
  { store, now }: Services,
): Promise<ChallengeProcess | undefined> {
  const challenge = await store.findChallenge(idOf(nonce));
  if (!challenge || challenge.expiresAt <= now()) return undefined;
  const client = await store.findClient(challenge.clientId);
  if (!client || client.disabledAt !== null || client.profile !== "challenger") return undefined;
  // `client revoke-tokens` ends what would give tokens too.
  return challenge.createdAt > client.notBefore ? { nonce, challenge, client } : undefined;
}

/** Where a process stands, as `/authorize` tells it (challenger.md B.2). */
export interface ChallengeStatus {
  /** The address can no longer be changed. */
  readonly fix_address: boolean;
  readonly last_address?: Address;
  /** Addresses that may still be given. */
  readonly changes_left: number;
  readonly solved: boolean;
  /** When a PIN may be sent again; this and the rest only once one was. */
  readonly retransmission_time?: TalerTimestamp;
  readonly pin_transmissions_left?: number;
  readonly auth_attempts_left?: number;
}

/** Where the process stands. */
export function statusOf(challenge: Challenge): ChallengeStatus {
  const solved = challenge.solvedAt !== null;
  return {
    fix_address: challenge.readOnly === 1 || challenge.addressesLeft === 0 || solved,
    ...(challenge.address !== null && { last_address: challenge.address }),
    changes_left: challenge.addressesLeft,
    solved,
    ...(challenge.pinMac !== null && {
      retransmission_time: talerTimestamp(challenge.resendAt),
      pin_transmissions_left: challenge.transmissionsLeft,
      auth_attempts_left: challenge.entriesLeft,
    }),
  };
}
