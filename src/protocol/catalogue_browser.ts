import type { CatalogueEntry } from "./catalogue_entry.ts";

/** What a redirect back to the client says; each is an `error` of RFC 6749 §4.1.2.1 or OpenID Connect Core §3.1.2.6. */
const redirected = (
  error: string,
  description: string,
  {
    parameter,
    source = "RFC 6749 §4.1.2.1",
    cause,
    cure,
  }: {
    parameter?: string;
    source?: string;
    cause: string;
    cure: string;
  },
) =>
  ({
    error,
    status: 400,
    description,
    ...(parameter !== undefined && { parameter }),
    source,
    cause,
    cure,
  }) as const satisfies CatalogueEntry;

/** Refusals of the authorization endpoint, of sign-in, and of our own pages. */
export const BROWSER_MESSAGES = {
  redirect_uri_unregistered: redirected(
    "invalid_request",
    "the redirect_uri is not registered for the client",
    {
      parameter: "redirect_uri",
      source: "RFC 9700 §2.1",
      cause:
        "The redirect_uri is absent or not exactly a registered one. The browser is not sent there.",
      cure: "Register the redirect URI byte for byte; only loopback ports may differ.",
    },
  ),
  response_type_unsupported: redirected(
    "unsupported_response_type",
    "the response_type must be code",
    {
      parameter: "response_type",
      cause:
        "The server issues codes only; implicit and hybrid flows leak tokens (RFC 9700 §2.1.2).",
      cure: "Use response_type=code with PKCE.",
    },
  ),
  response_mode_unsupported: redirected(
    "invalid_request",
    "the response_mode must be query, fragment or form_post",
    {
      parameter: "response_mode",
      source: "OAuth 2.0 Multiple Response Types §2.1",
      cause: "The value of response_mode is not known here.",
      cure: "Leave response_mode out, or use one of the three.",
    },
  ),
  pkce_required: redirected("invalid_request", "the client {0} requires PKCE", {
    parameter: "code_challenge",
    source: "RFC 7636 §4.4.1",
    cause:
      "The client is public or registered with require_pkce, and sent no usable code_challenge.",
    cure: "Send code_challenge and code_challenge_method=S256.",
  }),
  request_object_unsupported: redirected(
    "request_not_supported",
    "the parameter request is not supported",
    {
      parameter: "request",
      source: "OpenID Connect Core §6.1",
      cause: "The server takes no request objects.",
      cure: "Send the parameters plainly, or push them to /par.",
    },
  ),
  request_uri_unsupported: redirected(
    "request_uri_not_supported",
    "the request_uri must be one that /par gave",
    {
      parameter: "request_uri",
      source: "RFC 9126 §4",
      cause: "The server fetches no request objects from elsewhere.",
      cure: "Push the request to /par, and send the request_uri it answers.",
    },
  ),
  request_uri_incorrect: redirected(
    "invalid_request_uri",
    "the request_uri is unknown, used or expired",
    {
      parameter: "request_uri",
      source: "RFC 9126 §4",
      cause:
        "A pushed request lives a minute, serves one authorization request, and belongs to one client.",
      cure: "Push the request again.",
    },
  ),
  request_uri_pushed: redirected(
    "invalid_request",
    "the parameter request_uri must not be pushed",
    {
      parameter: "request_uri",
      source: "RFC 9126 §2.1",
      cause: "A pushed request holds the parameters themselves, not a reference to others.",
      cure: "Push the parameters plainly.",
    },
  ),
  pushed_request_required: redirected(
    "invalid_request",
    "the client must push its authorization requests",
    {
      parameter: "request_uri",
      source: "RFC 9126 §6",
      cause: "The client is registered with require_pushed_authorization_requests.",
      cure: "Push the request to /par first.",
    },
  ),
  login_required: redirected("login_required", "the user must sign in", {
    source: "OpenID Connect Core §3.1.2.6",
    cause: "prompt=none was asked, and the user is not signed in, or not freshly enough.",
    cure: "Ask again without prompt=none.",
  }),
  consent_required: redirected("consent_required", "the user must consent", {
    source: "OpenID Connect Core §3.1.2.6",
    cause: "prompt=none was asked, and the user has not agreed to what the client asks for.",
    cure: "Ask again without prompt=none.",
  }),
  interaction_required: redirected("interaction_required", "the user must take part", {
    source: "OpenID Connect Core §3.1.2.6",
    cause: "prompt=none was asked, and a page would have to be shown.",
    cure: "Ask again without prompt=none.",
  }),
  account_selection_required: redirected(
    "account_selection_required",
    "the user must choose an account",
    {
      source: "OpenID Connect Core §3.1.2.6",
      cause: "The signed-in user is not the one that the client asks for.",
      cure: "Ask again with prompt=select_account.",
    },
  ),
  acr_unmet: redirected(
    "unmet_authentication_requirements",
    "the user cannot be authenticated as the client requires",
    {
      parameter: "claims",
      source: "OpenID Connect Core §5.5.1.1",
      cause: "The client marks an acr as essential that the user's sign-in cannot reach.",
      cure: "Ask for a class that acr_values_supported lists, or without essential.",
    },
  ),
  consent_refused: redirected("access_denied", "the user refused", {
    cause: "The user said no on the consent page.",
    cure: "Respect it; ask for less, or another time.",
  }),
  interaction_unknown: {
    error: "invalid_request",
    status: 400,
    description: "the sign-in has expired or belongs to another browser",
    source: "OpenID Connect Core §3.1.2",
    cause: "The interaction was not begun in this browser, has ended, or took longer than an hour.",
    cure: "Go back to the application and start again.",
  },
  navigation_missing: {
    error: "access_denied",
    status: 403,
    description: "the authorization endpoint is for browsers to navigate to",
    source: "Fetch Metadata §2.2",
    cause:
      "Sec-Fetch-Mode says that a script, an image or the like of a web page sent the request.",
    cure: "Send the browser there by a link, a redirect, a form or a frame.",
  },
  foreign_origin: {
    error: "access_denied",
    status: 403,
    description: "the form was not sent by a page of this server",
    source: "RFC 9700 §4.16",
    cause: "Sec-Fetch-Site or Origin says that another site sent the form.",
    cure: "Open the page on this server and send it from there.",
  },
  bearer_missing: {
    error: "invalid_token",
    status: 401,
    description: "the request needs an access token",
    source: "RFC 6750 §3.1",
    cause: "No access token was sent in the Authorization header or the form body.",
    cure: "Send Authorization: Bearer and the token.",
  },
  bearer_incorrect: {
    error: "invalid_token",
    status: 401,
    description: "the access token is not valid",
    source: "RFC 6750 §3.1",
    cause: "The token is expired, revoked, meant for another resource, or not an access token.",
    cure: "Get a new token.",
  },
  bearer_scope_insufficient: {
    error: "insufficient_scope",
    status: 403,
    description: "the access token lacks the scope {0}",
    source: "RFC 6750 §3.1",
    cause: "The token was issued without the scope that this endpoint needs.",
    cure: "Ask for the scope when you get the token.",
  },
} as const satisfies Record<string, CatalogueEntry>;
