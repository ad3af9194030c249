import type { CatalogueEntry } from "./catalogue_entry.ts";

/** Refusals of our own protected resources and of signing out. */
export const OPENID_MESSAGES = {
  bearer_several: {
    error: "invalid_request",
    status: 400,
    description: "the access token must be sent in one way only",
    source: "RFC 6750 §2",
    cause: "The request carries an access token in the Authorization header and in the form body.",
    cure: "Send the token in the Authorization header only.",
  },
  post_logout_redirect_uri_unregistered: {
    error: "invalid_request",
    status: 400,
    description: "the post_logout_redirect_uri is not registered for the client",
    parameter: "post_logout_redirect_uri",
    source: "OpenID Connect RP-Initiated Logout 1.0 §3",
    cause:
      "The post_logout_redirect_uri is not exactly a registered one, or neither a valid id_token_hint nor client_id says whose it is. Nobody was signed out.",
    cure: "Register it byte for byte under post_logout_redirect_uris, and send id_token_hint or client_id.",
  },
  logout_client_mismatch: {
    error: "invalid_request",
    status: 400,
    description: "the parameter client_id is not the client of the id_token_hint",
    parameter: "client_id",
    source: "OpenID Connect RP-Initiated Logout 1.0 §2",
    cause: "The ID token was issued to another client than the one that client_id names.",
    cure: "Send the client's own ID token, or leave one of the two out.",
  },
  logout_expired: {
    error: "invalid_request",
    status: 400,
    description: "the page for signing out has expired",
    source: "OpenID Connect RP-Initiated Logout 1.0 §2",
    cause: "The page was open for too long, or its address was altered.",
    cure: "Go back to the application, or to your account, and sign out there again.",
  },
} as const satisfies Record<string, CatalogueEntry>;
