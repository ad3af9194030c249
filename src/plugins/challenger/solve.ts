import { Elysia } from "elysia";
import { answerBrowserError, wantsPage } from "../../http/browser_refusal.ts";
import { refuseForeignOrigin } from "../../http/same_origin.ts";
import { answering, OAuthError, readForm, type Services } from "../../plugin.ts";
import { type SolveOutcome, solveChallenge } from "../../services/challenge_pin.ts";
import { findChallenge } from "../../services/challenges.ts";
import { answerSolve } from "./answers.ts";
import { offerClaim } from "./claim.ts";
import { type PageRequest, refusePin, refusePinForm } from "./pages.ts";
import { solveDocs } from "./user_agent_docs.ts";

const PARAMETERS = new Set(["pin"]);

/** `POST /solve/{nonce}`: the user enters the PIN, and goes back to the client with a code. */
export function solveEndpoint(prefix: string, services: Services) {
  return new Elysia().post(
    `${prefix}/solve/:nonce`,
    ({ request, params }) =>
      answering({ dialect: "challenger", clientId: undefined }, () =>
        solve({ request, services, prefix }, params.nonce),
      ).catch((error: unknown) => answerBrowserError(error, request, services)),
    { parse: "none", detail: solveDocs(services) },
  );
}

async function solve(visit: PageRequest, nonce: string): Promise<Response> {
  const { request, services } = visit;
  refuseForeignOrigin(request, services.issuer);
  const pin = (await readForm(request, PARAMETERS)).get("pin");
  const solving = solveChallenge(nonce, pin, services);
  if (!wantsPage(request)) return answerSolve(request, await solving);
  return solving.then(
    (outcome) => answerEntered(visit, outcome),
    (error: unknown) => answerUnread(visit, nonce, error),
  );
}

async function answerEntered(visit: PageRequest, outcome: SolveOutcome): Promise<Response> {
  if (outcome.type === "pending") return refusePin(visit, outcome);
  const offer = outcome.solvedNow ? await offerClaim(visit, outcome) : undefined;
  return offer ?? answerSolve(visit.request, outcome);
}

async function answerUnread(visit: PageRequest, nonce: string, error: unknown): Promise<Response> {
  if (!(error instanceof OAuthError) || error.parameter !== "pin") throw error;
  const process = await findChallenge(nonce, visit.services);
  return refusePinForm(visit, process, error);
}
