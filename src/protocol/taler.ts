/**
 * Registered GNU Taler error numbers and their hints (challenger.md B.3). A row of the catalogue
 * names a number only where the registry has one for its condition; none is invented.
 */
export const TALER_HINTS = {
  20: "The HTTP method used is invalid for this endpoint.",
  21: "There is no endpoint defined for the URL provided by the client.",
  22: "The JSON in the client's request was malformed.",
  25: "A required parameter in the request was missing.",
  26: "A parameter in the request was malformed.",
  32: "The body is too large to be permissible for the endpoint.",
  52: "The service failed to store information in its database.",
  53: "The service failed to fetch information from its database.",
  60: "The HTTP server experienced an internal invariant failure (bug).",
  9750: "The client is unknown or unauthorized.",
  9751: "The client is not authorized to use the given redirect URI.",
  9752: "The service failed to execute its helper process to send the challenge.",
  9753: "The grant is unknown to the service (it could also have expired).",
  9754: "The code given is not even well-formed.",
  9755: "The service is not aware of the referenced validation process.",
  9757: "Too many attempts have been made, validation is temporarily disabled for this address.",
  9758: "The PIN code provided is incorrect.",
  9759: "The token cannot be valid as no address was ever provided by the client.",
  9760: "The client is not allowed to change the address being validated.",
} as const satisfies Record<number, string>;

/** A registered GNU Taler error number. */
export type TalerCode = keyof typeof TALER_HINTS;

/** A point in time as GNU Taler writes it. */
export interface TalerTimestamp {
  /** Unix seconds; no time of ours is Taler's `never`. */
  readonly t_s: number;
}

/** Unix seconds as a Taler timestamp. */
export function talerTimestamp(seconds: number): TalerTimestamp {
  return { t_s: seconds };
}
