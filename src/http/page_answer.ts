import type { Frame } from "../pages/page.ts";
import { TEXTS } from "../pages/texts/all.ts";
import { pageStyleSheet } from "../pages/theme.ts";
import { words } from "../protocol/client_metadata.ts";
import { isPolicyHost } from "../protocol/redirect_uri.ts";
import type { Services } from "../services/services.ts";
import { setCookie } from "./cookies.ts";
import { chooseLocale, chosenLocale } from "./locale.ts";
import { htmlPage } from "./responses.ts";

/** How long a chosen language is remembered, in seconds. */
const LOCALE_KEPT_SECONDS = 365 * 86_400;

/** What a page needs to know of the request besides its own facts. */
export interface FrameOptions {
  /** `ui_locales` of the authorization request; absent, the URL's own. */
  readonly uiLocales?: readonly string[] | undefined;
  /** Whether the page is there again when its URL is asked again; true unless said otherwise. */
  readonly repeatable?: boolean;
}

/** The frame of the pages of this answer: language, brand and place. */
export function frameOf(request: Request, services: Services, options: FrameOptions = {}): Frame {
  const { issuer, settings } = services;
  const { pathname, host } = new URL(issuer);
  const root = pathname.replace(/\/$/, "");
  const url = new URL(request.url);
  const uiLocales = options.uiLocales ?? words(url.searchParams.get("ui_locales") ?? undefined);
  const locale = chooseLocale(request, uiLocales, services);
  return {
    locale,
    texts: TEXTS[locale],
    brandName: settings.brand.name,
    hasLogo: settings.brand.logoPath !== undefined,
    root,
    host,
    version: pageStyleSheet(settings.brand).version,
    linkTo:
      options.repeatable === false
        ? undefined
        : (other) => {
            const query = new URLSearchParams(url.searchParams);
            query.set("locale", other);
            return `${root}${url.pathname}?${query}`;
          },
  };
}

/** What an answer has besides its page. */
export interface AnswerOptions {
  readonly status?: number;
  /** Where a form of the page may end up, by redirects too, since Chromium asks the policy for each. */
  readonly formTargets?: readonly string[];
  /** Whether the page runs a script of ours. */
  readonly script?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
}

/** Answers with a page under its policy; remembers the language when a link asked for it. */
export function answerPage(
  html: string,
  { request, services }: { request: Request; services: Services },
  {
    status = 200,
    formTargets = [],
    script = false,
    headers = {},
    cookies = [],
  }: AnswerOptions = {},
): Response {
  const targets = formTargets
    .flatMap((uri) => formSource(uri) ?? [])
    .map((source) => ` ${source}`)
    .join("");
  const scripts = script ? "; script-src 'self'" : "";
  const response = htmlPage(html, { status, policy: `${targets}; img-src 'self'${scripts}` });
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  const chosen = chosenLocale(request);
  const { issuer } = services;
  if (chosen) {
    const cookie = setCookie("locale", chosen, { issuer, maxAgeSeconds: LOCALE_KEPT_SECONDS });
    response.headers.append("Set-Cookie", cookie);
  }
  for (const cookie of cookies) response.headers.append("Set-Cookie", cookie);
  return response;
}

/** A 303 to another page of ours; nothing of the post is sent there (RFC 9700 §4.12). */
export function seeOther(location: string, cookies: readonly string[] = []): Response {
  const response = new Response(null, {
    status: 303,
    headers: { Location: location, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" },
  });
  for (const cookie of cookies) response.headers.append("Set-Cookie", cookie);
  return response;
}

/**
 * The source expression for a redirect URI (CSP Level 3 §2.3.1): its scheme; `http:` stands for https
 * as well. Chromium judges every redirect behind a form, and where an application leads its user on
 * from the callback, often to another of its hosts, is not ours to say. Undefined for a host that the
 * grammar does not take; none is registered.
 */
export function formSource(uri: string): string | undefined {
  const { protocol, hostname } = new URL(uri);
  const named = !["http:", "https:"].includes(protocol) || hostname.startsWith("[");
  return named || isPolicyHost(hostname) ? protocol : undefined;
}
