import { randomBytes } from "node:crypto";
import { Elysia } from "elysia";
import { answerBrowserError } from "../http/browser_refusal.ts";
import type { Context } from "../http/context.ts";
import { setCookie } from "../http/cookies.ts";
import { seeOther } from "../http/page_answer.ts";
import { readForm } from "../http/read_form.ts";
import { requireSameOrigin } from "../http/same_origin.ts";
import { pathTo, readVisit, type Visit } from "../http/visit.ts";
import type { InteractionFacts } from "../protocol/authorization_types.ts";
import type { Params } from "../protocol/form.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import { describeDevice } from "../services/device.ts";
import { BROWSER_KNOWN_SECONDS, rememberBrowser } from "../services/known_browser.ts";
import {
  beginPending,
  endPending,
  findPending,
  type Pending,
  standingOf,
} from "../services/pending_sign_in.ts";
import { countSecondFactor, sendSecondFactor } from "../services/second_factor.ts";
import type { Services } from "../services/services.ts";
import { methodsOf, provePassword, proveSecondFactor, signIn } from "../services/sign_in.ts";
import type { User } from "../store/users.ts";
import {
  answerCode,
  answerSelect,
  answerSignIn,
  answerTooMany,
  wantsOther,
} from "./login_pages.ts";
import { pageDocs, pageFormDocs } from "./page_docs.ts";

/** Fields of the forms of this page. */
const FIELDS = new Set(["action", "identifier", "password", "code", "session"]);

/** `GET` and `POST /login`: sign-in, its second factor, and the choice of an account. */
export function loginEndpoint({ services }: Context) {
  const page = (request: Request, steps: () => Promise<Response>) =>
    steps().catch((error: unknown) => answerBrowserError(error, request, services));
  return new Elysia({ name: "login" })
    .get("/login", ({ request }) => page(request, () => show(request, services)), {
      detail: pageDocs(services.issuer, {
        operationId: "showSignIn",
        summary: "The page for signing in",
        description:
          "Also asks for the second factor, and which account to go on with. Without an interaction it leads to the account page.",
        onward: "To the account page, for a user who is signed in",
        interaction: true,
      }),
    })
    .post("/login", ({ request }) => page(request, () => submit(request, services)), {
      parse: "none",
      detail: pageFormDocs(services.issuer, {
        operationId: "signIn",
        summary: "Sign in",
        onward: "Back to /authorize, to the account page, or to the page for the code",
        interaction: true,
        errors: ["too_many_attempts", "server_busy", "delivery_failed"],
        fields: "login",
      }),
    });
}

async function show(request: Request, services: Services): Promise<Response> {
  const visit = await readVisit(request, services);
  if (wantsOther(visit)) return answerSignIn(visit);
  const begun = await findBegun(visit);
  if (begun) return answerCode(visit, begun.user);
  if (!visit.asked && visit.current) return seeOther(pathTo("/account", visit));
  return mayChoose(visit) ? answerSelect(visit) : answerSignIn(visit);
}

async function submit(request: Request, services: Services): Promise<Response> {
  requireSameOrigin(request, services.issuer);
  const form = await readForm(request, FIELDS);
  const visit = await readVisit(request, services);
  const action = form.get("action") ?? "password";
  const step = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (!step) return seeOther(pathTo("/login", visit));
  try {
    return await step(visit, form);
  } catch (error) {
    if (!(error instanceof OAuthError && error.code === "too_many_attempts")) throw error;
    services.metrics.count("refusals", error.code);
    await services.audit.refuse({ code: error.code, clientId: visit.asked?.client.id });
    return answerTooMany(visit, error);
  }
}

/** What the buttons do. */
const ACTIONS: Readonly<Record<string, (visit: Visit, form: Params) => Promise<Response>>> = {
  password: submitPassword,
  code: submitCode,
  resend: resendCode,
  restart,
  choose: chooseAccount,
};

async function submitPassword(visit: Visit, form: Params): Promise<Response> {
  const { services, address, browser } = visit;
  const identifier = form.get("identifier");
  const password = form.get("password");
  if (identifier === undefined)
    return answerSignIn(visit, { typed: "", fault: "identifier_missing" });
  if (password === undefined) {
    return answerSignIn(visit, { typed: identifier, fault: "password_missing" });
  }
  const user = await provePassword({ identifier, password, address, browser }, services);
  if (!user) return answerSignIn(visit, { typed: identifier, fault: "incorrect" });
  if (user.secondFactor === null) return complete(visit, user, identifier);
  return askForCode(visit, user);
}

