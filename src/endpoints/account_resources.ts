import { Elysia } from "elysia";
import { answerBrowserError } from "../http/browser_refusal.ts";
import type { Context } from "../http/context.ts";
import { answerPage, frameOf, seeOther } from "../http/page_answer.ts";
import { readForm } from "../http/read_form.ts";
import { requireSameOrigin } from "../http/same_origin.ts";
import { pathTo, readVisit, type Visit } from "../http/visit.ts";
import { type ResourceDeed, resourcesPage } from "../pages/resources.ts";
import type { Params } from "../protocol/form.ts";
import type { Services } from "../services/services.ts";
import { approveRequest, withdrawAccessById } from "../services/uma_answers.ts";
import { denyRequest, reopenRequest } from "../services/uma_owner.ts";
import { pageDocs, pageFormDocs } from "./page_docs.ts";
import { RESOURCES_PATH, resourcesView } from "./resources_view.ts";

/** Fields of the forms of this page. */
const FIELDS = new Set(["action", "request", "version", "access", "refusal"]);

/** `GET` and `POST /account/resources`: what one owns, who asks for it and who has access (UMA). */
export function accountResourcesEndpoint({ services }: Context) {
  const page = (request: Request, steps: () => Promise<Response>) =>
    steps().catch((error: unknown) => answerBrowserError(error, request, services));
  return new Elysia({ name: "account_resources" })
    .get("/account/resources", ({ request }) => page(request, () => show(request, services)), {
      detail: pageDocs(services.issuer, {
        operationId: "showResources",
        summary: "The page of one's own resources",
        description:
          "Requests that wait for their owner, who has access, what he refused or withdrew, and the resources themselves (UMA 2.0).",
        onward: "To /login, when nobody is signed in",
        interaction: true,
        lists: ["requests", "access", "refusals", "resources"],
      }),
    })
    .post("/account/resources", ({ request }) => page(request, () => submit(request, services)), {
      parse: "none",
      detail: pageFormDocs(services.issuer, {
        operationId: "changeResources",
        summary: "Answer a request for a resource, withdraw access, or lift a refusal",
        onward: "Back to the page, or to /login, when nobody is signed in",
        interaction: true,
        fields: "resources",
      }),
    });
}

async function show(request: Request, services: Services): Promise<Response> {
  const visit = await readVisit(request, services);
  const { current } = visit;
  if (!current) return seeOther(pathTo("/login", visit));
  const view = await resourcesView(visit, current);
  return answerPage(resourcesPage(frameOf(request, services), view), visit);
}

async function submit(request: Request, services: Services): Promise<Response> {
  requireSameOrigin(request, services.issuer);
  const form = await readForm(request, FIELDS);
  const visit = await readVisit(request, services);
  const { current } = visit;
  if (!current) return seeOther(pathTo("/login", visit));
  const action = form.get("action") ?? "";
  const step = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  const done = step && (await step(form, current.user.id, services));
  return seeOther(back(visit, done));
}

/** Does what a button says, and tells what came of it. An id that is not the user's is none. */
type Step = (form: Params, userId: string, services: Services) => Promise<ResourceDeed>;

/** What the buttons do. */
const ACTIONS: Readonly<Record<string, Step>> = {
  async approve(form, userId, services) {
    const id = idIn(form, "request");
    if (id === undefined) return "answered";
    return approveRequest({ id, version: form.get("version") ?? "" }, userId, services);
  },
  async deny(form, userId, services) {
    const id = idIn(form, "request");
    return id !== undefined && (await denyRequest(id, userId, services)) ? "denied" : "answered";
  },
  async withdraw(form, userId, services) {
    const id = idIn(form, "access");
    return id !== undefined && (await withdrawAccessById(id, userId, services))
      ? "withdrawn"
      : "ended";
  },
  async lift(form, userId, services) {
    const id = idIn(form, "refusal");
    return id !== undefined && (await reopenRequest(id, userId, services)) ? "lifted" : "ended";
  },
};

/** A field that is written as the ids of requests are: SHA-256 in hex. */
function idIn(form: Params, field: string): string | undefined {
  const id = form.get(field);
  return id !== undefined && /^[0-9a-f]{64}$/.test(id) ? id : undefined;
}

const back = (visit: Visit, done: ResourceDeed | undefined): string =>
  pathTo(RESOURCES_PATH, visit, done === undefined ? {} : { done });
