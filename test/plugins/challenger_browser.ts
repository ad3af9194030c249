/** A browser on its way through the pages of the Challenger protocol. */
import { beginSession } from "../../src/services/sessions.ts";
import { type Browser, openBrowser, type Page } from "../support/browser.ts";
import { begin, type ChallengerTest, EXCHANGE } from "./challenger_fixture.ts";

/** A browser at the first page of a new process. */
export interface Arrival {
  readonly browser: Browser;
  readonly nonce: string;
  readonly page: Page;
}

/** Path and query of `/authorize` for a process. */
export function authorizePath(
  prefix: string,
  nonce: string,
  more: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: EXCHANGE.id,
    redirect_uri: EXCHANGE.redirectUri,
    state: "st",
    ...more,
  });
  return `${prefix}/authorize/${nonce}?${query}`;
}

/** Begins a process, and opens it in a browser that comes from the client's site. */
export async function arrive(
  test: ChallengerTest,
  { prefill, browser = openBrowser(test), language }: ArrivalOptions = {},
): Promise<Arrival> {
  const nonce = await begin(test, prefill);
  const page = await browser.open(authorizePath(test.prefix, nonce), { crossSite: true });
  if (language === undefined) return { browser, nonce, page };
  const headers = { "Accept-Language": language };
  return { browser, nonce, page: await browser.open(page.url.href, { headers }) };
}

/** What a process begins with. */
export interface ArrivalOptions {
  readonly prefill?: unknown;
  readonly browser?: Browser;
  readonly language?: string;
}

/** The heading of a page. */
export function headingOf({ text }: Page): string {
  return /<h1>(.*?)<\/h1>/.exec(text)?.[1] ?? "";
}

/** The text of the one element of an id, without its tags. */
export function textOf({ text }: Page, id: string): string {
  const [, inner = ""] = new RegExp(` id="${id}"[^>]*>(.*?)</p>`, "s").exec(text) ?? [];
  return inner.replace(/<[^>]+>/g, "");
}

let serial = 0;

/** A number that no name or address has yet. */
export function fresh(): number {
  serial += 1;
  return serial;
}

/** A user, as far as it matters here. */
export interface Person {
  readonly email?: string;
  readonly phone_number?: string;
}

/** A new user who is signed in in a browser of his. */
export async function signedIn(t: ChallengerTest, person: Person = {}) {
  const username = `user-${fresh()}`;
  const id = await t.addUser({ username, ...person });
  t.advance(1);
  const user = async () => {
    const found = await t.services.store.findUserByIdentifier(username);
    if (!found) throw new Error("no such user");
    return found;
  };
  const began = await beginSession({ user: await user(), amr: ["pwd"], device: "/" }, t.services);
  const browser = openBrowser(t);
  browser.cookies.set("tessera_session", began?.cookie ?? "");
  return { id, username, user, browser };
}

/** The answer to the right PIN for an address, in a browser. */
export async function prove(
  t: ChallengerTest,
  browser: Browser,
  address: Record<string, string>,
): Promise<Page> {
  const { page } = await arrive(t, { browser });
  const asked = await browser.submit(page, address);
  return browser.submit(asked, { pin: t.messages.at(-1)?.code ?? "" });
}

/** An address that nobody has. */
export const mailOf = () => ({ CONTACT_EMAIL: `proven-${fresh()}@mail.example` });
