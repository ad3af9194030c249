import { Elysia } from "elysia";
import { answerBrowserError } from "../http/browser_refusal.ts";
import type { Context } from "../http/context.ts";
import { clearCookie } from "../http/cookies.ts";
import { answerPage, frameOf, seeOther } from "../http/page_answer.ts";
import { readForm } from "../http/read_form.ts";
import { requireSameOrigin } from "../http/same_origin.ts";
import { clientNameOf, pathTo, readVisit, type Visit } from "../http/visit.ts";
import { type AccountView, type ApplicationRow, accountPage } from "../pages/account.ts";
import { signedOutPage } from "../pages/signed_out.ts";
import type { Params } from "../protocol/form.ts";
import { type Application, listApplications, withdrawAccess } from "../services/consents.ts";
import { isId } from "../services/ids.ts";
import { endAllSessions, endSession } from "../services/logout.ts";
import type { Services } from "../services/services.ts";
import { isLiveSession, type LiveSession } from "../services/sessions.ts";
import type { User } from "../store/users.ts";
import { pageDocs, pageFormDocs } from "./page_docs.ts";
import { RESOURCES_PATH } from "./resources_view.ts";

/** Fields of the forms of this page. */
const FIELDS = new Set(["action", "session", "client"]);

/** `GET` and `POST /account`: one's sessions and applications; `GET /signed-out`. */
export function accountEndpoint({ registry, services }: Context) {
  const page = (request: Request, steps: () => Promise<Response>) =>
    steps().catch((error: unknown) => answerBrowserError(error, request, services));
  return new Elysia({ name: "account" })
    .get("/account", ({ request }) => page(request, () => show(request, { registry, services })), {
      detail: pageDocs(services.issuer, {
        operationId: "showAccount",
        summary: "The page of one's own account",
        description: "Browsers in which the user is signed in, and applications with access.",
        onward: "To /login, when nobody is signed in",
        interaction: true,
      }),
    })
    .post("/account", ({ request }) => page(request, () => submit(request, services)), {
      parse: "none",
      detail: pageFormDocs(services.issuer, {
        operationId: "changeAccount",
        summary: "Sign a browser out, or withdraw an application's access",
        onward: "Back to the account page, or to /login, when nobody is signed in",
        interaction: true,
        fields: "account",
      }),
    })
    .get("/signed-out", ({ request }) => signedOut(request, services), {
      detail: pageDocs(services.issuer, {
        operationId: "showSignedOut",
        summary: "The page after signing out",
      }),
    });
}

async function show(request: Request, { registry, services }: Context): Promise<Response> {
  const visit = await readVisit(request, services);
  const { current } = visit;
  if (!current) return seeOther(pathTo("/login", visit));
  const resources = registry.accountParts.has("resources")
    ? await resourcesLink(visit, current)
    : undefined;
  const view = { ...(await viewOf(visit, current)), resources };
  return answerPage(accountPage(frameOf(request, services), view), visit);
}

async function submit(request: Request, services: Services): Promise<Response> {
  requireSameOrigin(request, services.issuer);
  const form = await readForm(request, FIELDS);
  const visit = await readVisit(request, services);
  const { current } = visit;
  if (!current) return seeOther(pathTo("/login", visit));
  const action = form.get("action") ?? "";
  const step = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  return step ? step(visit, current, form) : seeOther(pathTo("/account", visit));
}

type Step = (visit: Visit, current: LiveSession, form: Params) => Promise<Response>;

/** What the buttons do. */
const ACTIONS: Readonly<Record<string, Step>> = {
  sign_out: signOutOne,
  sign_out_all: signOutAll,
  withdraw,
};

/** Ends one session of the user; another user's id is nobody's session here. */
async function signOutOne(visit: Visit, current: LiveSession, form: Params): Promise<Response> {
  const { services } = visit;
  const id = form.get("session");
  const known = id !== undefined && isId(id);
  const session = known ? await services.store.findSession(id) : undefined;
  if (session?.userId !== current.user.id) return seeOther(pathTo("/account", visit));
  await endSession(session, services);
  return session.id === current.session.id
    ? seeOther(pathTo("/signed-out", visit), [clearCookie("session", services)])
    : seeOther(pathTo("/account", visit, { done: "signed_out" }));
}

async function signOutAll(visit: Visit, { user }: LiveSession): Promise<Response> {
  const { services } = visit;
  await endAllSessions(user.id, services);
  return seeOther(pathTo("/signed-out", visit, { everywhere: "1" }), [
    clearCookie("session", services),
  ]);
}

/** Ends the access of one application, whether or not the user was asked for it. */
async function withdraw(visit: Visit, { user }: LiveSession, form: Params): Promise<Response> {
  const clientId = form.get("client");
  const done =
    clientId !== undefined && (await withdrawAccess({ userId: user.id, clientId }, visit.services));
  return seeOther(pathTo("/account", visit, done ? { done: "withdrawn" } : {}));
}

/** Where the user's resources are, and how many answers of his are waited for. */
async function resourcesLink(visit: Visit, { user }: LiveSession) {
  const { store, now } = visit.services;
  return {
    href: pathTo(RESOURCES_PATH, visit),
    waiting: await store.countUmaPending(user.id, now()),
  };
}

async function viewOf(
  visit: Visit,
  { user, session }: LiveSession,
): Promise<Omit<AccountView, "resources">> {
  const { request, services } = visit;
  const { store, now } = services;
  const [sessions, applications] = await Promise.all([
    store.listSessions(user.id),
    listApplications(user, services),
  ]);
  const done = new URL(request.url).searchParams.get("done");
  return {
    target: pathTo("/account", visit),
    now: now(),
    name: displayName(user),
    contacts: contactsOf(user),
    devices: sessions
      .filter((one) => isLiveSession(one, services) && one.createdAt > user.notBefore)
      .map((one) => ({
        sessionId: one.id,
        device: one.device,
        signedInAt: one.authTime,
        lastSeenAt: one.id === session.id ? now() : one.lastSeenAt,
        current: one.id === session.id,
      }))
      .sort((a, b) => Number(b.current) - Number(a.current)),
    applications: applications.map(rowOf),
    done: done === "signed_out" || done === "withdrawn" ? done : undefined,
  };
}

function rowOf({ clientId, client, scope, since }: Application): ApplicationRow {
  return { clientId, name: client && clientNameOf(client), scope, since };
}

function displayName({ username, claims }: User): string {
  return typeof claims["name"] === "string" ? claims["name"] : username;
}

function contactsOf(user: User): readonly string[] {
  const all = [user.username, user.email, user.phoneNumber].filter((text) => text !== null);
  return [...new Set(all)].filter((text) => text !== displayName(user));
}

function signedOut(request: Request, services: Services): Response {
  const everywhere = new URL(request.url).searchParams.has("everywhere");
  const html = signedOutPage(frameOf(request, services), { everywhere });
  return answerPage(html, { request, services });
}
