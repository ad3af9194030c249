import type { TSchema } from "elysia";
import { withErrorPages } from "../http/error_docs.ts";
import { exampleOf, formBody, publicOperation } from "../http/form_docs.ts";
import {
  type AuthorizationParameter,
  AuthorizationParameters,
} from "../protocol/authorization_parameters.ts";
import type { ErrorCode } from "../protocol/catalogue.ts";

/** Parameters without which there is no request; `response_type` and the like have no default. */
const NEEDED: readonly AuthorizationParameter[] = ["response_type", "client_id", "redirect_uri"];

/** Refusals that are a page, since nobody knows yet where they might be sent. */
const PAGE_ERRORS: readonly ErrorCode[] = [
  "parameter_missing",
  "parameter_malformed",
  "parameter_repeated",
  "client_unknown",
  "redirect_uri_missing",
  "redirect_uri_malformed",
  "redirect_uri_unregistered",
  "request_uri_incorrect",
  "interaction_unknown",
  "navigation_missing",
  "too_many_requests",
  "store_read_failed",
  "store_write_failed",
  "store_timed_out",
];

/** What a form may be refused for before it says who sent it. */
const FORM_ERRORS: readonly ErrorCode[] = [
  "body_unreadable",
  "body_malformed",
  "body_too_large",
  "too_many_parameters",
];

/** Refusals of the request itself: sent to the redirect URI, or by `/par` in its answer. */
export const REQUEST_ERRORS: readonly ErrorCode[] = [
  "response_type_unsupported",
  "response_type_refused",
  "grant_type_refused",
  "response_mode_unsupported",
  "scope_missing",
  "scope_refused",
  "scope_repeated",
  "resource_refused",
  "pkce_required",
  "request_object_unsupported",
];

/** OpenAPI operation of `GET /authorize`. */
export function authorizationDocs(issuer: string) {
  return {
    ...withErrorPages(
      publicOperation(issuer, {
        ...shared,
        operationId: "authorize",
        summary: "Ask a user for an authorization code",
        description: `A browser comes here. The user signs in and agrees, where he has not yet; then the browser goes to the redirect URI with \`code\`, \`state\` and \`iss\`, or with \`error\`, \`error_description\`, \`state\` and \`iss\`. A client that pushed its request to /par sends \`client_id\` and \`request_uri\` alone.`,
      }),
    ),
    parameters: Object.entries(AuthorizationParameters.properties).map(([name, schema]) =>
      queryParameter(name, schema),
    ),
  };
}

/** OpenAPI operation of `POST /authorize`. */
export function authorizationFormDocs(issuer: string) {
  return {
    ...withErrorPages(
      publicOperation(issuer, {
        ...shared,
        errors: [...PAGE_ERRORS, ...FORM_ERRORS],
        operationId: "authorizeByForm",
        summary: "Ask a user for an authorization code, by a form",
        description: "As GET /authorize. The browser is sent back here by GET, with its cookies.",
      }),
    ),
    requestBody: formBody(
      { ...AuthorizationParameters, required: [...NEEDED] },
      { request: exampleOf(AuthorizationParameters) },
    ),
  };
}

const shared = {
  tag: "Authorization",
  responses: {
    200: {
      description:
        "A page that posts the answer to the redirect URI (`response_mode=form_post`), or that asks the user before an error takes him to an address which a client registered itself",
      schema: { type: "string" },
      mediaType: "text/html",
    },
    303: { description: "To a page of this server, or to the redirect URI with the answer" },
  },
  errors: PAGE_ERRORS,
} as const;

function queryParameter(name: string, schema: TSchema) {
  const { description = "", maxLength, pattern, enum: values, examples = [] } = schema;
  const required = NEEDED.some((needed) => needed === name);
  const bounds = { maxLength, ...(pattern && { pattern }), ...(values && { enum: values }) };
  return {
    in: "query",
    name,
    required,
    description,
    ...(examples.length > 0 && { example: examples[0] }),
    schema: { type: "string" as const, ...bounds },
  };
}
