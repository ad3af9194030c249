/** What `form-action` lets through in Chromium: the way to the application, and on from it. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { hasChromium, launchChromium } from "../support/chromium.ts";
import { authorizeUrl, type LiveServer, liveServer } from "../support/live_server.ts";
import { PASSWORD } from "../support/sign_in.ts";

setDefaultTimeout(120_000);

/** A native application: it listens on a port of its own choice and keeps how it was called. */
interface Loopback {
  readonly port: number;
  readonly requests: string[];
}

function listen(onward?: string): Loopback {
  const requests: string[] = [];
  const listener = Bun.serve({
    port: 0,
    hostname: "::1",
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/callback") requests.push(request.method);
      if (pathname === "/callback" && onward !== undefined) return Response.redirect(onward, 302);
      const html = "<!doctype html><title>Application</title><h1>Welcome back</h1>";
      return new Response(html, { headers: { "Content-Type": "text/html" } });
    },
  });
  afterAll(() => listener.stop(true));
  return { port: Number(listener.port), requests };
}

/** Whether the machine has an IPv6 loopback address; without one the tests are skipped aloud. */
function hasIpv6(): boolean {
  try {
    Bun.serve({ port: 0, hostname: "::1", fetch: () => new Response() }).stop(true);
    return true;
  } catch {
    process.stderr.write("\n!!! No IPv6 loopback address: its browser tests DO NOT RUN.\n\n");
    return false;
  }
}

if (hasChromium() && hasIpv6()) {
  const [chromium, live] = await Promise.all([launchChromium(), liveServer()]);
  afterAll(() => chromium.close());
  await live.addPerson({ username: "alice" });
  await live.addClient({
    client_id: "native",
    client_secret: "s",
    redirect_uris: ["http://[::1]/callback"],
    scope: "openid",
  });
  await live.addClient({
    client_id: "secure",
    client_secret: "s",
    redirect_uris: ["https://app.example/callback"],
    scope: "openid",
  });
  describe("CSP Level 3 §2.3.1 form-action", () => formsTo(chromium, live));
} else {
  test.skip("form-action in Chromium", () => {});
}

function formsTo(chromium: Browser, live: LiveServer): void {
  /** Signs in and consents, and says what the browser complained of. */
  async function allow(page: Page, asked: Record<string, string>): Promise<void> {
    await page.goto(authorizeUrl(live, { client_id: "native", prompt: "consent", ...asked }));
    await page.locator("#identifier").fill("alice");
    await page.locator("#password").fill(PASSWORD);
    await page.locator("button.main").click();
    await page.getByRole("button", { name: "Allow", exact: true }).click();
  }

  async function browsing(steps: (page: Page, complaints: string[]) => Promise<void>) {
    const context = await chromium.newContext({ javaScriptEnabled: true });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) complaints.push(message.text());
    });
    try {
      await steps(page, complaints);
    } finally {
      await context.close();
    }
  }

  test.each([
    ["the redirects after a form of ours", "query", "GET"],
    ["the form of form_post itself", "form_post", "POST"],
  ])("lets %s arrive", async (_name, response_mode, method) => {
    const application = listen();
    const redirect_uri = `http://[::1]:${application.port}/callback`;
    await browsing(async (page, complaints) => {
      await allow(page, { scope: "openid", redirect_uri, response_mode });
      await page.waitForURL(`${redirect_uri}*`);
      expect(await page.locator("h1").textContent()).toBe("Welcome back");
      expect(application.requests).toEqual([method]);
      expect(complaints).toEqual([]);
    });
  });

  test("follows a callback that leads on to another of the application's origins", async () => {
    const home = listen();
    const application = listen(`http://[::1]:${home.port}/home`);
    const redirect_uri = `http://[::1]:${application.port}/callback`;
    await browsing(async (page, complaints) => {
      await allow(page, { scope: "openid", redirect_uri });
      await page.waitForURL(`http://[::1]:${home.port}/home`);
      expect(application.requests).toEqual(["GET"]);
      expect(complaints).toEqual([]);
    });
  });

  test("lets no form of ours go to another scheme than the application's", async () => {
    const other = listen();
    await browsing(async (page, complaints) => {
      const redirect_uri = "https://app.example/callback";
      await page.goto(authorizeUrl(live, { client_id: "secure", scope: "openid", redirect_uri }));
      await page.locator("#identifier").waitFor();
      const action = `http://[::1]:${other.port}/callback`;
      await page.evaluate(`document.forms[0].action = ${JSON.stringify(action)}`);
      await page.locator("#identifier").fill("alice");
      await page.locator("#password").fill(PASSWORD);
      const refused = page.waitForEvent("console", (message) =>
        message.text().includes("Content Security Policy"),
      );
      await page.locator("button.main").click({ noWaitAfter: true });
      await refused;
      expect(complaints.join()).toContain("form-action");
      expect(other.requests).toEqual([]);
    });
  });
}
