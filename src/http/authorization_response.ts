import { formPostPage } from "../pages/form_post.ts";
import type { Destination } from "../protocol/authorization_request.ts";
import type { OAuthError } from "../protocol/oauth_error.ts";
import type { Services } from "../services/services.ts";
import type { Client } from "../store/clients.ts";
import { answerPage, frameOf, seeOther } from "./page_answer.ts";

/** What an answer to a client is made with. */
export interface AnswerContext {
  readonly request: Request;
  readonly client: Client;
  readonly services: Services;
  readonly uiLocales?: readonly string[];
  /** `Set-Cookie` values that go with the answer. */
  readonly cookies?: readonly string[];
}

/**
 * Sends an answer to a redirect URI that has been checked: by 303, so that no browser repeats a
 * post there (RFC 9700 §4.12), or as a form. `state` and `iss` go with each (RFC 9207 §2).
 */
export function answerClient(
  destination: Destination,
  answer: Readonly<Record<string, string>>,
  { request, client, services, uiLocales, cookies = [] }: AnswerContext,
): Response {
  const { redirectUri, responseMode, state } = destination;
  const fields = { ...answer, ...(state !== undefined && { state }), iss: services.issuer };
  if (responseMode !== "form_post") {
    return seeOther(redirectLocation(redirectUri, responseMode, fields), cookies);
  }
  const frame = frameOf(request, services, { uiLocales, repeatable: false });
  const clientName = client.metadata.client_name ?? client.id;
  const html = formPostPage(frame, { action: redirectUri, clientName, fields });
  return answerPage(
    html,
    { request, services },
    { formTargets: [redirectUri], script: true, cookies },
  );
}

/** Sends a refusal to a redirect URI that has been checked (RFC 6749 §4.1.2.1). */
export function answerClientError(
  destination: Destination,
  error: OAuthError,
  context: AnswerContext,
): Response {
  const answer = { error: error.row.error, error_description: error.message };
  return answerClient(destination, answer, context);
}

/** The redirect URI, byte for byte, with the fields after it. */
export function redirectLocation(
  redirectUri: string,
  mode: "query" | "fragment",
  fields: Readonly<Record<string, string>>,
): string {
  const encoded = new URLSearchParams(fields).toString();
  if (mode === "fragment") return `${redirectUri}#${encoded}`;
  if (!redirectUri.includes("?")) return `${redirectUri}?${encoded}`;
  return /[?&]$/.test(redirectUri) ? redirectUri + encoded : `${redirectUri}&${encoded}`;
}
