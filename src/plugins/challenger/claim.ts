import { timingSafeEqual } from "node:crypto";
import { Elysia } from "elysia";
import { answerBrowserError } from "../../http/browser_refusal.ts";
import { currentSession } from "../../http/current_session.ts";
import { answerPage, frameOf, seeOther } from "../../http/page_answer.ts";
import { isSameOrigin, requireSameOrigin } from "../../http/same_origin.ts";
import { clientTitle } from "../../http/visit.ts";
import { claimPage, claimRefusedPage } from "../../pages/challenge_proven.ts";
import { answering, readForm, type Services } from "../../plugin.ts";
import type { Params } from "../../protocol/form.ts";
import { challengeRedirect } from "../../services/challenge_code.ts";
import type { ChallengeCompleted } from "../../services/challenge_pin.ts";
import { type ChallengeProcess, findChallenge } from "../../services/challenges.ts";
import { claimAddress, claimableOf, claimProof } from "../../services/claim_address.ts";
import type { LiveSession } from "../../services/sessions.ts";
import { claimDocs } from "./page_docs.ts";
import { type PageRequest, pathOf } from "./pages.ts";

/** Fields of the form. */
const FIELDS = new Set(["action", "proof"]);

/**
 * The page that offers to keep the address, in answer to the right PIN and so for the browser that
 * entered it alone; undefined when nobody is signed in there, or there is nothing to gain (D8).
 */
export async function offerClaim(
  visit: PageRequest,
  { process, redirectUrl }: ChallengeCompleted,
): Promise<Response | undefined> {
  const { request, services, prefix } = visit;
  if (prefix === "" || !isSameOrigin(request, services.issuer)) return undefined;
  const live = await currentSession(request, services);
  const claimable = live && claimableOf(process, live);
  if (!claimable) return undefined;
  const { challenge, client, nonce } = process;
  const html = claimPage(frameOf(request, services, { repeatable: false }), {
    target: pathOf(visit, "claim", nonce),
    client: clientTitle(client, challenge.redirectUri),
    redirectUri: challenge.redirectUri,
    address: claimable.address,
    replaced: claimable.replaced,
    user: live.user.username,
    proof: claimProof(process, live, services),
  });
  return answerPage(html, visit, { formTargets: [redirectUrl] });
}

/** `POST /claim/{nonce}`: the user answers, and goes back to the client whatever he says. */
export function claimEndpoint(prefix: string, services: Services) {
  return new Elysia().post(
    `${prefix}/claim/:nonce`,
    ({ request, params }) =>
      answering({ dialect: "challenger", clientId: undefined }, () =>
        claim({ request, services, prefix }, params.nonce),
      ).catch((error: unknown) => answerBrowserError(error, request, services)),
    { parse: "none", detail: claimDocs(services) },
  );
}

async function claim(visit: PageRequest, nonce: string): Promise<Response> {
  const { request, services } = visit;
  requireSameOrigin(request, services.issuer);
  const form = await readForm(request, FIELDS);
  const process = await findChallenge(nonce, services);
  // Nothing is proven yet, so that there is neither a claim nor a code.
  if (process.challenge.solvedAt === null) {
    return seeOther(pathOf(visit, "challenge", process.nonce));
  }
  const redirectUrl = challengeRedirect(process, services);
  const live = await currentSession(request, services);
  const claimable = live && claimableOf(process, live);
  const proven = live !== undefined && isProven(form, { process, live, services });
  if (form.get("action") !== "add" || !claimable || !proven) return seeOther(redirectUrl);
  const outcome = await claimAddress(claimable, live, services);
  if (outcome === "added") return seeOther(redirectUrl);
  const { client, challenge } = process;
  const onward = {
    client: clientTitle(client, challenge.redirectUri),
    redirectUri: challenge.redirectUri,
    href: redirectUrl,
  };
  const frame = frameOf(request, services, { repeatable: false });
  const html = claimRefusedPage(frame, onward, outcome);
  return answerPage(html, { request, services }, { status: 409 });
}

interface Proof {
  readonly process: ChallengeProcess;
  readonly live: LiveSession;
  readonly services: Services;
}

/** Whether the form comes from the page that this very session was shown after the right PIN. */
function isProven(form: Params, { process, live, services }: Proof): boolean {
  const given = Buffer.from(form.get("proof") ?? "");
  const expected = Buffer.from(claimProof(process, live, services));
  return given.length === expected.length && timingSafeEqual(given, expected);
}
