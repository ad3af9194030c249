import { Elysia } from "elysia";
import { answerBrowserError, wantsPage } from "../../http/browser_refusal.ts";
import { chooseLocale } from "../../http/locale.ts";
import { seeOther } from "../../http/page_answer.ts";
import { refuseForeignOrigin } from "../../http/same_origin.ts";
import { answering, OAuthError, readForm, type Services } from "../../plugin.ts";
import { ADDRESS_TYPES, MULTILINE_FIELDS } from "../../protocol/address.ts";
import type { Params } from "../../protocol/form.ts";
import { CHALLENGE_LIMITS } from "../../protocol/pin.ts";
import {
  type ChallengeCreated,
  type ChallengeOutcome,
  sendChallenge,
} from "../../services/challenge_pin.ts";
import { findChallenge } from "../../services/challenges.ts";
import { answerChallenge } from "./answers.ts";
import { showDocs } from "./page_docs.ts";
import { isAboutAddress, type PageRequest, pathOf, refuseAddress, showProcess } from "./pages.ts";
import { challengeDocs } from "./user_agent_docs.ts";

/** Every field of an address: none may be in the URL. */
const FIELDS: ReadonlySet<string> = new Set(Object.values(ADDRESS_TYPES).flat());

/**
 * `POST /challenge/{nonce}`: the user gives an address, and a PIN goes there. `GET` is our page of
 * where the process stands.
 */
export function challengeEndpoint(prefix: string, services: Services) {
  const path = `${prefix}/challenge/:nonce` as const;
  const answer = (request: Request, steps: () => Promise<Response>) =>
    answering({ dialect: "challenger", clientId: undefined }, steps).catch((error: unknown) =>
      answerBrowserError(error, request, services),
    );
  return new Elysia()
    .get(
      path,
      ({ request, params }) =>
        answer(request, async () =>
          showProcess({ request, services, prefix }, await findChallenge(params.nonce, services)),
        ),
      { detail: showDocs(services) },
    )
    .post(
      path,
      ({ request, params }) =>
        answer(request, () => send({ request, services, prefix }, params.nonce)),
      { parse: "none", detail: challengeDocs(services) },
    );
}

async function send(visit: PageRequest, nonce: string): Promise<Response> {
  const { request, services } = visit;
  refuseForeignOrigin(request, services.issuer);
  const form = await readForm(request, FIELDS, MULTILINE_FIELDS);
  const isKnown = wantsPage(request) || request.headers.has("accept-language");
  const language = isKnown ? chooseLocale(request, [], services) : undefined;
  const sending = sendChallenge(nonce, form, services, language);
  if (!wantsPage(request)) return answerChallenge(await sending);
  return sending.then(
    (outcome) => answerSent(visit, outcome),
    (error: unknown) => answerUnsent(visit, nonce, { error, form }),
  );
}

/** Back to the page, so that loading it again sends nothing. */
function answerSent(visit: PageRequest, outcome: ChallengeOutcome): Response {
  const { nonce } = outcome.process;
  const notice = outcome.type === "created" ? noticeOf(outcome) : undefined;
  return seeOther(pathOf(visit, "challenge", nonce, notice === undefined ? {} : { notice }));
}

/** A first letter needs no word more than the page has anyway. */
function noticeOf({ transmitted, process }: ChallengeCreated): "recent" | "resent" | undefined {
  if (!transmitted) return "recent";
  const isFirst = process.challenge.transmissionsLeft === CHALLENGE_LIMITS.transmissions - 1;
  return isFirst ? undefined : "resent";
}

async function answerUnsent(
  visit: PageRequest,
  nonce: string,
  { error, form }: { readonly error: unknown; readonly form: Params },
): Promise<Response> {
  if (!(error instanceof OAuthError)) throw error;
  const process = await findChallenge(nonce, visit.services);
  if (!isAboutAddress(error, process)) throw error;
  return refuseAddress(visit, process, { refusal: error, given: form });
}
