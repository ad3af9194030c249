/** An owner answers, withdraws and lifts in Chromium: with and without JavaScript, by keyboard and mouse. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { LOCALES, TEXTS } from "../../src/pages/texts/all.ts";
import { requestIdOf } from "../../src/services/uma_owner.ts";
import {
  addAccess,
  addRequest,
  addResource,
  BOB,
  PAGE,
} from "../endpoints/account_resources_fixture.ts";
import { browsing as browseWith, hasChromium, launchChromium } from "../support/chromium.ts";
import { temporaryFolder } from "../support/databases.ts";
import { type LiveServer, liveServer } from "../support/live_server.ts";
import { PASSWORD } from "../support/sign_in.ts";

setDefaultTimeout(120_000);

/** Where screenshots go: a folder to keep by `SCREENSHOTS`, else one that vanishes. */
const SCREENSHOTS = process.env["SCREENSHOTS"] ?? temporaryFolder();

/** Buttons that a finger would miss (WCAG 2.2 §2.5.8 asks for 24 px). */
const SMALL_CONTROLS = `[...document.querySelectorAll("button")]
  .filter((element) => element.getBoundingClientRect().height < 36)
  .map((element) => element.outerHTML)`;

if (hasChromium()) {
  const [chromium, live] = await Promise.all([launchChromium(), liveServer()]);
  await live.addClient({ client_id: "album", client_secret: "s", client_name: "Album" });
  await live.addClient({ client_id: "print", client_secret: "s", client_name: "Print Shop" });
  afterAll(() => chromium.close());
  describe("one's resources in Chromium", () => resourcesIn(chromium, live));
} else {
  test.skip("one's resources in Chromium", () => {});
}

