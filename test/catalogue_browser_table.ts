/**
 * The refusals of the front channel, OpenID Connect, confirmation codes and registration, typed
 * from the specifications that each names.
 */
import { DPOP_ALGORITHMS } from "../src/protocol/dpop.ts";
import type { ExpectedRefusal } from "./catalogue_table.ts";
import { ISSUER } from "./support/server.ts";

const invalid = (text: string, detail?: string): ExpectedRefusal => ({
  error: "invalid_request",
  text,
  ...(detail !== undefined && { detail }),
});

/** RFC 6750 §3: the challenge of a protected resource; who sent no token is told no error. */
const challenge = (attributes: string) => ({
  "WWW-Authenticate": `Bearer realm="${ISSUER}", ${attributes}`,
});

/** RFC 9449 §5.1: the algorithms of proofs, as discovery names them. */
const ALGS = `algs="${DPOP_ALGORITHMS.join(" ")}"`;

const bearer = (error: string, status: number, text: string): ExpectedRefusal => ({
  error,
  text,
  status,
  headers: challenge(`error="${error}", error_description="${text}", scope="openid"`),
});

/** Refusals that are an answer, by the catalogue's name. */
export const BROWSER_REFUSALS: Readonly<Record<string, ExpectedRefusal>> = {
  redirect_uri_unregistered: invalid(
    "the redirect_uri is not registered for the client",
    "redirect_uri",
  ),
  response_type_unsupported: {
    error: "unsupported_response_type",
    text: "the response_type must be code",
    detail: "response_type",
  },
  response_mode_unsupported: invalid(
    "the response_mode must be query, fragment or form_post",
    "response_mode",
  ),
  pkce_required: invalid("the client {client} requires PKCE", "code_challenge"),
  request_object_unsupported: {
    error: "request_not_supported",
    text: "the parameter request is not supported",
    detail: "request",
  },
  request_uri_pushed: invalid("the parameter request_uri must not be pushed", "request_uri"),
  request_uri_incorrect: {
    error: "invalid_request_uri",
    text: "the request_uri is unknown, used or expired",
    detail: "request_uri",
  },
  interaction_unknown: invalid("the sign-in has expired or belongs to another browser"),
  navigation_missing: {
    error: "access_denied",
    text: "the authorization endpoint is for browsers to navigate to",
    status: 403,
  },
  foreign_origin: {
    error: "access_denied",
    text: "the form was not sent by a page of this server",
    status: 403,
  },
  delivery_failed: {
    error: "server_error",
    text: "the code could not be sent",
    status: 502,
    code: 9752,
  },
  confirmation_refused: {
    error: "unauthorized_client",
    text: "the client {client} may not send confirmation codes",
  },
  bearer_missing: {
    error: "invalid_token",
    text: "the request needs an access token",
    status: 401,
    headers: challenge(`scope="openid", DPoP ${ALGS}`),
  },
  bearer_incorrect: bearer("invalid_token", 401, "the access token is not valid"),
  bearer_several: bearer("invalid_request", 400, "the access token must be sent in one way only"),
  bearer_scope_insufficient: bearer(
    "insufficient_scope",
    403,
    "the access token lacks the scope openid",
  ),
  post_logout_redirect_uri_unregistered: invalid(
    "the post_logout_redirect_uri is not registered for the client",
    "post_logout_redirect_uri",
  ),
  logout_client_mismatch: invalid(
    "the parameter client_id is not the client of the id_token_hint",
    "client_id",
  ),
  logout_expired: invalid("the page for signing out has expired"),
  json_unreadable: { ...invalid("the body is not a JSON object"), code: 22 },
  redirect_uri_refused: {
    error: "invalid_redirect_uri",
    text: "redirect_uris holds javascript:alert(1), which must not have the scheme javascript:",
    detail: "redirect_uris",
  },
  client_metadata_refused: {
    error: "invalid_client_metadata",
    text: "token_endpoint_auth_method must be one of client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, tls_client_auth, self_signed_tls_client_auth, none, test_header",
    detail: "token_endpoint_auth_method",
  },
  registration_token_incorrect: {
    error: "invalid_token",
    text: "the registration needs a valid access token",
    status: 401,
    headers: challenge('error="invalid_token"'),
  },
};

/** Refusals that the browser takes to the client's redirect URI. */
export const REDIRECTED_REFUSALS: Readonly<Record<string, ExpectedRefusal>> = {
  login_required: { error: "login_required", text: "the user must sign in" },
  consent_required: { error: "consent_required", text: "the user must consent" },
  interaction_required: { error: "interaction_required", text: "the user must take part" },
  account_selection_required: {
    error: "account_selection_required",
    text: "the user must choose an account",
  },
  acr_unmet: {
    error: "unmet_authentication_requirements",
    text: "the user cannot be authenticated as the client requires",
  },
  consent_refused: { error: "access_denied", text: "the user refused" },
  pushed_request_required: invalid("the client must push its authorization requests"),
  request_uri_unsupported: {
    error: "request_uri_not_supported",
    text: "the request_uri must be one that /par gave",
  },
};
