import { Type as t } from "@sinclair/typebox";
import { withErrorPages } from "../../http/error_docs.ts";
import { exampleOf, FORM_READING_ERRORS, formBody } from "../../http/form_docs.ts";
import type { Services } from "../../plugin.ts";
import { ADDRESS_TYPES } from "../../protocol/address.ts";
import { AuthorizationParameters } from "../../protocol/authorization_parameters.ts";
import type { ErrorCode } from "../../protocol/catalogue.ts";
import { addressField, operationOf, pathParameter, STORE_ERRORS, withTexts } from "./operation.ts";
import { withPinRefusals } from "./pin_docs.ts";
import * as schemas from "./schemas.ts";

/** What every form of a user agent may be refused with. */
const FORM_ERRORS: readonly ErrorCode[] = ["foreign_origin", ...FORM_READING_ERRORS];

/** A process of the user agent's, by its nonce. */
export const NONCE = pathParameter(
  "nonce",
  "What /setup answered; whoever holds it may act",
  "^[0-9A-Za-z]{52}$",
);

/** `GET|POST /authorize/{nonce}`. */
export function authorizeDocs(operationId: string, { issuer }: Services) {
  const known = AuthorizationParameters.properties;
  const names = [
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "code_challenge",
    "code_challenge_method",
  ] as const;
  return withErrorPages({
    ...operationOf(issuer, {
      operationId,
      summary: "Where the process stands, as the user agent arrives",
      description:
        "All parameters are in the URL, whatever the method. The answer is JSON; browsers are sent to the page.",
      responses: {
        200: {
          description: "ChallengeStatus",
          schema: schemas.Status,
          examples: { status: schemas.STATUS_EXAMPLE },
        },
        302: { description: "To the page of the process, for who accepts text/html explicitly" },
      },
      errors: [
        "parameter_missing",
        "parameter_malformed",
        "parameter_repeated",
        "challenge_unknown",
        "challenge_redirect_uri_refused",
        ...STORE_ERRORS,
      ],
    }),
    parameters: [
      NONCE,
      ...names.map((name) => ({
        name,
        in: "query",
        required: ["response_type", "client_id", "redirect_uri"].includes(name),
        schema: known[name],
      })),
    ],
  });
}

/** `POST /challenge/{nonce}`. */
export function challengeDocs({ issuer, settings }: Services) {
  const fields = ADDRESS_TYPES[settings.challengerAddressType];
  const form = t.Object(Object.fromEntries(fields.map((name) => [name, addressField(name)])));
  return withErrorPages({
    ...operationOf(issuer, {
      operationId: "sendChallenge",
      summary: "Send a PIN to an address",
      responses: {
        200: {
          description: "ChallengeResponse",
          schema: { oneOf: [schemas.Redirect, schemas.Created] },
          examples: { created: schemas.CREATED_EXAMPLE, completed: schemas.REDIRECT_EXAMPLE },
        },
        303: { description: "To the page that asks for the PIN, for who accepts text/html" },
      },
      errors: [
        ...FORM_ERRORS,
        "challenge_unknown",
        "challenge_read_only",
        "challenge_exhausted",
        "challenge_address_paused",
        "delivery_failed",
        ...STORE_ERRORS,
      ],
    }),
    parameters: [NONCE],
    requestBody: formBody(form, { request: exampleOf(form) }),
  });
}

/** `POST /solve/{nonce}`. */
export function solveDocs({ issuer }: Services) {
  const form = t.Object({
    pin: t.String({
      maxLength: 64,
      description: "Eight digits; dashes and spaces are ignored",
      examples: ["1234-5678"],
    }),
  });
  const operation = withPinRefusals(
    withErrorPages({
      ...operationOf(issuer, {
        operationId: "solveChallenge",
        summary: "Enter the PIN",
        description:
          "Who asks for application/json is told where to go; all others are sent there. The refusals of a PIN carry the members of InvalidPinResponse: what is left, and whether the PIN was looked at.",
        responses: {
          200: {
            description:
              "ChallengeRedirect; where somebody is signed in, the page that offers to keep the address",
            schema: schemas.Redirect,
            examples: { completed: schemas.REDIRECT_EXAMPLE },
          },
          302: { description: "To the redirect URI of the client, with code and state" },
        },
        errors: [
          ...FORM_ERRORS,
          "challenge_unknown",
          "pin_incorrect",
          "challenge_exhausted",
          ...STORE_ERRORS,
        ],
      }),
      parameters: [NONCE],
      requestBody: formBody(form, { request: exampleOf(form) }),
    }),
  );
  // In a browser in which somebody is signed in.
  return withTexts(operation, 200, ["text/html"]);
}
