import { Type } from "@sinclair/typebox";
import { type TSchema, t } from "elysia";
import type { Context } from "../http/context.ts";
import { withDpopHeader } from "../http/dpop_docs.ts";
import {
  clientAuthProperties,
  clientSecurity,
  exampleOf,
  formBody,
  formErrors,
  publicOperation,
} from "../http/form_docs.ts";
import { RESOURCES_MAX } from "../protocol/resource.ts";
import { TOKEN_TYPES } from "../protocol/token_claims.ts";
import type { Registry } from "../registry.ts";

/** OpenAPI operation of `POST /token`: one variant per grant, discriminated by `grant_type`. */
export function tokenDocs({ registry, services }: Context) {
  const refs = [...schemaNames(registry)].map(
    ([grantType, name]) => [grantType, `#/components/schemas/${name}`] as const,
  );
  const grantErrors = [...registry.grants.values()].flatMap(({ grant }) => grant.errors ?? []);
  return {
    ...withDpopHeader(
      publicOperation(services.issuer, {
        operationId: "issueTokens",
        tag: "Tokens",
        summary: "Exchange a grant for tokens",
        description:
          "The parameters depend on `grant_type`; the client authenticates by its registered method. Unknown parameters are ignored.",
        responses: {
          200: {
            description: "Tokens; an extension grant may add members of its own",
            schema: { $ref: "#/components/schemas/TokenResponse" },
            examples: { tokens: EXAMPLE_RESPONSE },
          },
        },
        errors: formErrors(registry, [
          "grant_type_missing",
          "grant_type_unsupported",
          "grant_type_refused",
          "scope_refused",
          "scope_repeated",
          "resource_refused",
          "dpop_proof_incorrect",
          "dpop_nonce_needed",
          "dpop_proof_missing",
          ...grantErrors,
        ]),
      }),
    ),
    security: clientSecurity(registry),
    requestBody: formBody(
      {
        oneOf: refs.map(([, $ref]) => ({ $ref })),
        discriminator: { propertyName: "grant_type", mapping: Object.fromEntries(refs) },
      },
      Object.fromEntries(
        [...registry.grants].map(([grantType, { grant }]) => [
          grantType,
          { grant_type: grantType, ...exampleOf(grant.params) },
        ]),
      ),
    ),
  };
}

/** The component schemas that the token operation and its errors point to. */
export function tokenSchemas(registry: Registry): Record<string, TSchema> {
  const names = schemaNames(registry);
  const variants = [...registry.grants].map(([grantType, { grant }]) => [
    names.get(grantType) ?? grantType,
    t.Object(
      {
        grant_type: t.String({ enum: [grantType] }),
        ...grant.params.properties,
        resource: t.Optional(ResourceParameter),
        ...optional(clientAuthProperties(registry)),
      },
      { title: grantType, description: grant.source },
    ),
  ]);
  return { ...Object.fromEntries(variants), TokenResponse, Error: ErrorSchema };
}

/** Names of the grants' component schemas: the last part of a URI, numbered where two are alike. */
export function schemaNames(registry: Registry): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const grantType of registry.grants.keys()) {
    const part = grantType.replace(/^.*[:/]/, "").replace(/[^A-Za-z0-9]/g, "_");
    const taken = [...names.values()];
    let name = `TokenRequest_${part}`;
    for (let number = 2; taken.includes(name); number++) name = `TokenRequest_${part}_${number}`;
    names.set(grantType, name);
  }
  return names;
}

/** The endpoint reads repeated `resource` parameters as one list. */
const ResourceParameter = t.Array(t.String({ format: "uri" }), {
  maxItems: RESOURCES_MAX,
  description: "Resource the token is for; repeat the parameter for several (RFC 8707 §2)",
});

const TokenResponse = t.Object(
  {
    access_token: t.String({ description: "A JWT (RFC 9068) or opaque, as the client registered" }),
    token_type: t.String({ enum: [...TOKEN_TYPES] }),
    expires_in: Type.Integer({ description: "Life of the access token, in seconds" }),
    scope: t.Optional(t.String({ description: "Granted scopes, separated by spaces" })),
    refresh_token: t.Optional(
      t.String({
        description: "Where the grant gives one and the client registered refresh_token",
      }),
    ),
    id_token: t.Optional(
      t.String({ description: "Where the scope has openid (OpenID Connect Core §3.1.3.3)" }),
    ),
  },
  { description: "RFC 6749 §5.1" },
);

const EXAMPLE_RESPONSE = {
  access_token: "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJleGFtcGxlIn0.c2lnbmF0dXJl",
  token_type: "Bearer",
  expires_in: 3600,
  scope: "api1",
  refresh_token: "tsr_CkhwVqcA",
};

const ErrorSchema = t.Object(
  {
    error: t.String({ description: "The RFC's word for the kind of refusal" }),
    error_description: t.String({ description: "What is wrong, in words" }),
    error_uri: t.String({ format: "uri", description: "Page with cause and cure" }),
    code: t.Optional(Type.Integer({ description: "Registered GNU Taler error number" })),
    hint: t.Optional(t.String({ description: "Text of that number" })),
    detail: t.Optional(t.String({ description: "Name of the parameter at fault" })),
    ticket: t.Optional(t.String({ description: "The ticket to come again with (UMA 2.0)" })),
    interval: t.Optional(Type.Integer({ description: "Seconds to wait before (UMA 2.0)" })),
    required_claims: t.Optional(
      t.Array(t.Object({}, { additionalProperties: true }), {
        description: "What the claim token must say (UMA 2.0)",
      }),
    ),
  },
  { description: "RFC 6749 §5.2" },
);

function optional(properties: Record<string, TSchema>): Record<string, TSchema> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, t.Optional(schema)]),
  );
}
