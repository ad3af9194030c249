import { Elysia } from "elysia";
import {
  answerClient,
  answerClientError,
  offerClientError,
} from "../http/authorization_response.ts";
import { answerBrowserError } from "../http/browser_refusal.ts";
import type { Context } from "../http/context.ts";
import { readCookie, setCookie } from "../http/cookies.ts";
import { currentSession } from "../http/current_session.ts";
import { noteRefusal } from "../http/errors.ts";
import { limitAuthorizationRequests } from "../http/limit_requests.ts";
import { requireNavigation } from "../http/navigation.ts";
import { mayLeaveUnasked } from "../http/open_redirect.ts";
import { seeOther } from "../http/page_answer.ts";
import { readFormText } from "../http/read_form.ts";
import { readQuery } from "../http/read_query.ts";
import { FORM_POST_SCRIPT } from "../pages/form_post.ts";
import {
  checkDestination,
  type Destination,
  type ReadParameters,
  readAuthorizationParameters,
  recheckAuthorizationRequest,
} from "../protocol/authorization_request.ts";
import type { AuthorizationRequest, InteractionFacts } from "../protocol/authorization_types.ts";
import { answering, OAuthError } from "../protocol/oauth_error.ts";
import { isRegisteredRedirectUri } from "../protocol/redirect_uri.ts";
import {
  checkRequest,
  requireClient,
  skipsConsent,
  stepOf,
} from "../services/authorization_requests.ts";
import { beginInteraction, findInteraction } from "../services/interactions.ts";
import { issueCode } from "../services/issue_code.ts";
import {
  isPushedRequestUri,
  pushRequest,
  sealRequest,
  takePushedRequest,
} from "../services/pushed_requests.ts";
import type { Services } from "../services/services.ts";
import type { Client } from "../store/clients.ts";
import type { Interaction } from "../store/interactions.ts";
import { authorizationDocs, authorizationFormDocs } from "./authorization_docs.ts";

/** How long the script of form_post pages may be kept, in seconds. */
const SCRIPT_MAX_AGE_SECONDS = 86_400;

/** Longest sealed request that goes into a URL, in characters; proxies take 8,000 bytes of one. */
const SEALED_LENGTH_MAX = 4_096;

/** Pages that take a person's facts. An account is chosen where one signs in. */
const PAGES = { login: "/login", select_account: "/login", consent: "/consent" } as const;

/** `GET` and `POST /authorize` (RFC 6749 §3.1, OpenID Connect Core §3.1.2). */
export function authorizationEndpoint({ services }: Context) {
  const page = (request: Request, steps: () => Promise<Response>) =>
    requireNavigation(request)
      .then(steps)
      .catch((error: unknown) => answerBrowserError(error, request, services));
  return new Elysia({ name: "authorization" })
    .get("/authorize", ({ request }) => page(request, () => get(request, services)), {
      detail: authorizationDocs(services.issuer),
    })
    .post("/authorize", ({ request }) => page(request, () => post(request, services)), {
      parse: "none",
      detail: authorizationFormDocs(services.issuer),
    })
    .get("/assets/form_post.js", () => script(), { detail: { hide: true } });
}

/** Begins an authorization request, or goes on with one that sign-in or consent sends back. */
async function get(request: Request, services: Services): Promise<Response> {
  const read = readQuery(request.url, readAuthorizationParameters);
  const { params } = read;
  if (!params.has("client_id") && params.has("interaction")) {
    const cookie = readCookie(request, "browser", services);
    const interaction = await findInteraction(params.get("interaction"), cookie, services);
    return dispatch({ interaction, cookies: [] }, request, services);
  }
  const client = await requireClient(params.get("client_id"), services);
  const requestUri = params.get("request_uri");
  if (!read.fault && requestUri !== undefined && isPushedRequestUri(requestUri)) {
    // Before it is taken, so that a request which comes too early may come again.
    await limitAuthorizationRequests(request, services);
    const asked = await takePushedRequest(requestUri, client.id, services);
    return begin(asked, request, services);
  }
  const asked = await checked(read, { client, request, services });
  if (asked instanceof Response) return asked;
  await limitAuthorizationRequests(request, services);
  return begin(asked, request, services);
}

/**
 * A post from a client's page comes without Lax cookies, so the answer sends the browser back by
 * GET, when they come along and say whose it is. Until then nothing is stored nor counted: the
 * checked request is sealed into the address. One that is too long for that waits like a pushed one.
 * An interaction begun here would need a new browser cookie, and so end the sign-ins of the
 * browser's other tabs.
 */
