import { Type as t } from "@sinclair/typebox";
import { withErrorPages } from "../http/error_docs.ts";
import { exampleOf, formBody, publicOperation } from "../http/form_docs.ts";
import type { ErrorCode } from "../protocol/catalogue.ts";
import { CLIENT_ID_LENGTH_MAX } from "../protocol/client_metadata.ts";

const text = (description: string, more: { maxLength?: number; examples?: string[] } = {}) =>
  t.Optional(t.String({ description, ...more }));

/** Parameters of a logout request (OpenID Connect RP-Initiated Logout 1.0 §2). */
const LogoutParameters = t.Object({
  id_token_hint: text("The client's ID token of the user; expired ones will do"),
  client_id: text("The client, where it has no ID token", {
    maxLength: CLIENT_ID_LENGTH_MAX,
    examples: ["my-client"],
  }),
  post_logout_redirect_uri: text("Where the browser goes then; exactly a registered one", {
    examples: ["https://app.example/"],
  }),
  state: text("Comes back unchanged", { maxLength: 2048 }),
  ui_locales: text("Languages of the pages, best first", { maxLength: 2048 }),
  request: text("The request in one sealed text, as this server's own page sends it"),
});

/** OpenAPI operation of `GET /logout`. */
export function logoutDocs(issuer: string) {
  return {
    ...withErrorPages(publicOperation(issuer, { ...shared, operationId: "signOut" })),
    parameters: Object.entries(LogoutParameters.properties).map(
      ([name, { description = "", examples, ...schema }]) => ({
        in: "query",
        name,
        required: false,
        description,
        schema,
      }),
    ),
  };
}

/** OpenAPI operation of `POST /logout`. */
export function logoutFormDocs(issuer: string) {
  return {
    ...withErrorPages(
      publicOperation(issuer, {
        ...shared,
        operationId: "signOutByForm",
        errors: [
          ...shared.errors,
          "foreign_origin",
          "body_unreadable",
          "body_malformed",
          "too_many_parameters",
          "body_too_large",
          "parameter_in_url",
        ],
      }),
    ),
    requestBody: formBody(LogoutParameters, { request: exampleOf(LogoutParameters) }),
  };
}

const errors: readonly ErrorCode[] = [
  "post_logout_redirect_uri_unregistered",
  "logout_client_mismatch",
  "logout_expired",
  "parameter_malformed",
  "parameter_repeated",
  "store_read_failed",
  "store_write_failed",
  "store_timed_out",
];

const shared = {
  tag: "OpenID Connect",
  summary: "Sign the user out",
  description:
    "The user is asked unless the ID token was issued in the session of this browser, and also before the browser goes to the address of a client that registered itself, or that showed no ID token. Clients of the session with a backchannel_logout_uri get a logout token.",
  responses: {
    200: {
      description: "A page: the question, or that the user is signed out and where he may go on",
      schema: { type: "string" },
      mediaType: "text/html",
    },
    303: { description: "To the post_logout_redirect_uri with state, or to the page that asks" },
  },
  errors,
} as const;
