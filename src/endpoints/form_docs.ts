import type { TSchema } from "elysia";
import type { ObjectSchema } from "../contracts.ts";
import { errorBody, statusOf } from "../http/errors.ts";
import { CATALOGUE, type CatalogueEntry, type ErrorCode } from "../protocol/catalogue.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import type { Registry } from "../registry.ts";

/** Rows that every endpoint with a form and a client can answer with. */
export const FORM_ERRORS: readonly ErrorCode[] = [
  "body_unreadable",
  "body_malformed",
  "body_too_large",
  "too_many_parameters",
  "parameter_missing",
  "parameter_malformed",
  "parameter_repeated",
  "parameter_in_url",
  "authorization_header_malformed",
  "client_methods_several",
  "client_id_mismatch",
  "client_unknown",
  "client_public",
  "client_unauthenticated",
  "fault",
  "store_read_failed",
  "store_write_failed",
  "store_timed_out",
  "draining",
];

/** What a form endpoint says of itself. */
export interface FormOperation {
  readonly summary: string;
  readonly description: string;
  readonly parameters: ObjectSchema;
  /** Whether public clients are refused. */
  readonly confidential?: boolean;
  readonly responses: Readonly<Record<number, { description: string; schema?: TSchema }>>;
  readonly errors: readonly ErrorCode[];
}

/** OpenAPI operation of an endpoint that takes a form and authenticates a client. */
export function formOperation(registry: Registry, operation: FormOperation) {
  const { summary, description, parameters, confidential = false } = operation;
  return {
    summary,
    description,
    tags: ["Tokens"],
    security: clientSecurity(registry, confidential),
    requestBody: formBody({
      ...parameters,
      properties: { ...parameters.properties, ...clientAuthProperties(registry) },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.responses).map(([status, { description: text, schema }]) => [
          status,
          { description: text, ...(schema && { content: { "application/json": { schema } } }) },
        ]),
      ),
      ...errorResponses(errorsOf(registry, operation.errors)),
    },
  };
}

/** A request body that is a form. */
export function formBody(schema: object) {
  return { required: true, content: { "application/x-www-form-urlencoded": { schema } } };
}

/** The rows of an endpoint: its own, those of every form, and those of every registered method. */
export function errorsOf(registry: Registry, own: readonly ErrorCode[]): readonly ErrorCode[] {
  const ofMethods = [...registry.clientAuth.values()].flatMap(({ refusal }) => refusal ?? []);
  return [...new Set([...own, ...FORM_ERRORS, ...ofMethods])];
}

/** Form parameters of all client authentication methods; none is required, since one method is used. */
export function clientAuthProperties(registry: Registry): Record<string, TSchema> {
  const methods = [...registry.clientAuth.values()];
  return Object.assign({}, ...methods.map((method) => method.params.properties));
}

/** Security requirements, any one of which will do; `{}` is a client without credentials. */
export function clientSecurity(registry: Registry, confidential = false) {
  return [...registry.clientAuth.values()]
    .filter(({ name }) => !(confidential && name === "none"))
    .map(({ name }) => ({ [name]: [] }));
}

/** OpenAPI security schemes, read off the registered methods. */
export function securitySchemes(registry: Registry, issuer: string) {
  // OpenAPI 3.0 has no scheme for credentials in a form; the flow that they are used in comes nearest.
  const inForm = {
    type: "oauth2",
    flows: { clientCredentials: { tokenUrl: `${issuer}/token`, scopes: {} } },
  };
  return Object.fromEntries(
    [...registry.clientAuth.values()].map(({ name, source, scheme }) => [
      name,
      { ...(scheme ?? inForm), description: `${name} (${source})` },
    ]),
  );
}

/** Responses by status, each with the rows that are sent under it as examples. */
export function errorResponses(codes: readonly ErrorCode[]) {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    for (const status of statusesOf(CATALOGUE[code])) {
      byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
    }
  }
  return Object.fromEntries([...byStatus].map(([status, rows]) => [status, errorResponse(rows)]));
}

function statusesOf(row: CatalogueEntry): readonly number[] {
  return [...new Set([statusOf(row, "oauth", false), statusOf(row, "oauth", true)])];
}

function errorResponse(codes: readonly ErrorCode[]) {
  const errors = [...new Set(codes.map((code) => CATALOGUE[code].error))].sort();
  const examples = Object.fromEntries(
    codes.map((code) => [
      code,
      { summary: CATALOGUE[code].description, value: errorBody(sampleError(code), "") },
    ]),
  );
  return {
    description: errors.join(", "),
    content: {
      "application/json": { schema: { $ref: "#/components/schemas/Error" }, examples },
    },
  };
}

/** A row as it might be thrown, with names in the place of its values. */
export function sampleError(code: ErrorCode): OAuthError {
  const row: CatalogueEntry = CATALOGUE[code];
  const [first, second] = SAMPLE_VALUES[row.error] ?? ["example", "example"];
  return new OAuthError(code, { values: [first, second] });
}

const SAMPLE_VALUES: Readonly<Record<string, readonly [string, string]>> = {
  invalid_request: ["parameter_name", ""],
  invalid_scope: ["admin", ""],
  unauthorized_client: ["my-client", "password"],
  invalid_client: ["my-client", ""],
  invalid_grant: ["my-client", ""],
  invalid_token: ["my-client", ""],
};
