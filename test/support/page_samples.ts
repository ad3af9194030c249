/** Every page that users see, with facts as they come, and with hostile ones. */
import { accountPage } from "../../src/pages/account.ts";
import { errorPage } from "../../src/pages/browser_error.ts";
import { consentPage } from "../../src/pages/consent.ts";
import { formPostPage } from "../../src/pages/form_post.ts";
import { leavePage } from "../../src/pages/leave.ts";
import type { Frame } from "../../src/pages/page.ts";
import { resourcesPage } from "../../src/pages/resources.ts";
import { codePage, selectPage, signInPage, tooManyPage } from "../../src/pages/sign_in.ts";
import { confirmLogoutPage, signedOutPage } from "../../src/pages/signed_out.ts";
import { type Locale, TEXTS } from "../../src/pages/texts/all.ts";
import { challengeSamples } from "./challenge_samples.ts";
import { NOTHING, resourcesSample } from "./resources_sample.ts";

/** What others may choose: a client's name, a user's name. */
export interface Names {
  readonly client: string;
  readonly user: string;
}

/** The frame of a page in a language, on a server mounted under a path. */
export function frameIn(locale: Locale): Frame {
  return {
    locale,
    texts: TEXTS[locale],
    brandName: "Acme & Sons",
    hasLogo: true,
    root: "/id",
    host: "id.example.org",
    version: "v1",
    linkTo: (other) => `/id/login?locale=${other}`,
  };
}

/** All pages by name. */
export function samplePages(
  frame: Frame,
  { client, user }: Names,
): Readonly<Record<string, string>> {
  const target = "/id/login?interaction=1";
  const signIn = {
    target,
    client,
    identifier: "",
    again: undefined,
    otherHref: undefined,
  } as const;
  const now = 1_800_000_000;
  const leave = {
    clientName: client,
    redirectUri: "https://app.example/callback",
    details: { error: "login_required", description: client, href: "/id/docs/errors/x" },
  };
  return {
    "sign-in": signInPage(frame, signIn),
    "sign-in, wrong": signInPage(frame, { ...signIn, identifier: user, fault: "incorrect" }),
    "sign-in, no name": signInPage(frame, { ...signIn, fault: "identifier_missing" }),
    "sign-in, no password": signInPage(frame, {
      ...signIn,
      identifier: user,
      fault: "password_missing",
    }),
    "sign-in again": signInPage(frame, {
      ...signIn,
      identifier: user,
      again: user,
      otherHref: "/id/login?account=other",
    }),
    code: codePage(frame, { target, client, factor: "sms", maskedAddress: "••• 42" }),
    "code, wrong": codePage(frame, {
      target,
      client,
      factor: "email",
      maskedAddress: "a•••@example.org",
      fault: "incorrect",
      resent: true,
    }),
    "account selection": selectPage(frame, {
      target,
      client,
      name: user,
      sessionId: "s",
      otherHref: "/id/login?account=other",
    }),
    "too many": tooManyPage(frame, { seconds: 840, client, href: "/id/login", elsewhere: true }),
    consent: consentPage(frame, {
      target: "/id/consent?interaction=1",
      client: {
        name: client,
        version: "1800000000",
        unchecked: true,
        termsUri: "https://app.example/terms",
        policyUri: "https://app.example/privacy",
      },
      user,
      sessionId: "s",
      wishes: ["openid", "email", "photos:read"],
      known: ["profile"],
      resources: ["https://api.example/v1"],
      redirectUri: "https://app.example/callback",
    }),
    account: accountPage(frame, {
      target: "/id/account",
      now,
      name: user,
      contacts: ["alice@example.org"],
      devices: [
        {
          sessionId: "1",
          device: "Firefox/Linux",
          signedInAt: now,
          lastSeenAt: now,
          current: true,
        },
        { sessionId: "2", device: "/", signedInAt: now - 9e4, lastSeenAt: now, current: false },
      ],
      applications: [
        { clientId: "a", name: client, scope: ["openid", "x"], since: now - 9e4 },
        { clientId: "b", name: undefined, scope: [], since: now },
      ],
      resources: { href: "/id/account/resources", waiting: 3 },
      done: "withdrawn",
    }),
    resources: resourcesPage(frame, resourcesSample({ client, user })),
    "resources, none": resourcesPage(frame, {
      ...resourcesSample({ client, user }),
      requests: NOTHING,
      access: NOTHING,
      refusals: NOTHING,
      resources: NOTHING,
      done: undefined,
    }),
    "sign out?": confirmLogoutPage(frame, {
      clientName: client,
      redirectUri: "https://app.example/goodbye",
      request: "r",
    }),
    "signed out": signedOutPage(frame, { everywhere: true }),
    "signed out, go on?": signedOutPage(frame, {
      onward: { redirectUri: "https://app.example/", href: "https://app.example/?state=s" },
    }),
    "leave?": leavePage(frame, { ...leave, answer: { href: "https://app.example/?error=x" } }),
    "leave by a form?": leavePage(frame, { ...leave, answer: { fields: { state: client } } }),
    error: errorPage(frame, {
      message: frame.texts.errorOther,
      details: { error: "invalid_request", description: client, href: "/id/docs/errors/x" },
    }),
    ...challengeSamples(frame, { client, user }),
    form_post: formPostPage(frame, {
      action: "https://app.example/callback",
      clientName: client,
      fields: { code: "c", state: client },
    }),
  };
}
