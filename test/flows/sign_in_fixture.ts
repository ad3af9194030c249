/** A person and a browser in front of a server on a real port, for the stories of client libraries. */
import { type Browser, openBrowser, type Page } from "../support/browser.ts";
import type { ServerProcess } from "../support/process.ts";

/** The person, as an import file has her. */
export const ALICE = {
  username: "alice",
  password: "correct horse battery staple",
  email: "alice@example.com",
  claims: { name: "Alice Liddell", given_name: "Alice", locale: "en" },
} as const;

/** Who signs in, and by what. */
export interface Person {
  readonly username: string;
  readonly password: string;
}

/** A browser that keeps cookies and speaks over sockets, without any cookie yet. */
export function socketBrowser({ issuer }: Pick<ServerProcess, "issuer">): Browser {
  return openBrowser(
    { server: { handle: (request) => fetch(request, { redirect: "manual" }) } },
    issuer,
  );
}

/** Goes through the pages that stand between the address and the answer to the client. */
export async function signInAndAllow(
  browser: Browser,
  address: string | URL,
  { username: identifier, password }: Person = ALICE,
): Promise<URL> {
  let page = await browser.open(`${address}`, { crossSite: true });
  if (page.url.pathname === "/login") {
    page = await browser.submit(page, { identifier, password }, { button: "password" });
  }
  if (page.url.pathname === "/consent") page = await browser.submit(page, {}, { button: "allow" });
  return answered(page);
}

/** The address at the client that the browser was sent to. Throws when it shows one of our pages. */
export function answered(page: Page): URL {
  if (page.text !== "") throw new Error(`No answer but ${page.status} ${page.url}: ${page.text}`);
  return page.url;
}
