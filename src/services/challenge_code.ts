import { timingSafeEqual } from "node:crypto";
import { fromCrockford, toCrockford } from "../protocol/crockford.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import type { Challenge } from "../store/challenges.ts";
import { type ChallengeProcess, canonicalNonce, findProcess } from "./challenges.ts";
import type { Services } from "./services.ts";

/** Bytes of the MAC in a code. */
const MAC_BYTES = 32;

/** The client's redirect URI with the code of a solved process and the client's state. */
export function challengeRedirect(process: ChallengeProcess, services: Services): string {
  const { redirectUri, state } = process.challenge;
  const [newest = new Uint8Array()] = codeMacs(process.challenge, services);
  const code = `${process.nonce}-${toCrockford(newest)}`;
  const answer = new URLSearchParams({ code, ...(state !== null && { state }) });
  return `${redirectUri}${redirectUri.includes("?") ? "&" : "?"}${answer}`;
}

/**
 * The process whose code this is. Throws, in this order (decisions D8): `code_undecodable`,
 * `code_process_unknown`, `code_address_missing`, and `code_incorrect` for all else.
 */
export async function findChallengeOfCode(
  code: string,
  services: Services,
): Promise<ChallengeProcess> {
  const [first = "", second = "", ...more] = code.split("-");
  const nonce = canonicalNonce(first);
  const mac = fromCrockford(second, MAC_BYTES);
  if (nonce === undefined || mac === undefined || more.length > 0) {
    throw new OAuthError("code_undecodable");
  }
  const process = await findProcess(nonce, services);
  if (!process) throw new OAuthError("code_process_unknown");
  const { challenge } = process;
  // What the client prefilled is no address that the user submitted: that brings a PIN.
  if (challenge.pinMac === null) throw new OAuthError("code_address_missing");
  const right = codeMacs(challenge, services).filter((known) => timingSafeEqual(mac, known));
  if (challenge.solvedAt === null || right.length === 0) {
    throw new OAuthError("code_incorrect", { cause: "not the code of the process" });
  }
  return process;
}

/**
 * The MACs that the code of a process may have, the current secret's first. They are computed anew
 * whenever they are asked for: no code is stored, and none outlives what it speaks of.
 */
function codeMacs(challenge: Challenge, { secret }: Services): readonly Uint8Array[] {
  const { id, clientId, redirectUri, state, codeChallenge, codeChallengeMethod } = challenge;
  const { address, solvedAt } = challenge;
  const text = JSON.stringify([
    id,
    clientId,
    redirectUri,
    state,
    codeChallenge,
    codeChallengeMethod,
    address,
    solvedAt,
  ]);
  return secret.macs("challenger code", text).map((mac) => Buffer.from(mac, "hex"));
}
