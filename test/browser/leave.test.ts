/** The page before an address of a self-registered client, and signing out towards one, in Chromium. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { LOCALES, TEXTS } from "../../src/pages/texts/all.ts";
import { hasChromium, launchChromium } from "../support/chromium.ts";
import { temporaryFolder } from "../support/databases.ts";
import { authorizeUrl, type LiveServer, liveServer } from "../support/live_server.ts";

setDefaultTimeout(120_000);

/** Where screenshots go: a folder to keep by `SCREENSHOTS`, else one that vanishes. */
const SCREENSHOTS = process.env["SCREENSHOTS"] ?? temporaryFolder();

if (hasChromium()) {
  const [chromium, live] = await Promise.all([launchChromium(), liveServer()]);
  afterAll(() => chromium.close());
  const at = live.services.now();
  const row = {
    id: "stranger",
    metadata: {
      client_name: "Your Bank",
      redirect_uris: [live.application.redirectUri],
      post_logout_redirect_uris: [live.application.redirectUri],
      scope: "openid",
      token_endpoint_auth_method: "client_secret_basic",
    },
    origin: "dynamic" as const,
    createdAt: at,
    updatedAt: at,
    notBefore: at - 1,
  };
  await live.services.store.writeParties({ clients: [{ row, secrets: [] }], users: [] });
  describe("RFC 9700 §4.11.2 in Chromium", () => leaving(chromium, live));
} else {
  test.skip("leaving in Chromium", () => {});
}

function leaving(chromium: Browser, live: LiveServer): void {
  const { application, issuer } = live;
  const asked = { client_id: "stranger", scope: "openid", prompt: "none" };

  /** The page fits, from a desktop down to 320 px. */
  async function look(page: Page, name: string): Promise<void> {
    for (const [width, colorScheme] of [
      [1280, "light"],
      [320, "dark"],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
      expect(`${name} ${wide}`).toBe(`${name} ${width}`);
      await page.screenshot({ path: join(SCREENSHOTS, `${name}_${width}.png`), fullPage: true });
    }
  }

  test.each([...LOCALES])(
    "a page in %s names the host, and the keyboard goes on",
    async (locale) => {
      const context = await chromium.newContext({ locale, javaScriptEnabled: false });
      const page = await context.newPage();
      const texts = TEXTS[locale];
      for (const response_mode of ["query", "form_post"]) {
        const before = application.answers.length;
        await page.goto(authorizeUrl(live, { ...asked, response_mode }));
        expect(await page.locator("h1").textContent()).toBe(texts.leaveTitle);
        await look(page, `leave_${response_mode}_${locale}`);
        expect(application.answers).toHaveLength(before);
        await page.keyboard.press("Tab");
        expect(await page.locator(":focus").textContent()).toContain(
          new URL(application.origin).host,
        );
        await page.keyboard.press("Enter");
        await page.waitForURL(`${application.redirectUri}*`);
        expect(application.answers.at(-1)).toEqual({
          method: response_mode === "query" ? "GET" : "POST",
          fields: {
            error: "login_required",
            error_description: "the user must sign in",
            state: "st",
            iss: issuer,
          },
        });
      }
      const query = new URLSearchParams({
        client_id: "stranger",
        post_logout_redirect_uri: application.redirectUri,
      });
      await page.goto(`${issuer}/logout?${query}`);
      expect(await page.locator("h1").textContent()).toBe(texts.signedOutTitle);
      await look(page, `signed_out_onward_${locale}`);
      await page.locator("a.button").first().press("Enter");
      await page.waitForURL(application.redirectUri);
      await context.close();
    },
  );

  test("a frame gets the answer at once, as an application that renews its tokens needs it", async () => {
    const context = await chromium.newContext();
    const page = await context.newPage();
    const before = application.answers.length;
    const url = authorizeUrl(live, asked).replaceAll("&", "&amp;");
    await page.goto(application.page(`<iframe src="${url}"></iframe>`));
    await page.frameLocator("iframe").locator("h1").waitFor();
    expect(application.answers.slice(before)).toMatchObject([
      { method: "GET", fields: { error: "login_required" } },
    ]);
    await context.close();
  });
}
