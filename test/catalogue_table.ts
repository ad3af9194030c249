/**
 * What the wire must say, typed from the specifications and not from the code: every refusal with
 * its `error`, status and Taler number (decisions D2 and D3, idserver.md A.9, challenger.md B.3 and
 * B.4).
 */

/** Hints of the registered numbers, from the registry as challenger.md B.3 has it. */
export const HINTS: Readonly<Record<number, string>> = {
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
};

/** One refusal as it must arrive. `{client}` in the text is the id of the client that asks. */
export interface ExpectedRefusal {
  readonly error: string;
  readonly text: string;
  /** Status in the oauth dialect; `invalid_client` is 401 instead when the header was tried. */
  readonly status?: number;
  /** Status in the challenger dialect where it differs. */
  readonly challenger?: number;
  readonly code?: number;
  readonly detail?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the body; those that differ each time as `expect.anything()`. */
  readonly members?: Readonly<Record<string, unknown>>;
}

const missing = (detail: string): ExpectedRefusal => ({
  error: "invalid_request",
  text: `the parameter ${detail} is missing`,
  code: 25,
  detail,
});

const malformed = (text: string, detail?: string): ExpectedRefusal => ({
  error: "invalid_request",
  text,
  code: 26,
  ...(detail !== undefined && { detail }),
});

const client = (text: string, challenger = 401): ExpectedRefusal => ({
  error: "invalid_client",
  text,
  challenger,
  code: 9750,
});

const grant = (text: string, code?: number, detail?: string): ExpectedRefusal => ({
  error: "invalid_grant",
  text,
  challenger: 401,
  ...(code !== undefined && { code }),
  ...(detail !== undefined && { detail }),
});

const NOT_WELL_FORMED = "Based on the RFC-3986 the redirection-uri is not well formed";

/** Every refusal that a request can get today, by the catalogue's name. */
export const REFUSALS: Readonly<Record<string, ExpectedRefusal>> = {
  grant_type_missing: missing("grant_type"),
  username_missing: missing("username"),
  password_missing: missing("password"),
  scope_missing: missing("scope"),
  refresh_token_missing: missing("refresh_token"),
  code_missing: missing("code"),
  token_missing: missing("token"),
  parameter_missing: missing("ticket"),
  redirect_uri_missing: { ...missing("redirect_uri"), text: NOT_WELL_FORMED },
  redirect_uri_malformed: malformed(NOT_WELL_FORMED, "redirect_uri"),
  body_unreadable: malformed("no parameter in body request"),
  body_malformed: malformed("the form in the body is not well formed"),
  json_malformed: {
    error: "invalid_request",
    text: "the JSON in the body is not well formed",
    code: 22,
  },
  body_too_large: {
    error: "invalid_request",
    text: "the body is larger than 64 KiB",
    code: 32,
  },
  too_many_parameters: malformed("the body has more than 64 parameters"),
  parameter_malformed: malformed("the parameter username is malformed", "username"),
  parameter_repeated: malformed("the parameter grant_type is repeated", "grant_type"),
  parameter_in_url: malformed(
    "the parameter client_secret must be sent in the body, not in the URL",
    "client_secret",
  ),
  authorization_header_malformed: malformed(
    "the Authorization header is not well formed",
    "Authorization",
  ),
  client_methods_several: malformed("the client must use one authentication method only"),
  client_id_mismatch: malformed(
    "the parameter client_id is not the client that authenticates",
    "client_id",
  ),
  method_invalid: {
    error: "invalid_request",
    text: "The HTTP method used is invalid for this endpoint.",
    status: 405,
    code: 20,
    headers: { Allow: "POST" },
  },
  endpoint_unknown: {
    error: "invalid_request",
    text: "There is no endpoint defined for the URL provided by the client.",
    status: 404,
    code: 21,
  },
  client_unknown: client("the client doesn't exist", 404),
  client_secret_basic_failed: client("the client cannot be authenticated with secret basic"),
  client_secret_post_failed: client("the client cannot be authenticated with secret post"),
  client_unauthenticated: client("the client cannot be authenticated with test_header"),
  client_public: client("the client {client} is public and must not send a secret"),
  grant_type_unsupported: {
    error: "unsupported_grant_type",
    text: "the grant type is not supported",
    code: 26,
    detail: "grant_type",
  },
  grant_type_refused: {
    error: "unauthorized_client",
    text: "the client {client} doesn't support the grant type client_credentials",
  },
  response_type_refused: {
    error: "unauthorized_client",
    text: "the client '{client}' doesn't support the response type: 'code'",
  },
  caller_public: {
    error: "unauthorized_client",
    text: "the client {client} is public and cannot use this endpoint",
  },
  credentials_incorrect: grant("resource owner credentials are not valid"),
  scope_refused: {
    error: "invalid_scope",
    text: "the scopes api8,api9 are not allowed or invalid",
    detail: "scope",
  },
  scope_repeated: {
    error: "invalid_scope",
    text: "duplicate scopes api1 have been passed in parameter",
    detail: "scope",
  },
  resource_refused: {
    error: "invalid_target",
    text: "the resource is not well formed, or not one the client may ask for",
    detail: "resource",
  },
  refresh_token_incorrect: grant("the refresh token is not valid"),
  refresh_token_foreign: grant("the refresh token can be used only by the same issuer"),
  code_incorrect: grant("the authorization code is not correct", 9753),
  code_foreign: grant(
    "the authorization code has not been issued for the given client id {client}",
    9753,
  ),
  code_redirect_uri_mismatch: grant(
    "the redirection url is not the same than the one passed in the authorization request",
    9751,
    "redirect_uri",
  ),
  code_redirect_uri_unregistered: grant(
    "the redirect url https://app.example/gone doesn't exist or is not valid",
    9751,
    "redirect_uri",
  ),
  code_verifier_incorrect: grant("the code verifier is not correct", 9753, "code_verifier"),
  code_expired: grant("the authorization code is obsolete", 9753),
  grant_unproven: grant("the request does not prove the grant test_ticket"),
  token_foreign: {
    error: "invalid_token",
    text: "the token has not been issued for the given client id '{client}'",
  },
  token_unknown: { error: "invalid_token", text: "the token doesn't exist" },
  too_many_attempts: {
    error: "temporarily_unavailable",
    text: "too many failed attempts, try again later",
    status: 429,
    headers: { "Retry-After": "900" },
  },
  too_many_requests: {
    error: "temporarily_unavailable",
    text: "too many requests, try again later",
    status: 429,
    headers: { "Retry-After": "60" },
  },
  server_busy: {
    error: "temporarily_unavailable",
    text: "the server is busy, try again later",
    status: 503,
    headers: { "Retry-After": "1" },
  },
  fault: { error: "server_error", text: HINTS[60] ?? "", status: 500, code: 60 },
  store_read_failed: { error: "server_error", text: HINTS[53] ?? "", status: 500, code: 53 },
  store_write_failed: { error: "server_error", text: HINTS[52] ?? "", status: 500, code: 52 },
  store_timed_out: {
    error: "temporarily_unavailable",
    text: "the database did not answer in time",
    status: 503,
    headers: { "Retry-After": "1" },
  },
  draining: {
    error: "temporarily_unavailable",
    text: "the server is shutting down",
    status: 503,
  },
  metrics_refused: {
    error: "access_denied",
    text: "metrics are served to this machine, or to callers with the metrics token",
    status: 403,
  },
};
