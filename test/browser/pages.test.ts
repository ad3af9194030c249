import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { LOCALES, TEXTS } from "../../src/pages/texts/all.ts";
import { browsing as browseWith, hasChromium, launchChromium } from "../support/chromium.ts";
import { temporaryFolder } from "../support/databases.ts";
import { type Answer, authorizeUrl, type LiveServer, liveServer } from "../support/live_server.ts";
import { PASSWORD } from "../support/sign_in.ts";

setDefaultTimeout(120_000);

/** Where screenshots go: a folder to keep by `SCREENSHOTS`, else one that vanishes. */
const SCREENSHOTS = process.env["SCREENSHOTS"] ?? temporaryFolder();

/** Buttons and fields that a finger would miss (WCAG 2.2 §2.5.8 asks for 24 px). */
const SMALL_CONTROLS = `[...document.querySelectorAll("button, input:not([type=hidden]), .button")]
  .filter((element) => element.getBoundingClientRect().height < 36)
  .map((element) => element.outerHTML)`;

if (hasChromium()) {
  const [chromium, live] = await Promise.all([launchChromium(), liveServer()]);
  await live.addPerson({ username: "alice", email: "alice@example.org" });
  await live.addPerson({ username: "carol", email: "carol@example.org", secondFactor: "email" });
  afterAll(() => chromium.close());
  describe("pages in Chromium", () => pagesIn(chromium, live));
} else {
  test.skip("pages in Chromium", () => {});
}

