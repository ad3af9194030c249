import type { CatalogueEntry } from "./catalogue_entry.ts";

/** We cannot answer: limits, faults, and the time before the process ends. */
export const SERVER_MESSAGES = {
  too_many_attempts: {
    error: "temporarily_unavailable",
    status: 429,
    description: "too many failed attempts, try again later",
    source: "RFC 6585 §4",
    cause: "The account, or the caller's address, had too many failures within fifteen minutes.",
    cure: "Wait for the seconds that the Retry-After header tells.",
  },
  too_many_requests: {
    error: "temporarily_unavailable",
    status: 429,
    description: "too many requests, try again later",
    source: "RFC 6585 §4",
    cause:
      "The caller's address, browser or client used up its requests of this minute: those for authorization, those that begin Challenger processes, or those about tokens that are not the client's nor meant for it.",
    cure: "Wait for the seconds that the Retry-After header tells; an operator finds the bounds in the README.",
  },
  server_busy: {
    error: "temporarily_unavailable",
    status: 503,
    description: "the server is busy, try again later",
    source: "RFC 9110 §15.6.4",
    cause: "So many passwords wait to be checked that this one's turn did not come in time.",
    cure: "Try again after the seconds that the Retry-After header tells.",
  },
  delivery_failed: {
    error: "server_error",
    status: 502,
    description: "the code could not be sent",
    taler: 9752,
    source: "RFC 9110 §15.6.3",
    cause:
      "No delivery is configured for this kind of address, or the carrier refused the message.",
    cure: "Try again; an operator finds the delivery's settings in the README.",
  },
  fault: {
    error: "server_error",
    status: 500,
    description: "The HTTP server experienced an internal invariant failure (bug).",
    taler: 60,
    source: "RFC 6749 §4.1.2.1",
    cause:
      "The server or one of its plugins failed. Nothing of the cause is sent; the log has its kind.",
    cure: "Try again; tell the operator the time if it stays.",
  },
  store_read_failed: {
    error: "server_error",
    status: 500,
    description: "The service failed to fetch information from its database.",
    taler: 53,
    source: "RFC 6749 §4.1.2.1",
    cause: "The database did not answer a question.",
    cure: "Try again; nothing was changed.",
  },
  store_write_failed: {
    error: "server_error",
    status: 500,
    description: "The service failed to store information in its database.",
    taler: 52,
    source: "RFC 6749 §4.1.2.1",
    cause: "The database did not accept a change.",
    cure: "Try again; the change was not made.",
  },
  store_timed_out: {
    error: "temporarily_unavailable",
    status: 503,
    description: "the database did not answer in time",
    source: "RFC 9110 §15.6.4",
    cause: "The database is overloaded or out of reach.",
    cure: "Try again after the seconds that the Retry-After header tells.",
  },
  draining: {
    error: "temporarily_unavailable",
    status: 503,
    description: "the server is shutting down",
    source: "RFC 9110 §15.6.4",
    cause: "The process was asked to end, finishes what it began and takes nothing new.",
    cure: "Try again; another instance answers, or this one after its restart.",
  },
  metrics_refused: {
    error: "access_denied",
    status: 403,
    description: "metrics are served to this machine, or to callers with the metrics token",
    source: "RFC 9110 §15.5.4",
    cause: "The caller is on another machine and sent no METRICS_TOKEN.",
    cure: "Send the token as Authorization: Bearer.",
  },
} as const satisfies Record<string, CatalogueEntry>;
