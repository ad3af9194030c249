import type { TalerCode } from "./taler.ts";

/** One row of the catalogue. */
export interface CatalogueEntry {
  /** Number of the message in the first seed's table, 1 to 30. */
  readonly seed?: number;
  /** Value of `error` on the wire. */
  readonly error: string;
  /** Status in the oauth dialect; 401 replaces it for `invalid_client` when Basic was tried. */
  readonly status: number;
  /** Text of `error_description`; `{0}` and `{1}` are filled by the throw. */
  readonly description: string;
  /** Name of the parameter at fault where the row is about exactly one. */
  readonly parameter?: string;
  /** Registered GNU Taler number of the condition. */
  readonly taler?: TalerCode;
  /** Status in the challenger dialect, where it differs (challenger.md B.4). */
  readonly challengerStatus?: number;
  /** Where the condition is specified. */
  readonly source: string;
  /** Why the server says this, for the error's page. */
  readonly cause: string;
  /** What its reader can do, for the error's page. */
  readonly cure: string;
}
