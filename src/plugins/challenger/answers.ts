/**
 * How outcomes become answers for programs. A browser says that it wants a page by accepting
 * `text/html` explicitly, as the protocol has it (challenger.md B.2); `pages.ts` has those.
 */
import { NO_STORE, noStore } from "../../http/responses.ts";
import { OAuthError } from "../../protocol/oauth_error.ts";
import { talerTimestamp } from "../../protocol/taler.ts";
import type {
  ChallengeOutcome,
  ChallengePending,
  SolveOutcome,
} from "../../services/challenge_pin.ts";
import { type ChallengeProcess, statusOf } from "../../services/challenges.ts";

/** Where the process stands: `ChallengeStatus`. */
export function answerStatus({ challenge }: ChallengeProcess): Response {
  return noStore(statusOf(challenge));
}

/** What came of an address: `ChallengeResponse`. */
export function answerChallenge(outcome: ChallengeOutcome): Response {
  if (outcome.type === "completed") return noStore(redirection(outcome.redirectUrl));
  const { challenge } = outcome.process;
  return noStore({
    type: "created",
    attempts_left: challenge.entriesLeft,
    address: outcome.address,
    transmitted: outcome.transmitted,
    retransmission_time: talerTimestamp(challenge.resendAt),
  });
}

/**
 * What came of a PIN. Who asks for JSON is told where to go; all others are sent there by 302, with
 * which browsers turn a post into a get: only 307 and 308 would carry the PIN along (attack 75).
 */
export function answerSolve(request: Request, outcome: SolveOutcome): Response {
  if (outcome.type === "pending") throw pinRefusal(outcome);
  const wantsJson = (request.headers.get("accept") ?? "").includes("application/json");
  if (wantsJson) return noStore(redirection(outcome.redirectUrl));
  return new Response(null, {
    status: 302,
    headers: { ...NO_STORE, Location: outcome.redirectUrl, "Referrer-Policy": "no-referrer" },
  });
}

/** A wrong PIN as a refusal whose body is an `InvalidPinResponse`. */
export function pinRefusal({ process, exhausted, noChallenge }: ChallengePending): OAuthError {
  const { addressesLeft, transmissionsLeft, entriesLeft } = process.challenge;
  const code = exhausted ? "challenge_exhausted" : "pin_incorrect";
  const refusal = new OAuthError(code);
  return new OAuthError(code, {
    members: {
      type: "pending",
      ec: refusal.row.taler,
      addresses_left: addressesLeft,
      pin_transmissions_left: transmissionsLeft,
      auth_attempts_left: entriesLeft,
      exhausted,
      no_challenge: noChallenge,
    },
  });
}

const redirection = (redirectUrl: string) => ({ type: "completed", redirect_url: redirectUrl });