function resourcesIn(chromium: Browser, live: LiveServer): void {
  /** Runs steps in a browser in which a new owner is signed in. */
  function browsing(
    username: string,
    options: BrowserContextOptions,
    steps: (page: Page) => Promise<void>,
  ): Promise<void> {
    return browseWith(chromium, options, async (page) => {
      await page.goto(`${live.issuer}/login`);
      await page.locator("#identifier").fill(username);
      await page.locator("#password").fill(PASSWORD);
      await page.locator("button.main").click();
      await page.waitForURL(`${live.issuer}/account`);
      await steps(page);
    });
  }

  /** An owner whose resource somebody asks for and somebody else may use. */
  async function addOwner(username: string) {
    const id = await live.addPerson({ username });
    const resource = await addResource(live, id, { name: "Holiday photos" });
    const request = await addRequest(live, resource);
    const authorization = await addAccess(live, resource, {
      party: "1:i:carol",
      partyName: "carol",
    });
    return { id, resource, request, authorization };
  }

  const notice = (page: Page) => page.getByRole("status").textContent();

  const permissionsOf = (authorization: string) =>
    live.services.store.listUmaPermissions(authorization, live.services.now());

  describe.each([
    ["with JavaScript", true],
    ["without JavaScript", false],
  ] as const)("%s", (_, javaScriptEnabled) => {
    test("an owner comes from his account, allows one and withdraws another", async () => {
      const username = `owner ${javaScriptEnabled}`;
      const { resource, authorization } = await addOwner(username);
      await browsing(username, { javaScriptEnabled }, async (page) => {
        expect(await page.getByText("Requests that wait").textContent()).toEndWith(": 1");
        await page.getByRole("link", { name: "See your resources" }).click();
        await page.waitForURL(`${live.issuer}${PAGE}`);
        expect(await page.locator("h1").textContent()).toBe("Your resources");
        const request = page.getByRole("region", { name: "Waiting for your answer" });
        await request.getByRole("button", { name: "Allow", exact: true }).click();
        expect(await notice(page)).toStartWith("Access is allowed.");
        const access = page.getByRole("region", { name: "Who has access" });
        expect(await access.getByRole("listitem").filter({ hasText: "through" }).count()).toBe(2);
        const carol = access.getByRole("listitem").filter({ hasText: "carol" });
        await carol.getByRole("button", { name: "Withdraw access" }).click();
        expect(await notice(page)).toBe("Access is withdrawn.");
        expect(await permissionsOf(authorization)).toEqual([]);
        const decided = await live.services.store.listUmaDecisions(
          [resource.id],
          { clientId: "print", parties: [BOB.party, "1:i:carol"] },
          live.services.now(),
        );
        expect(decided.map(({ state }) => state).sort()).toEqual(["approved", "withdrawn"]);
        const refused = page.getByRole("region", { name: "Refused and withdrawn" });
        await refused.getByRole("button", { name: "Lift" }).click();
        expect(await notice(page)).toBe("That is lifted.");
        expect(await refused.count()).toBe(0);
        await page.getByRole("link", { name: "Back to your account" }).click();
        await page.waitForURL(`${live.issuer}/account`);
      });
    });
  });

  test("the keyboard reaches each answer in the order of reading, and says what it is about", async () => {
    await addOwner("keyboard");
    await browsing("keyboard", {}, async (page) => {
      await page.goto(`${live.issuer}${PAGE}`);
      const order: string[] = [];
      for (let count = 0; count < 4; count++) {
        await page.keyboard.press("Tab");
        const focused = page.locator(":focus");
        const about = await focused.getAttribute("aria-describedby");
        const described = about === null ? "" : await page.locator(`#${about}`).textContent();
        const person = /bob|carol/.exec(described ?? "")?.[0];
        order.push(`${await focused.textContent()} ${person ?? ""}`.trim());
      }
      expect(order).toEqual([
        "Allow bob",
        "Don’t allow bob",
        "Withdraw access carol",
        "Back to your account",
      ]);
      await page.goto(`${live.issuer}${PAGE}`);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.waitForURL(`${live.issuer}${PAGE}?done=denied`);
      expect(await notice(page)).toStartWith("The request is refused");
    });
  });

  test.each([...LOCALES])("the page fits a phone and a desktop in %s", async (locale) => {
    const username = `look ${locale}`;
    const { id, resource } = await addOwner(username);
    const long = "Donaudampfschifffahrtsgesellschaftskapitänskajüte".repeat(3);
    const unbroken = await addResource(live, id, {
      name: long,
      type: long,
      scopes: [long, "view"],
    });
    await addRequest(live, unbroken, { scopes: [long], partyName: `${long}@example.org` });
    const eve = { party: "1:i:eve", partyName: "eve", scopes: ["view"] };
    const asked = { resourceId: resource.id, clientId: "print" };
    await addRequest(live, resource, {
      ...eve,
      id: requestIdOf({ ...asked, ...eve }),
      state: "denied",
    });
    const texts = TEXTS[locale];
    await browsing(username, { locale }, async (page) => {
      await page.goto(`${live.issuer}${PAGE}`);
      expect(await page.locator("h1").textContent()).toBe(texts.resourcesTitle);
      for (const width of [1280, 768, 360, 320]) {
        await page.setViewportSize({ width, height: 800 });
        const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
        expect(wide).toBe(width);
      }
      expect(await page.evaluate<readonly string[]>(SMALL_CONTROLS)).toEqual([]);
      for (const [colorScheme, width] of [
        ["light", 1280],
        ["dark", 360],
      ] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        const path = join(SCREENSHOTS, `resources_${locale}_${colorScheme}_${width}.png`);
        await page.screenshot({ path, fullPage: true });
      }
    });
  });

  test("attack 76: the policy forbids frames, and another site cannot post its forms", async () => {
    const { authorization, request } = await addOwner("framed");
    await browsing("framed", {}, async (page) => {
      const form = `<form method="post" action="${live.issuer}${PAGE}"><input name="request" value="${request.id}"><button name="action" value="deny">`;
      await page.goto(live.application.page(form));
      await page.locator("button").click();
      expect(await page.locator("h1").textContent()).toBe("This did not work");
      const framed = await page.goto(`${live.issuer}${PAGE}`);
      expect(framed?.headers()["content-security-policy"]).toContain("frame-ancestors 'none'");
      expect(await page.locator("button[value=deny]").count()).toBe(1);
    });
    expect(await permissionsOf(authorization)).toHaveLength(1);
  });
}
