import { Elysia } from "elysia";
import { redirectLocation } from "../http/authorization_response.ts";
import { answerBrowserError } from "../http/browser_refusal.ts";
import type { Context } from "../http/context.ts";
import { clearCookie } from "../http/cookies.ts";
import { currentSession } from "../http/current_session.ts";
import { answerPage, frameOf, seeOther } from "../http/page_answer.ts";
import { readForm } from "../http/read_form.ts";
import { readQuery } from "../http/read_query.ts";
import { requireSameOrigin } from "../http/same_origin.ts";
import { clientNameOf } from "../http/visit.ts";
import { confirmLogoutPage, signedOutPage } from "../pages/signed_out.ts";
import { type Params, parseForm } from "../protocol/form.ts";
import { endSession } from "../services/logout.ts";
import {
  isUnquestioned,
  LOGOUT_PARAMETERS,
  type LogoutRequest,
  readLogoutRequest,
  sealLogoutRequest,
  unsealLogoutRequest,
} from "../services/logout_request.ts";
import type { Services } from "../services/services.ts";
import type { LiveSession } from "../services/sessions.ts";
import { logoutDocs, logoutFormDocs } from "./end_session_docs.ts";

/** `GET` and `POST /logout` (OpenID Connect RP-Initiated Logout 1.0 §2). */
export function endSessionEndpoint({ services }: Context) {
  const answering =
    (steps: (request: Request, services: Services) => Promise<Response>) =>
    ({ request }: { request: Request }) =>
      steps(request, services).catch((error: unknown) =>
        answerBrowserError(error, request, services),
      );
  return new Elysia({ name: "end_session" })
    .get("/logout", answering(byGet), { detail: logoutDocs(services.issuer) })
    .post("/logout", answering(byPost), {
      parse: "none",
      detail: logoutFormDocs(services.issuer),
    });
}

async function byGet(request: Request, services: Services): Promise<Response> {
  const params = readQuery(request.url, parseForm);
  const sealed = params.get("request");
  const asked =
    sealed === undefined
      ? await readLogoutRequest(params, services)
      : await unsealLogoutRequest(sealed, services);
  const live = await currentSession(request, services);
  if (live && !isUnquestioned(asked, live.session, services)) {
    return sealed === undefined
      ? askAgain(asked, services)
      : ask(asked, sealed, { request, services });
  }
  return finish(asked, live, { request, services });
}

async function byPost(request: Request, services: Services): Promise<Response> {
  const form = await readForm(request, new Set(["request", ...LOGOUT_PARAMETERS]));
  if (form.has("request")) return confirmed(form, request, services);
  const asked = await readLogoutRequest(form, services);
  const live = await currentSession(request, services);
  // A form of another site brings no Lax cookie; the GET that it is sent to does.
  if (!live || !isUnquestioned(asked, live.session, services)) return askAgain(asked, services);
  return finish(asked, live, { request, services });
}

/** Our own form came back: the user wants it, and to go where the page said. */
async function confirmed(form: Params, request: Request, services: Services): Promise<Response> {
  requireSameOrigin(request, services.issuer);
  const asked = await unsealLogoutRequest(form.get("request"), services);
  return finish({ ...asked, trusted: true }, await currentSession(request, services), {
    request,
    services,
  });
}

/** Goes on under an address of ours that holds no ID token. */
function askAgain(asked: LogoutRequest, services: Services): Response {
  const query = new URLSearchParams({ request: sealLogoutRequest(asked, services) });
  return seeOther(`${services.issuer}/logout?${query}`);
}

interface Answering {
  readonly request: Request;
  readonly services: Services;
}

async function ask(
  { clientId, redirectUri, uiLocales }: LogoutRequest,
  sealed: string,
  { request, services }: Answering,
): Promise<Response> {
  const client = clientId === undefined ? undefined : await services.store.findClient(clientId);
  const frame = frameOf(request, services, { uiLocales });
  const clientName = client && clientNameOf(client);
  const html = confirmLogoutPage(frame, { clientName, redirectUri, request: sealed });
  const formTargets = redirectUri === undefined ? [] : [redirectUri];
  return answerPage(html, { request, services }, { formTargets });
}

/**
 * Ends what there is to end; then back to the client, or the page that says so, with a link where
 * only the user can say whether the browser goes there.
 */
async function finish(
  { redirectUri, trusted, state, uiLocales }: LogoutRequest,
  live: LiveSession | undefined,
  { request, services }: Answering,
): Promise<Response> {
  if (live) await endSession(live.session, services);
  const cookies = [clearCookie("session", services)];
  const onward = redirectUri !== undefined && {
    redirectUri,
    href: state === undefined ? redirectUri : redirectLocation(redirectUri, "query", { state }),
  };
  if (onward && trusted) return seeOther(onward.href, cookies);
  const frame = frameOf(request, services, { uiLocales, repeatable: request.method === "GET" });
  const html = signedOutPage(frame, onward ? { onward } : {});
  return answerPage(html, { request, services }, { cookies });
}
