import { randomInt, timingSafeEqual } from "node:crypto";
import { OAuthError } from "../protocol/oauth_error.ts";
import type { ConfirmationCode } from "../store/interactions.ts";
import type { Services } from "./services.ts";

/** What a code is for; one bound to another purpose, party or address is worth nothing. */
export interface CodeBinding {
  readonly purpose: "password_grant" | "second_factor";
  /** The client that asked for it, or the sign-in it belongs to. */
  readonly party: string;
  /** Normalized phone number or e-mail address. */
  readonly address: string;
}

/** How often a code may be entered. */
const ATTEMPTS_MAX = 5;

/** Codes are six digits. */
const CODES = 1_000_000;

const HOUR_SECONDS = 3600;

/**
 * Makes the one live code of a binding; an earlier one is worth nothing from now on. The store
 * gets a MAC of it, since six digits under a bare hash are found by trying all.
 */
export async function makeConfirmationCode(
  binding: CodeBinding,
  userId: string | null,
  services: Services,
): Promise<string> {
  const { secret, store, settings, now } = services;
  const code = String(randomInt(CODES)).padStart(6, "0");
  const id = idOf(binding, services);
  await store.writeConfirmationCode({
    id,
    codeMac: secret.mac("confirmation code", `${id}:${code}`),
    userId,
    attemptsLeft: ATTEMPTS_MAX,
    expiresAt: now() + settings.confirmationCodeLifetimeSeconds,
  });
  return code;
}

/**
 * Counts one sending to the address. Throws `too_many_attempts` past the hour's number, whether or
 * not anybody lives there. Each purpose has an hour's number of its own, so that a client which
 * sends codes does not keep the user from signing in.
 */
export async function countSending(
  { purpose, address }: Pick<CodeBinding, "purpose" | "address">,
  services: Services,
): Promise<void> {
  const { store, secret, settings, now } = services;
  const key = `confirmation:${secret.mac(`confirmation sending ${purpose}`, address)}`;
  const counted = await store.addFailure(key, { now: now(), expiresAt: now() + HOUR_SECONDS });
  if (counted.failures <= settings.confirmationCodesPerHour) return;
  const wait = Math.max(1, counted.expiresAt - now());
  throw new OAuthError("too_many_attempts", { headers: { "Retry-After": String(wait) } });
}

/**
 * Takes one attempt and tells whether the code is right. The attempt is gone either way; the code
 * itself is spent by {@linkcode spendConfirmationCode}, when all else is proven.
 */
export async function checkConfirmationCode(
  binding: CodeBinding,
  code: string,
  services: Services,
): Promise<ConfirmationCode | undefined> {
  if (!/^\d{6}$/.test(code)) return undefined;
  const row = await services.store.takeAttempt(idOf(binding, services), services.now());
  if (!row) return undefined;
  const mac = services.secret.mac("confirmation code", `${row.id}:${code}`);
  return timingSafeEqual(Buffer.from(mac), Buffer.from(row.codeMac)) ? row : undefined;
}

/** Spends a checked code; false when another request did, or a newer code has replaced it. */
export function spendConfirmationCode(
  { id, codeMac }: ConfirmationCode,
  { store }: Services,
): Promise<boolean> {
  return store.consumeConfirmationCode(id, codeMac);
}

function idOf({ purpose, party, address }: CodeBinding, { secret }: Services): string {
  return secret.mac(`confirmation ${purpose}`, `${party.length}:${party}:${address}`);
}
