import { type TSchema, Type as t } from "@sinclair/typebox";
import { withDpopHeader } from "../../http/dpop_docs.ts";
import { formOperation } from "../../http/form_docs.ts";
import type { Registry, Services } from "../../plugin.ts";
import { ADDRESS_TYPES } from "../../protocol/address.ts";
import { addressField, operationOf, pathParameter, STORE_ERRORS } from "./operation.ts";
import * as schemas from "./schemas.ts";

/** `GET /config`. */
export function configDocs(issuer: string, configuration: object) {
  return operationOf(issuer, {
    operationId: "getChallengerConfiguration",
    summary: "What the service validates",
    responses: {
      200: {
        description: "ChallengerConfigurationResponse",
        schema: schemas.Configuration,
        examples: { configuration },
        cacheable: true,
      },
    },
  });
}

/** `POST /setup/{client}`. */
export function setupDocs({ issuer, settings }: Services) {
  const fields = ADDRESS_TYPES[settings.challengerAddressType];
  const schema = t.Object({
    read_only: t.Optional(t.Boolean({ description: "Whether the user must keep the address" })),
    ...Object.fromEntries(fields.map((name) => [name, t.Optional(addressField(name))])),
  });
  return {
    ...operationOf(issuer, {
      operationId: "setUpChallenge",
      summary: "Begin a process",
      description:
        "The bearer token is the client's secret. The body may prefill the address; without one the process begins empty.",
      responses: {
        200: {
          description: "ChallengeSetupResponse",
          schema: schemas.SetupResponse,
          examples: { process: { nonce: schemas.NONCE_EXAMPLE } },
        },
      },
      errors: [
        "client_unknown",
        "too_many_requests",
        "delivery_failed",
        "json_unreadable",
        "parameter_missing",
        "parameter_malformed",
        ...STORE_ERRORS,
      ],
    }),
    security: [{ client_secret: [] }],
    parameters: [pathParameter("client", "Number of the client", "^[0-9]+$")],
    requestBody: {
      required: false,
      content: {
        "application/json": { schema: schema as object, examples: { empty: { value: {} } } },
      },
    },
  };
}

/** `POST /token` of the mount: the grants that its registry has. */
export function tokenDocs(services: Services, registry: Registry) {
  const [registered] = registry.grants.values();
  const { params, errors = [] } = registered?.grant ?? { params: t.Object({}) };
  const parameters = t.Object({
    grant_type: t.String({ enum: [...registry.grants.keys()] }),
    ...(params.properties as Record<string, TSchema>),
  });
  const operation = formOperation(
    { registry, services },
    {
      operationId: "issueChallengerToken",
      tag: "Challenger",
      summary: "Redeem the code of a solved process",
      description: "The pipeline of /token for clients of the profile challenger, in its dialect.",
      parameters,
      confidential: true,
      responses: {
        200: {
          description: "The token",
          schema: schemas.TokenResponse,
          examples: { token: schemas.TOKEN_EXAMPLE },
        },
      },
      errors: [
        "grant_type_missing",
        "grant_type_unsupported",
        "grant_type_refused",
        "resource_refused",
        "dpop_proof_incorrect",
        "dpop_nonce_needed",
        "dpop_proof_missing",
        ...errors,
      ],
    },
  );
  return withDpopHeader(operation);
}

/** `GET /info`. */
export function infoDocs(issuer: string) {
  const operation = operationOf(issuer, {
    operationId: "getValidatedAddress",
    summary: "The address that an access token stands for",
    description: "A token that is bound to a key comes with what proves it.",
    responses: {
      200: {
        description: "ChallengerInfoResponse",
        schema: schemas.Info,
        examples: { address: schemas.INFO_EXAMPLE },
      },
    },
    errors: [
      "info_token_missing",
      "info_token_malformed",
      "info_token_unknown",
      "bearer_incorrect",
      "bearer_proof_incorrect",
      "bearer_nonce_needed",
      ...STORE_ERRORS,
    ],
  });
  return { ...withDpopHeader(operation), security: [{ access_token: [] }] };
}
