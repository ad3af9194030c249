import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { LOCALES, TEXTS } from "../../src/pages/texts/all.ts";
import { beginSession } from "../../src/services/sessions.ts";
import { authorizePath } from "../plugins/challenger_browser.ts";
import { begin, type ChallengerTest, challengerServer } from "../plugins/challenger_fixture.ts";
import { browsing as browseWith, hasChromium, launchChromium } from "../support/chromium.ts";
import { freePort } from "../support/databases.ts";

setDefaultTimeout(120_000);

/** The folder that screenshots go to; without one nobody looks at them, and none are taken. */
const SCREENSHOTS = process.env["SCREENSHOTS"];

if (hasChromium()) {
  const [chromium, live] = await Promise.all([launchChromium(), serve()]);
  afterAll(() => chromium.close());
  describe("the pages of the Challenger protocol in Chromium", () => pagesIn(chromium, live));
} else {
  test.skip("the pages of the Challenger protocol in Chromium", () => {});
}

/** A server on a port, and the site of its client on another one. */
interface Live extends ChallengerTest {
  readonly issuer: string;
  readonly redirectUri: string;
  /** Queries that the client's site got. */
  readonly answers: URLSearchParams[];
}

async function serve(): Promise<Live> {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const answers: URLSearchParams[] = [];
  const site = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname === "/callback") answers.push(searchParams);
      const html = "<!doctype html><title>Exchange</title><h1>Welcome back</h1>";
      return new Response(html, { headers: { "Content-Type": "text/html" } });
    },
  });
  const redirectUri = `http://127.0.0.1:${site.port}/callback`;
  const server = await challengerServer({ issuer, redirectUri, clientName: "Acme Exchange" });
  const listener = Bun.serve({
    port,
    hostname: "localhost",
    fetch: (request, connection) =>
      server.server.handle(request, connection.requestIP(request) ?? undefined),
  });
  afterAll(() => Promise.all([site.stop(true), listener.stop(true)]));
  return Object.assign(server, { issuer, redirectUri, answers });
}

