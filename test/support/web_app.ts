/** An application that runs in a page, on an origin of its own, and what its browser complained of. */
import { afterAll, expect } from "bun:test";
import { basename, join } from "node:path";
import type { Browser, Page } from "playwright-core";

/** How long the browser may take to get anywhere, in milliseconds; generous on purpose. */
const PATIENCE_MS = 60_000;

/** A site whose every address answers one page, which loads the application's script. */
export interface WebApp {
  readonly origin: string;
  /** Where authorization responses arrive. */
  readonly redirectUri: string;
  /** Where the browser comes back to after signing out. */
  readonly signedOutUri: string;
}

/** A page of the browser and the application in it. */
export interface AppPage {
  readonly page: Page;
  /** Calls a function of the application, with values that JSON can carry, and awaits its result. */
  call<T>(name: string, ...values: readonly unknown[]): Promise<T>;
  /** Calls a function that ends by leaving the page. */
  leave(name: string, ...values: readonly unknown[]): Promise<void>;
}

/** Serves `test/flows/ENTRY`, bundled for browsers, until the test file ends. */
export async function serveWebApp(entry: string): Promise<WebApp> {
  const built = await Bun.build({
    entrypoints: [join(import.meta.dir, "../flows", entry)],
    target: "browser",
  });
  const script = await built.outputs[0]?.text();
  if (script === undefined) throw new Error(`${entry} has no bundle`);
  const html = `<!doctype html><html lang="en"><title>${basename(entry)}</title><link rel="icon" href="data:,"><script type="module" src="/app.js"></script><h1>Application</h1></html>`;
  const listener = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch({ url }) {
      const isScript = new URL(url).pathname === "/app.js";
      const type = isScript ? "text/javascript" : "text/html";
      return new Response(isScript ? script : html, { headers: { "Content-Type": type } });
    },
  });
  afterAll(() => listener.stop(true));
  // Another site than the server's 127.0.0.1, not just another port.
  const origin = `http://localhost:${listener.port}`;
  return { origin, redirectUri: `${origin}/callback`, signedOutUri: `${origin}/signed-out` };
}

/** What the browser may complain of, where a test provokes it. */
export interface BrowsingOptions {
  /** Complaints that must come, one of each at least. */
  readonly complaints?: readonly RegExp[];
}

/**
 * Runs steps in a browser without cookies. Afterwards there must have been no errors in the
 * console, no violation of a content security policy and no uncaught exception, save those expected.
 */
export async function browsing(
  chromium: Browser,
  steps: (app: AppPage) => Promise<void>,
  { complaints: expected = [] }: BrowsingOptions = {},
): Promise<void> {
  const context = await chromium.newContext({ locale: "en" });
  context.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  context.on("weberror", (thrown) => complaints.push(String(thrown.error())));
  try {
    await steps(appPage(await context.newPage()));
  } finally {
    await context.close();
  }
  const unexpected = complaints.filter((text) => !expected.some((known) => known.test(text)));
  expect(unexpected).toEqual([]);
  for (const known of expected) expect(complaints).toContainEqual(expect.stringMatching(known));
}

/** Signs in on the server's page by the keyboard, and allows what the next page asks. */
export async function signInAndAllow(
  page: Page,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<void> {
  await page.locator("#identifier:focus").waitFor();
  await page.keyboard.type(username);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await allow(page);
}

/** Allows what the consent page asks, by the keyboard. */
export async function allow(page: Page): Promise<void> {
  await page.waitForURL("**/consent?*");
  await page.getByRole("button", { name: "Allow", exact: true }).press("Enter");
}

function appPage(page: Page): AppPage {
  const expression = (name: string, values: readonly unknown[]) =>
    `app.${name}(${values.map((value) => JSON.stringify(value)).join(", ")})`;
  return {
    page,
    call: (name, ...values) => page.evaluate(expression(name, values)),
    // The page is gone before such a promise is settled.
    leave: (name, ...values) => page.evaluate(`void ${expression(name, values)}`),
  };
}
