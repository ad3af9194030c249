import { Elysia } from "elysia";
import { answerBrowserError, wantsPage } from "../../http/browser_refusal.ts";
import { readQuery } from "../../http/read_query.ts";
import { NO_STORE } from "../../http/responses.ts";
import { answering, type Services } from "../../plugin.ts";
import { parseForm } from "../../protocol/form.ts";
import { authorizeChallenge } from "../../services/challenge_request.ts";
import { answerStatus } from "./answers.ts";
import { pathOf } from "./pages.ts";
import { authorizeDocs } from "./user_agent_docs.ts";

/** `GET|POST /authorize/{nonce}`: the user agent arrives. All arguments are in the URL, even for POST. */
export function authorizeEndpoint(prefix: string, services: Services) {
  const path = `${prefix}/authorize/:nonce` as const;
  const authorize = (request: Request, nonce: string) =>
    answering({ dialect: "challenger", clientId: undefined }, async () => {
      const query = readQuery(request.url, parseForm);
      const process = await authorizeChallenge(nonce, query, services);
      if (!wantsPage(request)) return answerStatus(process);
      return found(pathOf({ services, prefix }, "challenge", process.nonce));
    }).catch((error: unknown) => answerBrowserError(error, request, services));
  return new Elysia()
    .get(path, ({ request, params }) => authorize(request, params.nonce), {
      detail: authorizeDocs("getChallengeStatus", services),
    })
    .post(path, ({ request, params }) => authorize(request, params.nonce), {
      parse: "none",
      detail: authorizeDocs("postChallengeStatus", services),
    });
}

/** The 302 that the protocol has for browsers (challenger.md B.2); the page's URL has none of the client's arguments. */
function found(location: string): Response {
  return new Response(null, {
    status: 302,
    headers: { ...NO_STORE, Location: location, "Referrer-Policy": "no-referrer" },
  });
}