function pagesIn(chromium: Browser, live: Live): void {
  const browsing = (options: BrowserContextOptions, steps: (page: Page) => Promise<void>) =>
    browseWith(chromium, options, steps);

  /** Opens a new process. */
  async function arrive(page: Page, prefill?: unknown): Promise<void> {
    const nonce = await begin(live, prefill);
    const { redirectUri: redirect_uri } = live;
    await page.goto(live.issuer + authorizePath(live.prefix, nonce, { redirect_uri }));
  }

  const heading = (page: Page) => page.locator("h1").textContent();
  const pin = () => live.messages.at(-1)?.code ?? "";
  const wrong = () => pin().replace(/^./, (digit) => (digit === "0" ? "1" : "0"));

  /** Waits until the page has put the cursor into the field by itself. */
  const focused = (page: Page, id: string) => page.locator(`#${id}:focus`).waitFor();

  describe.each([
    ["with JavaScript", true],
    ["without JavaScript", false],
  ] as const)("%s", (_, javaScriptEnabled) => {
    test("a person proves his address by the keyboard alone", async () => {
      await browsing({ javaScriptEnabled }, async (page) => {
        await arrive(page);
        await focused(page, "CONTACT_EMAIL");
        await page.keyboard.type("ada@mail.example");
        await page.keyboard.press("Enter");
        await focused(page, "pin");
        expect(await page.locator(".lead").textContent()).toContain("ada@mail.example");
        await page.keyboard.type(wrong());
        await page.keyboard.press("Enter");
        await page.locator("#pin-fault").waitFor();
        await focused(page, "pin");
        expect(await page.title()).toBe("Error: Enter the code · Tessera");
        // As it is pasted out of the message.
        await page.keyboard.insertText(` ${pin()} `);
        await page.keyboard.press("Enter");
        await page.waitForURL(`${live.redirectUri}*`);
        expect(await heading(page)).toBe("Welcome back");
        expect(live.answers.at(-1)?.get("state")).toBe("st");
        expect(live.answers.at(-1)?.get("code")).toBeString();
      });
    });

    test("another code is sent after the pause, and the page loaded again sends none", async () => {
      await browsing({ javaScriptEnabled }, async (page) => {
        await arrive(page, { CONTACT_EMAIL: "ada@mail.example" });
        await page.locator("button.main").click();
        await focused(page, "pin");
        const sent = live.messages.length;
        const resend = page.getByRole("button", { name: "Send another code" });
        expect(await resend.isDisabled()).toBe(javaScriptEnabled);
        if (!javaScriptEnabled) {
          await resend.click();
          await page.locator("[role=status]").waitFor();
          expect(live.messages).toHaveLength(sent);
        }
        live.advance(30);
        await page.reload();
        expect(live.messages).toHaveLength(sent);
        await resend.click();
        await page.locator("[role=status]").waitFor();
        expect(await page.locator("[role=status]").textContent()).toContain("on its way");
        expect(live.messages).toHaveLength(sent + 1);
        await page.locator("#pin").fill(pin());
        await page.locator("button.main").click();
        await page.waitForURL(`${live.redirectUri}*`);
      });
    });

    test("who is signed in keeps the address if he wants, and goes back", async () => {
      await browsing({ javaScriptEnabled }, async (page) => {
        const username = `ada-${javaScriptEnabled}`;
        const id = await live.addUser({ username });
        live.advance(1);
        const user = await live.services.store.findUser(id);
        if (!user) throw new Error("no user");
        const began = await beginSession({ user, amr: ["pwd"], device: "/" }, live.services);
        const value = began?.cookie ?? "";
        await page.context().addCookies([{ name: "tessera_session", value, url: live.issuer }]);
        await arrive(page);
        const address = `${username}@mail.example`;
        await page.locator("#CONTACT_EMAIL").fill(address);
        await page.locator("button.main").click();
        await page.locator("#pin").fill(pin());
        await page.locator("button.main").click();
        expect(await heading(page)).toBe("Add it to your account?");
        await screenshot(page, `claim_${javaScriptEnabled}`);
        await page.getByRole("button", { name: "Add to my account" }).click();
        await page.waitForURL(`${live.redirectUri}*`);
        const found = await live.services.store.findUserByIdentifier(address);
        expect(found?.id).toBe(id);
      });
    });
  });

  test("the script counts the seconds down and then gives the button back", async () => {
    await browsing({}, async (page) => {
      await page.clock.install();
      await arrive(page, { CONTACT_EMAIL: "ada@mail.example" });
      await page.locator("button.main").click();
      const line = page.locator("#resend-when");
      await line.waitFor();
      expect(await line.textContent()).toMatch(/in (29|30) seconds/);
      await page.clock.runFor(20_000);
      expect(await line.textContent()).toMatch(/in (9|10) seconds/);
      await page.clock.runFor(12_000);
      expect(await line.isVisible()).toBe(false);
      const resend = page.getByRole("button", { name: "Send another code" });
      expect(await resend.isEnabled()).toBe(true);
    });
  });

  test.each([...LOCALES])("every page fits a phone and a desktop in %s", async (locale) => {
    await browsing({ locale }, async (page) => {
      const texts = TEXTS[locale];
      const look = (name: string, title: string) =>
        lookAt(page, { name: `${name}_${locale}`, title });
      await arrive(page);
      expect(await page.locator("html").getAttribute("lang")).toBe(locale);
      await look("address", texts.addressEmailTitle);
      // The field itself would keep this from being sent.
      await page.evaluate("document.forms[0].noValidate = true");
      await page.locator("#CONTACT_EMAIL").fill("ada, eve");
      await page.locator("button.main").click();
      await page.locator("#CONTACT_EMAIL-fault").waitFor();
      await look("address_wrong", texts.addressEmailTitle);
      await page.locator("#CONTACT_EMAIL").fill("ada.lovelace@analytical.engine.example");
      await page.locator("button.main").click();
      await look("pin", texts.codeTitle);
      await page.locator("#pin").fill(wrong());
      await page.locator("button.main").click();
      await look("pin_wrong", texts.codeTitle);
      for (let left = 2; left > 0; left--) {
        await page.locator("#pin").fill(wrong());
        await page.locator("button.main").click();
      }
      await look("exhausted", texts.pinExhaustedTitle);
      await page.getByRole("link", { name: texts.pinChange }).click();
      await look("address_again", texts.addressEmailTitle);
      live.carrierFails = true;
      await page.locator("#CONTACT_EMAIL").fill("ada@analytical.engine.example");
      await page.locator("button.main").click();
      await page.locator("[role=alert]").waitFor();
      live.carrierFails = false;
      await look("undelivered", texts.addressEmailTitle);
      await page.goto(`${live.issuer}${live.prefix}/challenge/${"0".repeat(52)}`);
      await look("expired", texts.errorTitle);
    });
  });

  /** Sees that the page is the right one and never scrolls sideways, down to 320 px. */
  async function lookAt(page: Page, { name, title }: { name: string; title: string }) {
    await page.locator("h1", { hasText: title }).waitFor();
    for (const width of [1280, 768, 360, 320]) {
      await page.setViewportSize({ width, height: 800 });
      const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
      expect(`${name} ${wide}`).toBe(`${name} ${width}`);
    }
    for (const [colorScheme, width] of [
      ["light", 1280],
      ["dark", 360],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await screenshot(page, `${name}_${colorScheme}_${width}`);
    }
  }

  async function screenshot(page: Page, name: string): Promise<void> {
    if (SCREENSHOTS === undefined) return;
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
  }
}