async function post(request: Request, services: Services): Promise<Response> {
  const read = readAuthorizationParameters(await readFormText(request));
  const client = await requireClient(read.params.get("client_id"), services);
  const again = (requestUri: string) => {
    const query = new URLSearchParams({ client_id: client.id, request_uri: requestUri });
    return seeOther(`${services.issuer}/authorize?${query}`);
  };
  const requestUri = read.params.get("request_uri");
  if (!read.fault && requestUri !== undefined && isPushedRequestUri(requestUri)) {
    return again(requestUri);
  }
  const asked = await checked(read, { client, request, services });
  if (asked instanceof Response) return asked;
  const sealed = sealRequest(asked, services);
  if (sealed.length <= SEALED_LENGTH_MAX) return again(sealed);
  await limitAuthorizationRequests(request, services);
  return again((await pushRequest(asked, services)).requestUri);
}

interface Asker {
  readonly client: Client;
  readonly request: Request;
  readonly services: Services;
}

/** Checks the destination, whose faults are a page, then all else, whose faults are sent there. */
async function checked(
  { params, fault }: ReadParameters,
  asker: Asker,
): Promise<AuthorizationRequest | Response> {
  const { client, services } = asker;
  return answering({ dialect: client.profile, clientId: client.id }, async () => {
    const destination = checkDestination(params, client);
    return answeringClient(destination, asker, async () => {
      if (fault) throw fault;
      if (client.metadata.require_pushed_authorization_requests === true) {
        throw new OAuthError("pushed_request_required");
      }
      return checkRequest(params, { client, destination }, services);
    });
  });
}

async function begin(
  asked: AuthorizationRequest,
  request: Request,
  services: Services,
): Promise<Response> {
  const known = readCookie(request, "browser", services);
  const { interaction, browserCookie } = await beginInteraction(asked, known, services);
  const cookies = browserCookie === known ? [] : [setCookie("browser", browserCookie, services)];
  return dispatch({ interaction, cookies }, request, services);
}

/** The only place that decides where a browser goes next, from facts alone. */
async function dispatch(
  { interaction, cookies }: { interaction: Interaction; cookies: readonly string[] },
  request: Request,
  services: Services,
): Promise<Response> {
  const { id, request: asked, facts } = interaction;
  const client = await requireClient(asked.clientId, services);
  if (!isRegisteredRedirectUri(asked.redirectUri, client.redirectUris)) {
    throw new OAuthError("redirect_uri_unregistered");
  }
  const asker = { client, request, services, uiLocales: asked.uiLocales, cookies, facts };
  return answeringClient(asked, asker, async () => {
    recheckAuthorizationRequest(asked, client);
    const live = await currentSession(request, services);
    const step = await stepOf(interaction, { client, live }, services);
    const page = step.kind === "error" || step.kind === "code" ? undefined : PAGES[step.kind];
    if (page !== undefined) {
      return seeOther(`${services.issuer}${page}?interaction=${id}`, cookies);
    }
    // One answer for each interaction, however many requests ask for it at once.
    if (!(await services.store.endInteraction(id, services.now()))) {
      throw new OAuthError("interaction_unknown");
    }
    if (step.kind === "error") throw new OAuthError(step.error);
    if (!live) throw new TypeError("A code needs a session");
    const { user, session } = live;
    const consented = !skipsConsent(client);
    const code = await issueCode({ client, user, session, request: asked, consented }, services);
    return answerClient(asked, { code }, asker);
  });
}

/** Who asks, and what is known of him and his browser once the interaction has begun. */
interface Answering extends Asker {
  readonly cookies?: readonly string[];
  readonly uiLocales?: readonly string[];
  readonly facts?: InteractionFacts;
}

/**
 * Runs steps; what they throw goes to the client, save that an interaction is none of its business.
 * Where nobody answers for the client's address, the user is asked first.
 */
async function answeringClient<T>(
  destination: Destination,
  asker: Answering,
  steps: () => Promise<T>,
): Promise<T | Response> {
  try {
    return await steps();
  } catch (thrown) {
    const error =
      thrown instanceof OAuthError ? thrown : new OAuthError("fault", { cause: thrown });
    if (error.code === "interaction_unknown") throw error;
    error.addressee ??= { dialect: asker.client.profile, clientId: asker.client.id };
    await noteRefusal(error, error.row.status, asker.services);
    // A store that fails just now must not take the place of the error that is told.
    const unasked = await mayLeaveUnasked(asker).catch(() => false);
    const answer = unasked ? answerClientError : offerClientError;
    return answer(destination, error, asker);
  }
}

function script(): Response {
  return new Response(FORM_POST_SCRIPT, {
    headers: {
      "Content-Type": "text/javascript; charset=utf-8",
      "Cache-Control": `public, max-age=${SCRIPT_MAX_AGE_SECONDS}`,
      "X-Content-Type-Options": "nosniff",
    },
  });
}
