import { type TSchema, t } from "elysia";
import type { Registry } from "../registry.ts";
import {
  clientAuthProperties,
  clientSecurity,
  errorResponses,
  errorsOf,
  formBody,
} from "./form_docs.ts";

/** OpenAPI operation of `POST /token`: one variant per grant, discriminated by `grant_type`. */
export function tokenDocs(registry: Registry) {
  const refs = [...registry.grants.keys()].map(
    (name) => [name, `#/components/schemas/${schemaName(name)}`] as const,
  );
  const grantErrors = [...registry.grants.values()].flatMap(({ grant }) => grant.errors ?? []);
  const own = [
    "grant_type_missing",
    "grant_type_unsupported",
    "grant_type_refused",
    "scope_refused",
    "scope_repeated",
    "resource_refused",
    ...grantErrors,
  ] as const;
  return {
    summary: "Exchange a grant for tokens",
    description:
      "The parameters depend on grant_type; the client authenticates by its registered method.",
    tags: ["Tokens"],
    security: clientSecurity(registry),
    requestBody: formBody({
      oneOf: refs.map(([, $ref]) => ({ $ref })),
      discriminator: { propertyName: "grant_type", mapping: Object.fromEntries(refs) },
    }),
    responses: {
      200: {
        description: "Tokens",
        content: { "application/json": { schema: { $ref: "#/components/schemas/TokenResponse" } } },
      },
      ...errorResponses(errorsOf(registry, own)),
    },
  };
}

/** The component schemas that the token operation and its errors point to. */
export function tokenSchemas(registry: Registry): Record<string, TSchema> {
  const variants = [...registry.grants.values()].map(({ grant }) => [
    schemaName(grant.grantType),
    t.Object(
      {
        grant_type: t.String({ enum: [grant.grantType] }),
        ...grant.params.properties,
        resource: t.Optional(ResourceParameter),
        ...optional(clientAuthProperties(registry)),
      },
      { description: grant.source },
    ),
  ]);
  return { ...Object.fromEntries(variants), TokenResponse, Error: ErrorSchema };
}

/** Name of the component schema of a grant's request. */
export const schemaName = (grantType: string): string =>
  `TokenRequest_${grantType.replace(/^.*[:/]/, "").replace(/[^A-Za-z0-9]/g, "_")}`;

const ResourceParameter = t.String({
  format: "uri",
  description: "Resource the token is for; may be repeated (RFC 8707)",
});

const TokenResponse = t.Object(
  {
    access_token: t.String(),
    token_type: t.String({ enum: ["Bearer"] }),
    expires_in: t.Integer({ description: "Seconds" }),
    scope: t.String({ description: "Granted scopes, separated by spaces" }),
    refresh_token: t.Optional(t.String()),
  },
  { description: "RFC 6749 §5.1" },
);

const ErrorSchema = t.Object(
  {
    error: t.String(),
    error_description: t.String(),
    error_uri: t.String({ format: "uri", description: "Page with cause and cure" }),
    code: t.Optional(t.Integer({ description: "Registered GNU Taler error number" })),
    hint: t.Optional(t.String({ description: "Text of that number" })),
    detail: t.Optional(t.String({ description: "Name of the parameter at fault" })),
  },
  { description: "RFC 6749 §5.2" },
);

function optional(properties: Record<string, TSchema>): Record<string, TSchema> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, t.Optional(schema)]),
  );
}
