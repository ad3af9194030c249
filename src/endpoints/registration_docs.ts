import { type TSchema, Type as t } from "@sinclair/typebox";
import type { Context } from "../http/context.ts";
import { type Operation, publicOperation } from "../http/form_docs.ts";
import type { ErrorCode } from "../protocol/catalogue.ts";
import { ClientMetadataSchema } from "../protocol/client_metadata.ts";

const ERRORS: readonly ErrorCode[] = [
  "registration_token_incorrect",
  "json_unreadable",
  "redirect_uri_refused",
  "client_metadata_refused",
  "too_many_attempts",
  "store_read_failed",
  "store_write_failed",
  "store_timed_out",
  "fault",
];

/** What registration answers (RFC 7591 §3.2.1, RFC 7592 §3). */
const ClientInformation = t.Object({
  client_id: t.String(),
  client_id_issued_at: t.Integer({ description: "Unix seconds" }),
  client_secret: t.Optional(t.String({ description: "Told once; the server keeps its hash" })),
  client_secret_expires_at: t.Optional(t.Integer({ description: "0 means never" })),
  registration_access_token: t.String(),
  registration_client_uri: t.String({ format: "uri" }),
  ...(ClientMetadataSchema.properties as Record<string, TSchema>),
});

/** What an app might say of itself. */
const EXAMPLE = {
  client_name: "My app",
  redirect_uris: ["https://app.example/callback"],
  grant_types: ["authorization_code", "refresh_token"],
  scope: "openid email offline_access",
};

function exampleOf(issuer: string) {
  const id = "0b1b1f4e-6d6c-4d6b-9f3e-0c6f1f6f5a10";
  return {
    ...EXAMPLE,
    client_id: id,
    client_id_issued_at: 1_800_000_000,
    client_secret: "Vw9zqf0o8gCq3K0m1b7yq4b8o2k1YxJc5uU6sQ9tW3E",
    client_secret_expires_at: 0,
    registration_access_token: "mA1hQy0vM2bq8dG7dJt5uB6c9eR3xZ4wK0pL1sN2oYQ",
    registration_client_uri: `${issuer}/register/${id}`,
  };
}

/** OpenAPI operations of dynamic registration. */
export function registrationDocs({ services: { issuer } }: Context) {
  const information = {
    description: "The client",
    schema: ClientInformation,
    examples: { client: exampleOf(issuer) },
  };
  const requestBody = {
    required: true,
    content: {
      "application/json": {
        schema: ClientMetadataSchema as object,
        examples: { client: { value: EXAMPLE } },
      },
    },
  };
  const operation = (operationId: string, summary: string, responses: Operation["responses"]) => ({
    ...publicOperation(issuer, {
      operationId,
      tag: "Registration",
      summary,
      responses,
      errors: ERRORS,
    }),
    security: [{ registration_token: [] }],
  });
  const gone = { description: "It is gone, with all that it was issued" };
  return {
    register: {
      ...operation("registerClient", "Register a client (RFC 7591)", { 201: information }),
      requestBody,
    },
    read: operation("readClient", "Read a registration (RFC 7592 §2.1)", { 200: information }),
    replace: {
      ...operation("replaceClient", "Replace the metadata (RFC 7592 §2.2)", { 200: information }),
      requestBody,
    },
    remove: operation("deleteClient", "Delete a client (RFC 7592 §2.3)", { 204: gone }),
  };
}
