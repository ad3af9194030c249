import type { CatalogueEntry } from "./catalogue_entry.ts";

/** What every refused grant shares: `invalid_grant`, 401 in the challenger dialect. */
const GRANT = {
  error: "invalid_grant",
  status: 400,
  challengerStatus: 401,
  source: "RFC 6749 §5.2",
} as const;

/** An authorization code is refused; the condition has the Taler number of an unknown grant. */
const CODE = { ...GRANT, taler: 9753 } as const;

/** What the client asks for, or the token it shows, is refused (messages 20 to 30). */
export const TOKEN_MESSAGES = {
  credentials_incorrect: {
    ...GRANT,
    seed: 20,
    description: "resource owner credentials are not valid",
    cause: "No enabled user has this username and password, or the user needs a second factor.",
    cure: "Ask the user again; after ten failures in fifteen minutes the account pauses.",
  },
  scope_refused: {
    seed: 21,
    error: "invalid_scope",
    status: 400,
    description: "the scopes {0} are not allowed or invalid",
    parameter: "scope",
    source: "RFC 6749 §3.3",
    cause:
      "The client is not registered for these scopes, or this grant does not cover them. Scopes are granted all or not at all.",
    cure: "Ask for registered scopes only, or extend the client's scope.",
  },
  scope_repeated: {
    error: "invalid_scope",
    status: 400,
    description: "duplicate scopes {0} have been passed in parameter",
    parameter: "scope",
    source: "RFC 6749 §3.3",
    cause: "A scope stands in the parameter more than once.",
    cure: "Name each scope once.",
  },
  resource_refused: {
    error: "invalid_target",
    status: 400,
    description: "the resource is not well formed, or not one the client may ask for",
    parameter: "resource",
    source: "RFC 8707 §2",
    cause:
      "A resource must be an absolute URI without fragment, allowed to the client and granted before.",
    cure: "Ask for a resource that the client's allowed_resources lists.",
  },
  refresh_token_incorrect: {
    ...GRANT,
    seed: 24,
    description: "the refresh token is not valid",
    cause: "The token was never issued, has expired, was revoked, or was replaced by a newer one.",
    cure: "Keep the newest refresh token of every response; start a new authorization when none works.",
  },
  refresh_token_foreign: {
    ...GRANT,
    seed: 25,
    description: "the refresh token can be used only by the same issuer",
    cause: "Another client obtained this refresh token.",
    cure: "Authenticate as the client that the token was issued to.",
  },
  code_incorrect: {
    ...CODE,
    seed: 27,
    description: "the authorization code is not correct",
    cause:
      "The code was never issued, or has been used. A code that comes back ends the tokens it gave.",
    cure: "Redeem each code once; start a new authorization.",
  },
  code_foreign: {
    ...CODE,
    description: "the authorization code has not been issued for the given client id {0}",
    cause: "Another client obtained this code.",
    cure: "Authenticate as the client that asked for the code.",
  },
  code_redirect_uri_mismatch: {
    ...GRANT,
    taler: 9751,
    description:
      "the redirection url is not the same than the one passed in the authorization request",
    parameter: "redirect_uri",
    source: "RFC 6749 §4.1.3",
    cause: "redirect_uri differs from the one of the authorization request.",
    cure: "Send the same redirect_uri, byte for byte.",
  },
  code_redirect_uri_unregistered: {
    ...GRANT,
    taler: 9751,
    description: "the redirect url {0} doesn't exist or is not valid",
    parameter: "redirect_uri",
    source: "RFC 6749 §3.1.2.3",
    cause: "The redirect URI has left the client's registration since the code was issued.",
    cure: "Register the redirect URI again, and start a new authorization.",
  },
  code_verifier_incorrect: {
    ...CODE,
    description: "the code verifier is not correct",
    parameter: "code_verifier",
    source: "RFC 7636 §4.6",
    cause:
      "code_verifier does not match the challenge, is absent though one was sent, or is sent though none was.",
    cure: "Send the verifier whose S256 challenge the authorization request carried.",
  },
  code_expired: {
    ...CODE,
    description: "the authorization code is obsolete",
    cause: "The code is older than its lifetime, 60 seconds unless configured.",
    cure: "Redeem the code at once; start a new authorization.",
  },
  grant_unproven: {
    ...GRANT,
    description: "the request does not prove the grant {0}",
    cause: "The grant comes from a plugin, and what was sent for it is wrong, expired or spent.",
    cure: "Compare the request with the grant's parameters in the OpenAPI document at /docs.",
  },
  token_foreign: {
    seed: 29,
    error: "invalid_token",
    status: 400,
    description: "the token has not been issued for the given client id '{0}'",
    source: "RFC 7009 §2.1",
    cause: "Another client obtained this token; nothing was revoked.",
    cure: "Authenticate as the client that the token was issued to.",
  },
  token_unknown: {
    seed: 30,
    error: "invalid_token",
    status: 400,
    description: "the token doesn't exist",
    source: "RFC 7009 §2.2",
    cause: "This server never issued the token, or it was altered on its way.",
    cure: "Send the token as it was issued. REVOCATION_UNKNOWN_TOKEN=ok answers 200 instead.",
  },
} as const satisfies Record<string, CatalogueEntry>;
