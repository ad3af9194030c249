import { Type as t } from "@sinclair/typebox";
import { withErrorPages } from "../../http/error_docs.ts";
import { exampleOf, formBody } from "../../http/form_docs.ts";
import type { Services } from "../../plugin.ts";
import { operationOf, STORE_ERRORS, withTexts } from "./operation.ts";
import { NONCE } from "./user_agent_docs.ts";

const PAGE = { schema: { type: "string" }, mediaType: "text/html" } as const;

/** `GET /challenge/{nonce}`. */
export function showDocs({ issuer }: Services) {
  return withErrorPages({
    ...operationOf(issuer, {
      operationId: "showChallenge",
      summary: "The page of where the process stands",
      description:
        "Where /authorize sends browsers: a form for the address, or for the PIN. It works without JavaScript.",
      responses: { 200: { description: "The page", ...PAGE } },
      errors: ["challenge_unknown", ...STORE_ERRORS],
    }),
    parameters: [
      NONCE,
      {
        in: "query",
        name: "change",
        required: false,
        description: "Present: the form for another address, while there is one left",
        schema: { type: "string" as const, maxLength: 1 },
      },
    ],
  });
}

/** `POST /claim/{nonce}`. */
export function claimDocs({ issuer }: Services) {
  const form = t.Object({
    action: t.String({ enum: ["add", "skip"], examples: ["add"], description: "The button" }),
    proof: t.Optional(
      t.String({ maxLength: 128, description: "Shows that the PIN was entered in that session" }),
    ),
  });
  return withErrorPages({
    ...operationOf(issuer, {
      operationId: "claimAddress",
      summary: "Keep the proven address as a verified claim",
      description:
        "The form that a browser in which somebody is signed in gets in answer to the right PIN. Whatever is answered, the browser goes to the client; 409 is a page that says why nothing was added.",
      responses: {
        303: { description: "To the redirect URI of the client, with code and state" },
        409: {
          description: "The address is another user's; the page leads to the client",
          ...PAGE,
        },
      },
      errors: [
        "foreign_origin",
        "body_unreadable",
        "body_malformed",
        "body_too_large",
        "too_many_parameters",
        "parameter_malformed",
        "parameter_repeated",
        "parameter_in_url",
        "challenge_unknown",
        ...STORE_ERRORS,
      ],
    }),
    parameters: [NONCE],
    requestBody: formBody(form, { request: exampleOf(form) }),
  });
}

/** `GET /terms` and `GET /privacy`. */
export function legalDocs(name: "terms" | "privacy", { issuer }: Services) {
  const text = name === "terms" ? "terms of service" : "privacy policy";
  const operation = {
    ...operationOf(issuer, {
      operationId: name === "terms" ? "getTerms" : "getPrivacyPolicy",
      summary: `The ${text}`,
      description:
        "Accept, then Accept-Language, choose among the texts of LEGAL_FOLDER; Avail-Languages lists them, and Taler-Terms-Version changes with them.",
      responses: {
        200: {
          description: "The text, as HTML, Markdown, plain text or PDF",
          schema: { type: "string" },
          mediaType: "text/html",
          cacheable: true,
        },
        304: { description: "The text that If-None-Match names has not changed", cacheable: true },
      },
      errors: ["legal_text_absent", "legal_type_unacceptable"],
    }),
    parameters: [
      {
        in: "header",
        name: "If-None-Match",
        required: false,
        description: "ETag of a text that the caller has, in whatever language",
        schema: { type: "string" as const },
      },
    ],
  };
  return withTexts(operation, 200, ["text/markdown", "text/plain", "application/pdf"]);
}