function pagesIn(chromium: Browser, live: LiveServer): void {
  const browsing = (options: BrowserContextOptions, steps: (page: Page) => Promise<void>) =>
    browseWith(chromium, options, steps);

  /** Signs alice in by the mouse. */
  async function signIn(page: Page, username = "alice"): Promise<void> {
    await page.locator("#identifier").fill(username);
    await page.locator("#password").fill(PASSWORD);
    await page.locator("button.main").click();
  }

  /** Waits until the page has put the cursor into the field by itself. */
  const focused = (page: Page, id: string) => page.locator(`#${id}:focus`).waitFor();

  const lastAnswer = (): Answer => live.application.answers.at(-1) ?? { method: "", fields: {} };

  const heading = (page: Page) => page.locator("h1").textContent();

  describe.each([
    ["with JavaScript", true],
    ["without JavaScript", false],
  ] as const)("%s", (_, javaScriptEnabled) => {
    test("a person signs in, consents and comes back by the keyboard alone", async () => {
      await browsing({ javaScriptEnabled }, async (page) => {
        await page.goto(authorizeUrl(live, { prompt: "consent" }));
        await focused(page, "identifier");
        await page.keyboard.type("alice");
        await page.keyboard.press("Tab");
        await page.keyboard.type("wrong");
        await page.keyboard.press("Enter");
        await page.locator("#password-fault").waitFor();
        await focused(page, "password");
        expect(await page.title()).toBe("Error: Sign in · Tessera");
        await page.keyboard.type(PASSWORD);
        await page.keyboard.press("Enter");
        await page.waitForURL("**/consent?*");
        expect(await heading(page)).toBe("Allow access?");
        await page.keyboard.press("Tab");
        expect(await page.locator(":focus").textContent()).toBe("Allow");
        await page.keyboard.press("Enter");
        await page.waitForURL(`${live.application.redirectUri}*`);
        expect(await heading(page)).toBe("Welcome back");
        const { method, fields } = lastAnswer();
        expect(method).toBe("GET");
        expect(fields).toMatchObject({ state: "st", iss: live.issuer });
        expect(fields["code"]).toBeString();
      });
    });

    test("form_post reaches the application", async () => {
      await browsing({ javaScriptEnabled }, async (page) => {
        await page.goto(authorizeUrl(live, { response_mode: "form_post", prompt: "consent" }));
        await signIn(page);
        await page.getByRole("button", { name: "Allow", exact: true }).click();
        if (!javaScriptEnabled) {
          expect(await heading(page)).toBe("One moment");
          await page.screenshot({ path: join(SCREENSHOTS, "form_post.png") });
          await page.getByRole("button", { name: "Continue" }).click();
        }
        await page.waitForURL(live.application.redirectUri);
        const { method, fields } = lastAnswer();
        expect(method).toBe("POST");
        expect(fields["code"]).toBeString();
      });
    });

    test("the second factor is asked, and the account page signs out", async () => {
      await browsing({ javaScriptEnabled }, async (page) => {
        await page.goto(`${live.issuer}/login`);
        await signIn(page, "carol");
        expect(await page.locator(".lead").textContent()).toContain("c•••@example.org");
        await focused(page, "code");
        await page.keyboard.type(live.sent.at(-1)?.code ?? "");
        await page.keyboard.press("Enter");
        await page.waitForURL("**/account");
        expect(await page.locator(".badge").textContent()).toBe("this browser");
        await page.getByRole("button", { name: "Sign out everywhere" }).click();
        expect(await heading(page)).toBe("You are signed out");
        await page.goto(`${live.issuer}/account`);
        expect(await heading(page)).toBe("Sign in");
      });
    });
  });

  test("the tab key goes through the page in the order of reading", async () => {
    await browsing({}, async (page) => {
      await page.goto(`${live.issuer}/login`);
      await focused(page, "identifier");
      const order: string[] = [];
      for (let count = 0; count < 5; count++) {
        const element = page.locator(":focus");
        order.push((await element.getAttribute("name")) ?? (await element.textContent()) ?? "");
        await page.keyboard.press("Tab");
      }
      expect(order).toEqual(["identifier", "password", "action", "Deutsch", "Français"]);
    });
  });

  test.each([...LOCALES])("every page fits a phone and a desktop in %s", async (locale) => {
    await browsing({ locale }, async (page) => {
      const texts = TEXTS[locale];
      const look = (name: string, title: string) =>
        lookAt(page, { name: `${name}_${locale}`, title });
      const scope = "openid profile email phone address offline_access photos:read";
      await page.goto(authorizeUrl(live, { scope, prompt: "consent" }));
      expect(await page.locator("html").getAttribute("lang")).toBe(locale);
      await look("sign_in", texts.signInTitle);
      await signIn(page, "nobody");
      await look("sign_in_wrong", texts.signInTitle);
      await signIn(page);
      await look("consent", texts.consentTitle);
      await page.locator("button.main").click();
      await page.waitForURL(`${live.application.redirectUri}*`);
      await page.goto(`${live.issuer}/account`);
      await look("account", texts.accountTitle);
      await page.goto(authorizeUrl(live, { prompt: "select_account" }));
      await look("select_account", texts.selectTitle);
      await page.goto(authorizeUrl(live, { prompt: "login" }));
      await look("sign_in_again", texts.signInAgainTitle);
      await page.goto(authorizeUrl(live, { redirect_uri: "https://evil.example/" }));
      await look("error", texts.errorTitle);
      await page.goto(`${live.issuer}/logout`);
      await look("sign_out", texts.signOutTitle);
      await page.goto(`${live.issuer}/signed-out`);
      await look("signed_out", texts.signedOutTitle);
    });
  });

  /** Sees that the page is the right one and never scrolls sideways, down to 320 px. */
  async function lookAt(page: Page, { name, title }: { name: string; title: string }) {
    expect(await heading(page)).toBe(title);
    for (const width of [1280, 768, 360, 320]) {
      await page.setViewportSize({ width, height: 800 });
      const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
      expect(`${name} ${wide}`).toBe(`${name} ${width}`);
    }
    expect(await page.evaluate<readonly string[]>(SMALL_CONTROLS), name).toEqual([]);
    for (const [colorScheme, width] of [
      ["light", 1280],
      ["dark", 360],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      const path = join(SCREENSHOTS, `${name}_${colorScheme}_${width}.png`);
      await page.screenshot({ path, fullPage: true });
    }
  }

  test("light and dark differ, and follow the system", async () => {
    const shades: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      await browsing({ colorScheme }, async (page) => {
        await page.goto(`${live.issuer}/login`);
        shades.push(await page.evaluate<string>("getComputedStyle(document.body).backgroundColor"));
      });
    }
    const [light = "", dark = ""] = shades.map((shade) => Number(/\d+/.exec(shade)?.[0]));
    expect(Number(light)).toBeGreaterThan(200);
    expect(Number(dark)).toBeLessThan(50);
  });

  test("attack 76: another site can neither frame a page nor post a form of ours", async () => {
    const { application, issuer } = live;
    const context = await chromium.newContext();
    const page = await context.newPage();
    await page.goto(`${issuer}/login`);
    await signIn(page);
    await page.waitForURL(`${issuer}/account`);
    await page.goto(application.page(`<iframe src="${issuer}/account"></iframe>`));
    await expectRefusedFrame(page);
    const form = `<form method="post" action="${issuer}/account"><button name="action" value="sign_out_all">`;
    await page.goto(application.page(form));
    await page.locator("button").click();
    expect(await heading(page)).toBe("This did not work");
    await page.goto(`${issuer}/account`);
    expect(await heading(page)).toBe("Your account");
    await context.close();
  });
}

/** How long the browser may take to give up a frame, in milliseconds. */
const FRAME_REFUSED_MS_MAX = 20_000;

/** The page's one frame shows the browser's own error; until the browser gives up it has no address. */
async function expectRefusedFrame(page: Page): Promise<void> {
  const addresses = () => page.frames().map((frame) => frame.url());
  const until = performance.now() + FRAME_REFUSED_MS_MAX;
  while (!addresses()[1]?.startsWith("chrome-error:") && performance.now() < until) {
    await page.waitForTimeout(50);
  }
  expect(addresses()).toEqual([
    expect.stringMatching(/^http:/),
    expect.stringMatching(/^chrome-error:/),
  ]);
}
