import { formPostPage } from "../pages/form_post.ts";
import { leavePage } from "../pages/leave.ts";
import type { Destination } from "../protocol/authorization_request.ts";
import type { OAuthError } from "../protocol/oauth_error.ts";
import type { Services } from "../services/services.ts";
import type { Client } from "../store/clients.ts";
import { errorBody } from "./errors.ts";
import { answerPage, frameOf, seeOther } from "./page_answer.ts";
import { clientNameOf } from "./visit.ts";

/** What an answer to a client is made with. */
export interface AnswerContext {
  readonly request: Request;
  readonly client: Client;
  readonly services: Services;
  readonly uiLocales?: readonly string[];
  /** `Set-Cookie` values that go with the answer. */
  readonly cookies?: readonly string[];
}

/** The parameters of an answer, before `state` and `iss`. */
type Answer = Readonly<Record<string, string>>;

/**
 * Sends an answer to a redirect URI that has been checked: by 303, so that no browser repeats a
 * post there (RFC 9700 §4.12), or as a form. `state` and `iss` go with each (RFC 9207 §2).
 */
export function answerClient(
  destination: Destination,
  answer: Answer,
  context: AnswerContext,
): Response {
  const { request, client, services, uiLocales, cookies = [] } = context;
  const { redirectUri, responseMode } = destination;
  const fields = fieldsOf(destination, answer, services);
  if (responseMode !== "form_post") {
    return seeOther(redirectLocation(redirectUri, responseMode, fields), cookies);
  }
  const frame = frameOf(request, services, { uiLocales, repeatable: false });
  const clientName = clientNameOf(client);
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
  return answerClient(destination, refusalOf(error), context);
}

/** The same refusal, once the user has seen where it takes him and wants to go there. */
export function offerClientError(
  destination: Destination,
  error: OAuthError,
  { request, client, services, uiLocales, cookies = [] }: AnswerContext,
): Response {
  const { redirectUri, responseMode } = destination;
  const fields = fieldsOf(destination, refusalOf(error), services);
  const posted = responseMode === "form_post";
  const { error_description: description, error_uri: href } = errorBody(error, services.issuer);
  const html = leavePage(frameOf(request, services, { uiLocales, repeatable: false }), {
    clientName: clientNameOf(client),
    redirectUri,
    answer: posted ? { fields } : { href: redirectLocation(redirectUri, responseMode, fields) },
    details: { error: error.row.error, description, href },
  });
  const formTargets = posted ? [redirectUri] : [];
  return answerPage(html, { request, services }, { formTargets, cookies });
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

function refusalOf(error: OAuthError): Answer {
  return { error: error.row.error, error_description: error.message };
}

function fieldsOf({ state }: Destination, answer: Answer, { issuer }: Services): Answer {
  return { ...answer, ...(state !== undefined && { state }), iss: issuer };
}
