import type { CatalogueEntry } from "./catalogue_entry.ts";

/** What a client assertion may be refused for beyond the seed's messages 12 to 19 (RFC 7523 §3). */
export const ASSERTION_MESSAGES = {
  assertion_claim_incorrect: {
    error: "invalid_client",
    status: 400,
    description: "the claim {0} of the client assertion is missing or not acceptable",
    taler: 9750,
    challengerStatus: 401,
    source: "RFC 7523 §3",
    cause:
      "exp is missing or too far ahead, nbf or iat lies in the future, or jti is missing or longer than 256 bytes.",
    cure: "Give each assertion an exp at most five minutes ahead and a new random jti, and keep the clock right.",
  },
  assertion_replayed: {
    error: "invalid_client",
    status: 400,
    description: "the client assertion has been used before",
    taler: 9750,
    challengerStatus: 401,
    source: "RFC 7523 §3",
    cause: "An assertion of this client with the same jti was accepted already.",
    cure: "Make a new assertion, with a new jti, for each request and each repetition of one.",
  },
} as const satisfies Record<string, CatalogueEntry>;
