import { errorPage } from "../pages/browser_error.ts";
import type { Texts } from "../pages/texts/all.ts";
import type { ErrorCode } from "../protocol/catalogue.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import type { Services } from "../services/services.ts";
import { answerError, errorBody } from "./errors.ts";
import { answerPage, frameOf } from "./page_answer.ts";

/** What a person is told of a condition; of all others, that the application did wrong. */
const MESSAGES: { readonly [C in ErrorCode]?: keyof Texts } = {
  client_unknown: "errorClient",
  redirect_uri_missing: "errorRedirect",
  redirect_uri_malformed: "errorRedirect",
  redirect_uri_unregistered: "errorRedirect",
  post_logout_redirect_uri_unregistered: "errorRedirect",
  interaction_unknown: "errorInteraction",
  challenge_unknown: "errorChallenge",
  challenge_redirect_uri_refused: "errorRedirect",
  challenge_read_only: "errorReadOnly",
  challenge_exhausted: "errorExhausted",
  foreign_origin: "errorForeign",
  endpoint_unknown: "errorNotFound",
  too_many_requests: "errorBusy",
  server_busy: "errorBusy",
};

/** Whether the caller is a browser that shows pages to a person. */
export function wantsPage(request: Request): boolean {
  return (request.headers.get("accept") ?? "").includes("text/html");
}

/**
 * Turns whatever was thrown at a page of ours into a page for a browser, and into the usual JSON
 * for programs. Status, headers, audit and counters are those of {@linkcode answerError}.
 */
export async function answerBrowserError(
  thrown: unknown,
  request: Request,
  services: Services,
): Promise<Response> {
  const response = await answerError(thrown, request, services);
  if (!wantsPage(request)) return response;
  const refusal = thrown instanceof OAuthError ? thrown : new OAuthError("fault");
  const {
    error,
    error_description: description,
    error_uri: href,
  } = errorBody(refusal, services.issuer);
  const frame = frameOf(request, services, { repeatable: request.method === "GET" });
  const known = MESSAGES[refusal.code];
  const usual = response.status >= 500 ? "errorFault" : "errorOther";
  const html = errorPage(frame, {
    message: frame.texts[known ?? usual],
    details: { error, description, href },
  });
  const retryAfter = response.headers.get("retry-after");
  return answerPage(
    html,
    { request, services },
    {
      status: response.status,
      ...(retryAfter !== null && { headers: { "Retry-After": retryAfter } }),
    },
  );
}
