/** A server with people and clients, its document, and ways to come to its pages. */
import { authorizeUrl } from "../support/authorization.ts";
import type { Browser } from "../support/browser.ts";
import { CALLBACK } from "../support/openid.ts";
import { type SignInTest, signIn, signInTest } from "../support/sign_in.ts";
import { type Document, documentOf } from "./openapi_document.ts";

/** Failures of one account that this server takes before 429. */
export const FAILURES_MAX = 4;

/** What the browser says of a form that one of our pages sent. */
export const OWN = { "Sec-Fetch-Site": "same-origin" };

/** An interaction's id, as ours are, of which only the store could tell that it is nobody's. */
export const NOBODYS = "0198c5b0-7c1e-7000-8000-000000000000";

/** Cookies without which nobody asks the store. */
export const KNOWN = {
  Cookie: `tessera_browser=${"x".repeat(43)}; tessera_session=${"y".repeat(43)}`,
};

/** An answer to judge: what it is, its status, and how to get it from a program or a browser. */
export type Sample = readonly [
  name: string,
  status: number,
  send: (headers: Record<string, string>) => Promise<Response>,
];

/** What the tests of pages begin with. */
export interface Pages {
  readonly server: SignInTest;
  readonly document: Document;
  /** A browser in which somebody is signed in. */
  signedIn(username?: string): Promise<Browser>;
  /** Opens the page that a request comes to; `as` is who is signed in. */
  visit(asked: Record<string, string>, as?: string): Sample[2];
  /** Sends the form of the page that a request comes to. */
  submit(form: Record<string, string>, as?: string): Sample[2];
  /** Sends a form to a path, from a page of ours unless told otherwise. */
  post(path: string, form: string | Record<string, string>, more?: typeof OWN | object): Sample[2];
}

/** The cookies of a browser, as it sends them. */
export const cookieOf = ({ cookies }: Browser) =>
  [...cookies].map((pair) => pair.join("=")).join("; ");

/** Opens the server. Awaited at the top of a test file. */
export async function pagesServer(): Promise<Pages> {
  const settings = {
    registration: "open",
    loginFailuresMax: FAILURES_MAX,
    confirmationCodesPerHour: 100,
  } as const;
  const server = await signInTest({ settings });
  await server.addClient({
    client_id: "app",
    client_secret: "s",
    redirect_uris: [CALLBACK],
    scope: "openid",
  });
  await server.addPerson({ username: "alice" });
  await server.addPerson({ username: "carol", email: "carol@example.org", secondFactor: "email" });
  await server.addPerson({ username: "erin" });

  const browserOf = async (username: string | undefined) => {
    const browser = server.openBrowser();
    if (username !== undefined) await signIn(browser, username);
    return browser;
  };
  return {
    server,
    document: await documentOf(server),
    signedIn: (username = "alice") => browserOf(username),
    visit: (asked, as) => async (headers) => {
      const browser = await browserOf(as);
      const { url } = await browser.open(authorizeUrl(asked));
      return server.get(url.pathname + url.search, { ...headers, Cookie: cookieOf(browser) });
    },
    submit: (form, as) => async (headers) => {
      const browser = await browserOf(as);
      const { url, forms } = await browser.open(authorizeUrl({ prompt: "consent" }));
      const cookie = { Cookie: cookieOf(browser) };
      const fields = { ...forms[0]?.fields, ...form };
      const all = { headers: { ...OWN, ...headers, ...cookie } };
      return server.post(url.pathname + url.search, fields, all);
    },
    post:
      (path, form, more = OWN) =>
      (headers) =>
        server.post(path, form, { headers: { ...more, ...headers } }),
  };
}