/** Sends a code, and keeps in the store that the password is proven, and which one. */
async function askForCode(visit: Visit, user: User): Promise<Response> {
  const { services, asked, browserCookie } = visit;
  const cookie = browserCookie ?? randomBytes(32).toString("base64url");
  const owner = { browserCookie: cookie, interactionId: asked?.interaction.id };
  // Counted first: a refusal leaves the pending sign-in, and the code that was sent for it.
  await countSecondFactor(user, services);
  const pending = await beginPending(owner, user, services);
  await sendSecondFactor(user, pending.id, services);
  const cookies = browserCookie === undefined ? [setCookie("browser", cookie, services)] : [];
  return seeOther(pathTo("/login", visit), cookies);
}

async function submitCode(visit: Visit, form: Params): Promise<Response> {
  const { services, address, browser } = visit;
  const begun = await findBegun(visit);
  if (!begun) return seeOther(pathTo("/login", visit));
  const code = form.get("code")?.replace(/\D/g, "") ?? "";
  if (code === "") return answerCode(visit, begun.user, "missing");
  const proven = await proveSecondFactor({ ...begun, code, address, browser }, services);
  return proven ? complete(visit, begun.user) : answerCode(visit, begun.user, "incorrect");
}

async function resendCode(visit: Visit): Promise<Response> {
  const begun = await findBegun(visit);
  if (!begun) return seeOther(pathTo("/login", visit));
  await countSecondFactor(begun.user, visit.services);
  await sendSecondFactor(begun.user, begun.pending.id, visit.services);
  return seeOther(pathTo("/login", visit, { resent: "1" }));
}

async function restart(visit: Visit): Promise<Response> {
  const begun = await findBegun(visit);
  if (begun) await endPending(begun.pending, visit.services);
  return seeOther(pathTo("/login", visit));
}

/** Goes on with the account that the page showed, if it is still the one signed in. */
async function chooseAccount(visit: Visit, form: Params): Promise<Response> {
  const { asked, current } = visit;
  if (!asked || !current || form.get("session") !== current.session.id) {
    return seeOther(pathTo("/login", visit));
  }
  const { facts } = asked.interaction;
  const mine = facts.sessionId === current.session.id ? facts : {};
  return goOn(visit, { ...mine, sessionId: current.session.id, accountChosen: true });
}

/**
 * Begins the session, under a new secret, and remembers the browser. A password that was changed
 * since it was proven is a wrong one.
 */
async function complete(visit: Visit, user: User, typed = user.username): Promise<Response> {
  const { request, services, current, browser } = visit;
  const device = describeDevice(request.headers.get("user-agent"));
  const amr = methodsOf(user.secondFactor);
  const begun = await signIn({ user, amr, device, current }, services);
  if (!begun) return answerSignIn(visit, { typed, fault: "incorrect" });
  const { cookie, session } = begun;
  const { issuer } = services;
  const cookies = [
    setCookie("session", cookie, { issuer }),
    setCookie("device", rememberBrowser(browser, user.id, services), {
      issuer,
      maxAgeSeconds: BROWSER_KNOWN_SECONDS,
    }),
  ];
  const facts = { sessionId: session.id, signedInAt: services.now(), accountChosen: true };
  return goOn(visit, facts, cookies);
}

/** Writes the facts, and lets the one dispatcher decide; without a request there is the account. */
async function goOn(
  visit: Visit,
  facts: InteractionFacts,
  cookies: readonly string[] = [],
): Promise<Response> {
  const { asked, services } = visit;
  if (!asked) return seeOther(pathTo("/account", visit), cookies);
  await services.store.writeFacts(asked.interaction.id, facts);
  return seeOther(pathTo("/authorize", visit), cookies);
}

/**
 * The sign-in of this browser whose password is proven, with its user while he may sign in. A new
 * password, or whatever else ends his sign-ins, ends this one too.
 */
async function findBegun({
  browserCookie,
  asked,
  services,
}: Visit): Promise<{ pending: Pending; user: User } | undefined> {
  if (browserCookie === undefined) return undefined;
  const owner = { browserCookie, interactionId: asked?.interaction.id };
  const pending = await findPending(owner, services);
  const user = pending && (await services.store.findUser(pending.userId));
  if (!pending || user?.disabledAt !== null) return undefined;
  return pending.standing === standingOf(user) ? { pending, user } : undefined;
}

/** Whether the request asks for a choice that the user signed in has not made. */
function mayChoose({ asked, current }: Visit): boolean {
  if (!asked || !current) return false;
  const { request, facts } = asked.interaction;
  const chosen = facts.accountChosen === true && facts.sessionId === current.session.id;
  return request.prompt.includes("select_account") && !request.prompt.includes("login") && !chosen;
}
