import { Type as t } from "@sinclair/typebox";
import { withErrorPages } from "../http/error_docs.ts";
import { exampleOf, formBody, publicOperation } from "../http/form_docs.ts";
import type { ErrorCode } from "../protocol/catalogue.ts";

/** What one page says of itself in the OpenAPI document. */
export interface PageOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  /** Where the browser is sent, when it is. */
  readonly onward?: string;
  readonly errors?: readonly ErrorCode[];
  /** Whether the page may be part of an authorization request. */
  readonly interaction?: boolean;
  /** Lists of the page that the URL may show from another row on. */
  readonly lists?: readonly string[];
}

/** Rows that every form of our pages can answer with. */
const FORM_ERRORS: readonly ErrorCode[] = [
  "foreign_origin",
  "body_unreadable",
  "body_malformed",
  "body_too_large",
  "too_many_parameters",
  "parameter_malformed",
  "parameter_repeated",
  "parameter_in_url",
];

/** Rows of a page that may be part of an authorization request. */
const INTERACTION_ERRORS: readonly ErrorCode[] = ["interaction_unknown", "client_unknown"];

/** Rows of every page that knows who is signed in. */
const STORE_ERRORS: readonly ErrorCode[] = [
  "store_read_failed",
  "store_write_failed",
  "store_timed_out",
];

/** OpenAPI operation of a page. Browsers get a page for a refusal too, programs the usual JSON. */
export function pageDocs(issuer: string, page: PageOperation) {
  const { operationId, summary, description, onward, errors = [] } = page;
  const { interaction, lists = [] } = page;
  return {
    ...withErrorPages(
      publicOperation(issuer, {
        operationId,
        tag: "Authorization",
        summary,
        ...(description !== undefined && { description }),
        responses: {
          200: { description: "The page", schema: { type: "string" }, mediaType: "text/html" },
          ...(onward !== undefined && { 303: { description: onward } }),
        },
        errors: interaction
          ? [...INTERACTION_ERRORS, ...STORE_ERRORS, ...errors]
          : [...STORE_ERRORS, ...errors],
      }),
    ),
    parameters: [...(interaction ? [INTERACTION_PARAMETER] : []), ...lists.map(listParameter)],
  };
}

const INTERACTION_PARAMETER = {
  in: "query",
  name: "interaction",
  required: false,
  description: "The authorization request that the page is part of; /authorize names it",
  schema: { type: "string" as const, maxLength: 64 },
};

const listParameter = (list: string) => ({
  in: "query",
  name: `${list}_from`,
  required: false,
  description: `The row with which the list of ${list} begins`,
  schema: { type: "integer" as const, minimum: 0, maximum: 99_999 },
});

/** OpenAPI operation of a form of our pages. It is taken from a page of this server only. */
export function pageFormDocs(
  issuer: string,
  { fields, ...page }: PageOperation & { readonly fields: keyof typeof FIELDS },
) {
  const { errors = [], ...operation } = page;
  return {
    ...pageDocs(issuer, { ...operation, errors: [...FORM_ERRORS, ...errors] }),
    requestBody: formBody(FIELDS[fields], { request: exampleOf(FIELDS[fields]) }),
  };
}

const action = (values: readonly string[]) =>
  t.String({ enum: [...values], examples: [values[0]], description: "The button" });

const text = (description: string, example?: string) =>
  t.Optional(
    t.String({
      maxLength: 1024,
      description,
      ...(example !== undefined && { examples: [example] }),
    }),
  );

/** Fields of the forms. */
const FIELDS = {
  login: t.Object({
    action: action(["password", "code", "resend", "restart", "choose"]),
    identifier: text("Login, phone number or e-mail address", "alice"),
    password: text("The user's password", "correct horse battery staple"),
    code: text("The code of the second factor"),
    session: text("The session that the user goes on with"),
  }),
  consent: t.Object({
    action: action(["allow", "refuse"]),
    session: text(
      "The session in which the user saw the page",
      "0198c5b0-7c1e-7000-8000-000000000000",
    ),
    client: text(
      "The version of the application's registration that the page showed",
      "1800000000",
    ),
    scope: t.Optional(
      t.String({ examples: ["openid email"], description: "The scopes that the page named" }),
    ),
  }),
  account: t.Object({
    action: action(["sign_out_all", "sign_out", "withdraw"]),
    session: text("The session that ends"),
    client: text("The client whose access ends"),
  }),
  resources: t.Object({
    action: action(["approve", "deny", "withdraw", "lift"]),
    request: text(
      "The request that is answered",
      "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ),
    version: text("Which names the page showed with the request", "1.1800000000"),
    access: text("The access that ends"),
    refusal: text("The refusal or withdrawal that is lifted"),
  }),
} as const;
