/**
 * Every refusal the server can send, one row each (decisions D2, D3). The renderer, the pages under
 * `/docs/errors`, the OpenAPI document and the tests read these rows; no other place names a status
 * or a text.
 */

import { ASSERTION_MESSAGES } from "./catalogue_assertion.ts";
import { BINDING_MESSAGES } from "./catalogue_binding.ts";
import { BROWSER_MESSAGES } from "./catalogue_browser.ts";
import { CHALLENGER_MESSAGES } from "./catalogue_challenger.ts";
import { CLIENT_MESSAGES } from "./catalogue_client.ts";
import type { CatalogueEntry } from "./catalogue_entry.ts";
import { LEGAL_MESSAGES } from "./catalogue_legal.ts";
import { OPENID_MESSAGES } from "./catalogue_openid.ts";
import { REGISTRATION_MESSAGES } from "./catalogue_registration.ts";
import { REQUEST_MESSAGES } from "./catalogue_request.ts";
import { SERVER_MESSAGES } from "./catalogue_server.ts";
import { TOKEN_MESSAGES } from "./catalogue_token.ts";
import { UMA_MESSAGES } from "./catalogue_uma.ts";

/** All rows by our own name for the condition. */
export const CATALOGUE = {
  ...REQUEST_MESSAGES,
  ...CLIENT_MESSAGES,
  ...ASSERTION_MESSAGES,
  ...TOKEN_MESSAGES,
  ...BINDING_MESSAGES,
  ...BROWSER_MESSAGES,
  ...OPENID_MESSAGES,
  ...REGISTRATION_MESSAGES,
  ...UMA_MESSAGES,
  ...CHALLENGER_MESSAGES,
  ...LEGAL_MESSAGES,
  ...SERVER_MESSAGES,
} as const satisfies Record<string, CatalogueEntry>;

/** The shape of a row, for those who read the rows. */
export type { CatalogueEntry } from "./catalogue_entry.ts";

/** Name of a catalogue row. */
export type ErrorCode = keyof typeof CATALOGUE;
