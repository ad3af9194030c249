import type { CatalogueEntry } from "./catalogue_entry.ts";
import { TALER_HINTS, type TalerCode } from "./taler.ts";

/** A condition that the Challenger protocol has a number for; its hint is the description. */
const numbered = <const T extends TalerCode>(
  taler: T,
  row: Omit<CatalogueEntry, "taler" | "description">,
) => ({ ...row, taler, description: TALER_HINTS[taler] }) as const satisfies CatalogueEntry;

const API = "Challenger REST API";

/** Refusals of the Challenger protocol; most are sent in its own dialect only (challenger.md B.2, B.4). */
export const CHALLENGER_MESSAGES = {
  code_undecodable: numbered(9754, {
    error: "invalid_grant",
    status: 401,
    source: `${API}, /token`,
    cause: "The code is not two Crockford base-32 texts with a hyphen between them.",
    cure: "Send the code as it arrived at the redirect URI, decoded from the URL once.",
  }),
  code_process_unknown: numbered(9755, {
    error: "invalid_grant",
    status: 401,
    source: `${API}, /token`,
    cause: "No process has the nonce that the code begins with, or its time is over.",
    cure: "Redeem the code before its process ends; begin a new one by /setup.",
  }),
  code_address_missing: numbered(9759, {
    error: "invalid_grant",
    status: 409,
    source: `${API}, /token`,
    cause: "The process exists, and nobody has entered an address yet.",
    cure: "Send the user to /authorize first; the code comes from /solve.",
  }),
  challenge_unknown: numbered(9755, {
    error: "invalid_request",
    status: 404,
    source: `${API}, /authorize`,
    cause: "No process of this client has the nonce, or its time is over.",
    cure: "Begin a new process by /setup and use its nonce.",
  }),
  challenge_redirect_uri_refused: numbered(9751, {
    error: "invalid_request",
    status: 403,
    parameter: "redirect_uri",
    source: `${API}, /authorize`,
    cause: "The redirect_uri is not exactly the one that the client registered.",
    cure: "Send the registered redirect URI, byte for byte.",
  }),
  challenge_read_only: numbered(9760, {
    error: "access_denied",
    status: 403,
    source: `${API}, /challenge`,
    cause: "The client began the process with read_only, and the form names another address.",
    cure: "Send the prefilled address, or let the client begin a process without read_only.",
  }),
  challenge_exhausted: numbered(9757, {
    error: "temporarily_unavailable",
    status: 429,
    source: `${API}, /challenge and /solve`,
    cause: "The process has no address, transmission or entry left for what was asked.",
    cure: "Ask for a new PIN or use another address while there are any; else begin a new process.",
  }),
  challenge_address_paused: numbered(9757, {
    error: "temporarily_unavailable",
    status: 429,
    source: `${API}, /challenge`,
    cause: "The address has got as many PINs within the hour as one may, by whatever processes.",
    cure: "Wait as long as Retry-After says, or use another address.",
  }),
  pin_incorrect: numbered(9758, {
    error: "access_denied",
    status: 403,
    source: `${API}, /solve`,
    cause: "The PIN is not the last one sent to the address, or none was sent yet.",
    cure: "Enter the eight digits of the newest message; the members tell how many tries are left.",
  }),
  info_token_missing: {
    ...numbered(25, {
      error: "invalid_request",
      status: 403,
      parameter: "Authorization",
      source: `${API}, /info`,
      cause: "The request has no Authorization header with a bearer token.",
      cure: "Send the access token of /token as Authorization: Bearer.",
    }),
    description: "the parameter Authorization is missing",
  },
  info_token_malformed: {
    ...numbered(26, {
      error: "invalid_token",
      status: 403,
      parameter: "Authorization",
      source: `${API}, /info`,
      cause: "What the header holds is no access token that this server ever issued.",
      cure: "Send the access token as it was issued.",
    }),
    description: "the access token is malformed",
  },
  info_token_unknown: numbered(9753, {
    error: "invalid_token",
    status: 404,
    source: `${API}, /info`,
    cause: "The token is expired or revoked, or it is for no address.",
    cure: "Redeem a code for a new token.",
  }),
} as const satisfies Record<string, CatalogueEntry>;
