import type { TSchema } from "elysia";
import type { ObjectSchema } from "../contracts.ts";
import type { ErrorCode } from "../protocol/catalogue.ts";
import type { Registry } from "../registry.ts";
import type { Context } from "./context.ts";
import { errorResponses, NO_STORE_HEADERS } from "./error_docs.ts";

/** Rows that reading a form can answer with. */
export const FORM_READING_ERRORS: readonly ErrorCode[] = [
  "body_unreadable",
  "body_malformed",
  "body_too_large",
  "too_many_parameters",
  "parameter_missing",
  "parameter_malformed",
  "parameter_repeated",
  "parameter_in_url",
];

/** Rows that every endpoint with a form and a client can answer with. */
export const FORM_ERRORS: readonly ErrorCode[] = [
  ...FORM_READING_ERRORS,
  "client_methods_several",
  "client_id_mismatch",
  "client_unknown",
  "client_public",
  "store_read_failed",
  "store_write_failed",
  "store_timed_out",
];

/** One success of an operation. */
export interface DocumentedResponse {
  readonly description: string;
  /** Schema of the JSON body; absent for an empty one. */
  readonly schema?: object;
  /** Bodies as they may be sent, by a name. */
  readonly examples?: Readonly<Record<string, unknown>>;
  /** Another media type than JSON. */
  readonly mediaType?: string;
  /** Whether caches may keep the answer. */
  readonly cacheable?: boolean;
}

/** Groups of operations on the page. */
export const TAGS = [
  "Tokens",
  "Authorization",
  "OpenID Connect",
  "Challenger",
  "Registration",
  "UMA",
  "Discovery",
  "Operations",
  "Errors",
] as const;

/** One group. */
export type Tag = (typeof TAGS)[number];

/** What an endpoint says of itself. */
export interface Operation {
  readonly operationId: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly responses: Readonly<Record<number, DocumentedResponse>>;
  readonly errors?: readonly ErrorCode[];
}

/** OpenAPI operation of an endpoint that asks for nothing. */
export function publicOperation(issuer: string, operation: Operation) {
  const { operationId, tag, summary, description, responses, errors = [] } = operation;
  return {
    operationId,
    summary,
    ...(description !== undefined && { description }),
    tags: [tag],
    responses: {
      ...Object.fromEntries(
        Object.entries(responses).map(([status, response]) => [status, successOf(response)]),
      ),
      ...errorResponses(errors, issuer),
    },
  };
}

function successOf(response: DocumentedResponse) {
  const { description, schema, examples = {}, mediaType = "application/json" } = response;
  const values = Object.entries(examples).map(([name, value]) => [name, { value }]);
  return {
    description,
    ...(response.cacheable !== true && { headers: NO_STORE_HEADERS }),
    ...(schema && {
      content: { [mediaType]: { schema, examples: Object.fromEntries(values) } },
    }),
  };
}

/** What an endpoint with a form says of itself. */
export interface FormOperation extends Omit<Operation, "tag"> {
  readonly tag?: Tag;
  readonly parameters: ObjectSchema;
  /** Whether public clients are refused. */
  readonly confidential?: boolean;
}

/** OpenAPI operation of an endpoint that takes a form and authenticates a client. */
export function formOperation({ registry, services }: Context, operation: FormOperation) {
  const { parameters, confidential = false, errors = [] } = operation;
  return {
    ...publicOperation(services.issuer, {
      ...operation,
      tag: operation.tag ?? "Tokens",
      errors: formErrors(registry, errors),
    }),
    security: clientSecurity(registry, confidential),
    requestBody: formBody(
      {
        ...parameters,
        properties: { ...parameters.properties, ...clientAuthProperties(registry) },
      },
      { request: exampleOf(parameters) },
    ),
  };
}

/** A request body that is a form, with bodies as they may be sent, by a name. */
export function formBody(schema: object, values: Readonly<Record<string, object>>) {
  const examples = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { value }]),
  );
  return {
    required: true,
    content: { "application/x-www-form-urlencoded": { schema, examples } },
  };
}

/** A form with the parameters that are required, or have an example of their own. */
export function exampleOf({ properties, required }: ObjectSchema): Record<string, unknown> {
  const needed: readonly string[] = Array.isArray(required) ? required : [];
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, { examples }]) => {
      const [example] = Array.isArray(examples) ? examples : [];
      return example !== undefined || needed.includes(name) ? [[name, example ?? ""]] : [];
    }),
  );
}

/** The rows of an endpoint: its own, those of every form, and those of every registered method. */
export function formErrors(registry: Registry, own: readonly ErrorCode[]): readonly ErrorCode[] {
  const ofMethods = [...registry.clientAuth.values()]
    .filter(({ name }) => name !== "none")
    .flatMap(({ refusal = "client_unauthenticated", errors = [] }) => [refusal, ...errors]);
  return [...own, ...FORM_ERRORS, ...ofMethods];
}

/** Form parameters of all client authentication methods; none is required, since one method is used. */
export function clientAuthProperties(registry: Registry): Record<string, TSchema> {
  const methods = [...registry.clientAuth.values()];
  return Object.assign({}, ...methods.map((method) => method.params.properties));
}

/** Security requirements, any one of which will do. */
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
    [...registry.clientAuth.values()].map(({ name, source, scheme, params }) => {
      const names = Object.keys(params.properties).join(", ");
      const description = `\`${name}\` (${source})${names && `; form parameters: ${names}`}`;
      return [name, { ...(scheme ?? inForm), description }];
    }),
  );
}

/**
 * The document in the words of OpenAPI 3.0, whose schemas know `example` and `enum` but not JSON
 * Schema's `examples` and `const`, which TypeBox writes for built-in and foreign schemas alike, and
 * whose responses need a description, which a stranger's route may lack.
 */
export function toOpenApi30(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((member) => toOpenApi30(member));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (key === "examples" && Array.isArray(member)) return ["example", member[0]];
      if (key === "const" && typeof member !== "object") return ["enum", [member]];
      if (name === "responses" && /^\d{3}$/.test(key)) return [key, described(member)];
      return [key, toOpenApi30(member, key)];
    }),
  );
}

function described(response: unknown): object {
  const members = toOpenApi30(response);
  return typeof members === "object" ? { description: "", ...members } : { description: "" };
}
