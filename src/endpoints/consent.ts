import { Elysia } from "elysia";
import { answerBrowserError } from "../http/browser_refusal.ts";
import type { Context } from "../http/context.ts";
import { seeOther } from "../http/page_answer.ts";
import { readForm } from "../http/read_form.ts";
import { requireSameOrigin } from "../http/same_origin.ts";
import { type Asked, clientNameOf, pathTo, readVisit, type Visit } from "../http/visit.ts";
import { type ConsentView, consentPage } from "../pages/consent.ts";
import type { AgreedWishes, InteractionFacts } from "../protocol/authorization_types.ts";
import { wishedScopes } from "../protocol/claims.ts";
import type { Params } from "../protocol/form.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import { splitScope } from "../protocol/scope.ts";
import { rememberConsent } from "../services/consents.ts";
import type { Services } from "../services/services.ts";
import type { LiveSession } from "../services/sessions.ts";
import type { Client } from "../store/clients.ts";
import type { Consent } from "../store/interactions.ts";
import { answerVisit } from "./login_pages.ts";
import { pageDocs, pageFormDocs } from "./page_docs.ts";

/** Fields of the form of this page. */
const FIELDS = new Set(["action", "session", "scope", "client"]);

/** `GET` and `POST /consent`: whether an application may do what it asks for. */
export function consentEndpoint({ services }: Context) {
  const page = (request: Request, steps: () => Promise<Response>) =>
    steps().catch((error: unknown) => answerBrowserError(error, request, services));
  return new Elysia({ name: "consent" })
    .get("/consent", ({ request }) => page(request, () => show(request, services)), {
      detail: pageDocs(services.issuer, {
        operationId: "showConsent",
        summary: "The page that asks whether an application may do what it wants",
        onward: "To /authorize, when nobody is signed in",
        interaction: true,
      }),
    })
    .post("/consent", ({ request }) => page(request, () => submit(request, services)), {
      parse: "none",
      detail: pageFormDocs(services.issuer, {
        operationId: "answerConsent",
        summary: "Allow or refuse what an application wants",
        onward: "Back to /authorize",
        interaction: true,
        fields: "consent",
      }),
    });
}

async function show(request: Request, services: Services): Promise<Response> {
  const visit = await readVisit(request, services);
  const asked = requireAsked(visit);
  const { current } = visit;
  if (!current) return seeOther(pathTo("/authorize", visit));
  const given = await services.store.findConsent(current.user.id, asked.client.id);
  const view = viewOf(visit, { asked, current, given });
  return answerVisit(visit, (frame) => consentPage(frame, view));
}

async function submit(request: Request, services: Services): Promise<Response> {
  requireSameOrigin(request, services.issuer);
  const form = await readForm(request, FIELDS);
  const visit = await readVisit(request, services);
  const asked = requireAsked(visit);
  const { current } = visit;
  const action = form.get("action");
  // Whoever signed in meanwhile, in another tab, has not seen what is asked of him.
  if (!current || form.get("session") !== current.session.id) {
    return seeOther(pathTo("/authorize", visit));
  }
  if (action !== "allow" && action !== "refuse") return seeOther(pathTo("/consent", visit));
  const { client, interaction } = asked;
  const shown = shownWishes(asked, form.get("scope"));
  const parties = { userId: current.user.id, clientId: client.id };
  if (action === "allow" && !(await remember(shown, { visit, asked, form }))) {
    return seeOther(pathTo("/consent", visit));
  }
  await services.audit.record(action === "allow" ? "consent.given" : "consent.refused", {
    ...parties,
    details: { scope: shown.scope.join(" ") },
  });
  const mine = interaction.facts.sessionId === current.session.id ? interaction.facts : {};
  const facts: InteractionFacts = {
    ...mine,
    sessionId: current.session.id,
    consent: action === "allow" ? shown : "refused",
  };
  await services.store.writeFacts(interaction.id, facts);
  return seeOther(pathTo("/authorize", visit));
}

/**
 * Remembers the answer. That to a client which registered itself counts for what the page showed: if
 * it has taken another name or address since, false, and the question is asked anew.
 */
async function remember(
  agreed: AgreedWishes,
  { visit, asked: { client }, form }: { visit: Visit; asked: Asked; form: Params },
): Promise<boolean> {
  const { current, services } = visit;
  if (!current) return false;
  const parties = { userId: current.user.id, clientId: client.id };
  if (client.origin !== "dynamic") return rememberConsent(agreed, parties, services);
  if (form.get("client") !== versionOf(client)) return false;
  return rememberConsent(agreed, parties, services, client);
}

/** Tells a registration from every later one of the same client. */
const versionOf = ({ updatedAt }: Client): string => String(updatedAt);

/**
 * What the user answers to: the scopes that his page named, as far as they are still wished for. A
 * client whose registration grew since then gets none of what was not on the page.
 */
function shownWishes({ client, interaction }: Asked, named: string | undefined): AgreedWishes {
  const { request } = interaction;
  const shown = new Set(splitScope(named));
  const scope = wishedScopes(request, client.scopes).filter((wish) => shown.has(wish));
  return { scope, resource: request.resource };
}

function viewOf(
  visit: Visit,
  { asked, current, given }: { asked: Asked; current: LiveSession; given: Consent | undefined },
): ConsentView {
  const { client, interaction } = asked;
  const { resource, redirectUri } = interaction.request;
  const scope = wishedScopes(interaction.request, client.scopes);
  const isKnown = (wish: string) => given?.scope.includes(wish) === true;
  return {
    target: pathTo("/consent", visit),
    client: {
      name: clientNameOf(client),
      version: versionOf(client),
      unchecked: client.origin === "dynamic",
      termsUri: webLink(client.metadata.tos_uri),
      policyUri: webLink(client.metadata.policy_uri),
    },
    user: current.user.username,
    sessionId: current.session.id,
    wishes: scope.filter((wish) => !isKnown(wish)),
    known: scope.filter(isKnown),
    resources: resource,
    redirectUri,
  };
}

/** Consent is always for a request. */
function requireAsked({ asked }: Visit): Asked {
  if (!asked) throw new OAuthError("interaction_unknown");
  return asked;
}

/** A link that a browser may follow from our page. */
function webLink(uri: string | undefined): string | undefined {
  return uri !== undefined && /^https?:\/\//i.test(uri) ? uri : undefined;
}
