/**
 * Every refusal the server can send, one row each (decisions D2, D3). The renderer, the pages under
 * `/docs/errors`, the OpenAPI document and the tests read these rows; no other place names a status
 * or a text.
 */
import { CLIENT_MESSAGES } from "./catalogue_client.ts";
import { REQUEST_MESSAGES } from "./catalogue_request.ts";
import { SERVER_MESSAGES } from "./catalogue_server.ts";
import { TOKEN_MESSAGES } from "./catalogue_token.ts";
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

/** All rows by our own name for the condition. */
export const CATALOGUE = {
  ...REQUEST_MESSAGES,
  ...CLIENT_MESSAGES,
  ...TOKEN_MESSAGES,
  ...SERVER_MESSAGES,
} as const satisfies Record<string, CatalogueEntry>;

/** Name of a catalogue row. */
export type ErrorCode = keyof typeof CATALOGUE;
