import { DAY, type NumberSetting, seconds } from "./number_setting.ts";

/** Lifetimes. The property is the name in code, the row what the operator sees. */
export const LIFETIME_SETTINGS = {
  accessTokenLifetimeSeconds: seconds(
    "ACCESS_TOKEN_LIFETIME_SECONDS",
    3600,
    "Life of an access token",
    { max: DAY },
  ),
  idTokenLifetimeSeconds: seconds("ID_TOKEN_LIFETIME_SECONDS", 3600, "Life of an ID token", {
    max: DAY,
  }),
  rptLifetimeSeconds: seconds(
    "RPT_LIFETIME_SECONDS",
    900,
    "Life of a requesting party token (UMA)",
    { max: DAY },
  ),
  codeLifetimeSeconds: seconds("CODE_LIFETIME_SECONDS", 60, "Life of an authorization code", {
    max: 600,
  }),
  refreshTokenIdleSeconds: seconds(
    "REFRESH_TOKEN_IDLE_SECONDS",
    30 * DAY,
    "Life of a refresh token that nobody uses",
  ),
  refreshTokenAbsoluteSeconds: seconds(
    "REFRESH_TOKEN_ABSOLUTE_SECONDS",
    90 * DAY,
    "Life of an authorization, however often it is refreshed",
  ),
  refreshGraceSeconds: seconds(
    "REFRESH_GRACE_SECONDS",
    30,
    "How long a repeated refresh gets the same successor again; 0 is strict",
    { min: 0, max: 600 },
  ),
  refreshGracePublicSeconds: seconds(
    "REFRESH_GRACE_PUBLIC_SECONDS",
    5,
    "The same for public clients without bound tokens",
    { min: 0, max: 600 },
  ),
  dpopProofLifetimeSeconds: seconds(
    "DPOP_PROOF_LIFETIME_SECONDS",
    60,
    "How old a DPoP proof without nonce may be",
    { max: 600 },
  ),
  dpopNonceSeconds: seconds(
    "DPOP_NONCE_SECONDS",
    60,
    "How long a nonce for DPoP proofs is handed out; it works for as long again",
    { max: 3600 },
  ),
  sessionIdleSeconds: seconds(
    "SESSION_IDLE_SECONDS",
    8 * 3600,
    "Life of a sign-in session that nobody uses",
  ),
  sessionAbsoluteSeconds: seconds(
    "SESSION_ABSOLUTE_SECONDS",
    7 * DAY,
    "Life of a sign-in session, however often it is used",
  ),
  pushedRequestLifetimeSeconds: seconds(
    "PUSHED_REQUEST_LIFETIME_SECONDS",
    60,
    "Life of a pushed authorization request",
    { max: 600 },
  ),
  ticketLifetimeSeconds: seconds(
    "TICKET_LIFETIME_SECONDS",
    300,
    "Life of a UMA permission ticket",
    { max: DAY },
  ),
  confirmationCodeLifetimeSeconds: seconds(
    "CONFIRMATION_CODE_LIFETIME_SECONDS",
    300,
    "Life of a confirmation code",
    { max: 3600 },
  ),
  challengeLifetimeSeconds: seconds(
    "CHALLENGE_LIFETIME_SECONDS",
    3600,
    "Life of a Challenger process; its token has a day at most",
    // A letter is on its way for days.
    { max: 90 * DAY },
  ),
  addressLifetimeSeconds: seconds(
    "ADDRESS_LIFETIME_SECONDS",
    365 * DAY,
    "How long a validated address counts as validated",
  ),
} as const satisfies Record<string, NumberSetting>;
