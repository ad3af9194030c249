import { type AnswerOptions, answerPage, frameOf } from "../http/page_answer.ts";
import { clientNameOf, pathTo, type Visit } from "../http/visit.ts";
import type { Frame } from "../pages/page.ts";
import {
  codePage,
  type SignInView,
  selectPage,
  signInPage,
  tooManyPage,
} from "../pages/sign_in.ts";
import type { OAuthError } from "../protocol/oauth_error.ts";
import { subjectFor } from "../services/subjects.ts";
import type { User } from "../store/users.ts";

/** Answers with a page of a visit: in the language asked for, and free to end at the client. */
export function answerVisit(
  visit: Visit,
  render: (frame: Frame) => string,
  options: AnswerOptions = {},
): Response {
  const { request, services, asked } = visit;
  const frame = frameOf(request, services, { uiLocales: asked?.interaction.request.uiLocales });
  return answerPage(render(frame), visit, {
    ...options,
    ...(asked && { formTargets: [asked.interaction.request.redirectUri] }),
  });
}

/** The form for name and password; with a fault it is a 400. */
export function answerSignIn(
  visit: Visit,
  { typed, fault }: { typed?: string; fault?: SignInView["fault"] } = {},
): Response {
  const { asked, current } = visit;
  const again = isForCurrentUser(visit) ? current?.user.username : undefined;
  const hinted = wantsOther(visit) ? undefined : asked?.interaction.request.loginHint;
  const view: SignInView = {
    target: pathTo("/login", visit, wantsOther(visit) ? { account: "other" } : {}),
    client: nameOfAsker(visit),
    identifier: typed ?? again ?? hinted ?? "",
    again,
    otherHref: again === undefined ? undefined : pathTo("/login", visit, { account: "other" }),
    fault,
  };
  return answerVisit(visit, (frame) => signInPage(frame, view), {
    status: fault === undefined ? 200 : 400,
  });
}

/** The form for the code that was sent. */
export function answerCode(visit: Visit, user: User, fault?: "incorrect" | "missing"): Response {
  const view = {
    target: pathTo("/login", visit),
    client: nameOfAsker(visit),
    factor: user.secondFactor ?? "email",
    maskedAddress: maskedAddress(user),
    fault,
    resent: new URL(visit.request.url).searchParams.has("resent") && fault === undefined,
  } as const;
  return answerVisit(visit, (frame) => codePage(frame, view), {
    status: fault === undefined ? 200 : 400,
  });
}

/** The choice between the account signed in and another. */
export function answerSelect(visit: Visit): Response {
  const { current } = visit;
  const view = {
    target: pathTo("/login", visit),
    client: nameOfAsker(visit),
    name: current?.user.username ?? "",
    sessionId: current?.session.id ?? "",
    otherHref: pathTo("/login", visit, { account: "other" }),
  };
  return answerVisit(visit, (frame) => selectPage(frame, view));
}

/** 429, and when it ends. */
export function answerTooMany(visit: Visit, { headers }: OAuthError): Response {
  const seconds = Number(headers["Retry-After"] ?? 1);
  const view = {
    seconds,
    client: nameOfAsker(visit),
    href: pathTo("/login", visit),
    elsewhere: visit.browser === undefined,
  };
  return answerVisit(visit, (frame) => tooManyPage(frame, view), { status: 429, headers });
}

/** Whether the user said that he is somebody else than the one signed in. */
export function wantsOther({ request }: Visit): boolean {
  return new URL(request.url).searchParams.get("account") === "other";
}

/** Whether the user signed in is asked to sign in again, rather than somebody else. */
function isForCurrentUser(visit: Visit): boolean {
  const { asked, current, services } = visit;
  if (!asked || !current || wantsOther(visit)) return false;
  const { hintedSubject, loginHint } = asked.interaction.request;
  if (hintedSubject !== undefined) {
    return hintedSubject === subjectFor(asked.client, current.user, services);
  }
  return loginHint === undefined;
}

function nameOfAsker({ asked }: Visit): string | undefined {
  return asked && clientNameOf(asked.client);
}

/** Enough of an address for its owner to know it. */
function maskedAddress({ secondFactor, phoneNumber, email }: User): string {
  if (secondFactor === "sms") return `••• ${phoneNumber?.slice(-2) ?? ""}`;
  const [name = "", host = ""] = (email ?? "").split("@");
  return `${name.slice(0, 1)}•••@${host}`;
}
