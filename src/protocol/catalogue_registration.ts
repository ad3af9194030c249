import type { CatalogueEntry } from "./catalogue_entry.ts";

/** Refusals of dynamic registration, and of bodies in JSON. */
export const REGISTRATION_MESSAGES = {
  json_unreadable: {
    error: "invalid_request",
    status: 400,
    description: "the body is not a JSON object",
    taler: 22,
    source: "RFC 8259",
    cause: "The body is absent, larger than 64 KiB, not JSON in UTF-8, or not an object.",
    cure: "Send one JSON object as application/json.",
  },
  redirect_uri_refused: {
    error: "invalid_redirect_uri",
    status: 400,
    description: "{0} {1}",
    parameter: "redirect_uris",
    source: "RFC 7591 §3.2.2",
    cause:
      "A redirect URI is malformed, has a forbidden scheme, or leads over plain http to another machine.",
    cure: "Register https addresses, loopback addresses, or schemes of your own app, without fragments.",
  },
  client_metadata_refused: {
    error: "invalid_client_metadata",
    status: 400,
    description: "{0} {1}",
    source: "RFC 7591 §3.2.2",
    cause:
      "A field of the metadata has a wrong form, or asks for what is not open to registration.",
    cure: "Mend the field that the message and the member detail name.",
  },
  registration_token_incorrect: {
    error: "invalid_token",
    status: 401,
    description: "the registration needs a valid access token",
    source: "RFC 7591 §3, RFC 7592 §2",
    cause:
      "The initial or registration access token is absent, unknown, expired, or another client's.",
    cure: "Send the token as Authorization: Bearer; an administrator makes initial ones.",
  },
} as const satisfies Record<string, CatalogueEntry>;
