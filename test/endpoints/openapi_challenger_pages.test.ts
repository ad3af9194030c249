/** What the pages and texts of the Challenger protocol answer is documented. */
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { arrive, mailOf, prove, signedIn } from "../plugins/challenger_browser.ts";
import { ADA, challengerServer } from "../plugins/challenger_fixture.ts";
import { openBrowser, type Page } from "../support/browser.ts";
import { temporaryFolder } from "../support/databases.ts";
import { documentOf, expectForeseen } from "./openapi_document.ts";

const folder = temporaryFolder();
writeFileSync(join(folder, "terms.en.md"), `# Terms\n${"word ".repeat(50)}`);
const t = await challengerServer({ settings: { legalFolder: folder } });
const failing = await challengerServer();
failing.carrierFails = true;
const document = await documentOf(t);

/** The answer that a page was, and the one that led there where it was a redirect. */
const answerOf = ({ status, headers, text }: Page) =>
  new Response(status === 303 || status === 302 ? null : text, { status, headers });

const UNKNOWN = "0".repeat(52);

async function refused(): Promise<Page> {
  const { browser, page } = await arrive(t);
  return browser.submit(page, { CONTACT_EMAIL: "x" });
}

async function undelivered(): Promise<Page> {
  const { browser, page } = await arrive(failing);
  return browser.submit(page, ADA);
}

async function wrong(): Promise<Page> {
  const { browser, page } = await arrive(t);
  const asked = await browser.submit(page, ADA);
  return browser.submit(asked, { pin: "00000000" });
}

async function foreign(path: string): Promise<Page> {
  const navigation = { method: "POST", body: ADA, crossSite: true } as const;
  return openBrowser(t).open(path, navigation);
}

async function offered() {
  const { browser } = await signedIn(t);
  const offer = await prove(t, browser, mailOf());
  return { browser, offer };
}

async function taken(): Promise<Page> {
  const address = mailOf();
  await signedIn(t, { email: address.CONTACT_EMAIL });
  const { browser } = await signedIn(t);
  return browser.submit(await prove(t, browser, address), {}, { button: "add" });
}

const CHALLENGE = "/challenger/challenge/{nonce}";
const SOLVE = "/challenger/solve/{nonce}";
const CLAIM = "/challenger/claim/{nonce}";

describe("pages of the Challenger protocol", () => {
  test.each([
    ["GET", CHALLENGE, 200, async () => (await arrive(t)).page],
    ["GET", CHALLENGE, 404, () => openBrowser(t).open(`/challenger/challenge/${UNKNOWN}`)],
    ["POST", CHALLENGE, 400, refused],
    ["POST", CHALLENGE, 403, () => foreign(`/challenger/challenge/${UNKNOWN}`)],
    ["POST", CHALLENGE, 502, undelivered],
    ["POST", SOLVE, 403, wrong],
    ["POST", SOLVE, 200, async () => (await offered()).offer],
    ["POST", SOLVE, 302, () => prove(t, openBrowser(t), ADA)],
    [
      "POST",
      CLAIM,
      303,
      async () => {
        const { browser, offer } = await offered();
        return browser.submit(offer, {}, { button: "skip" });
      },
    ],
    ["POST", CLAIM, 403, () => foreign(`/challenger/claim/${UNKNOWN}`)],
    ["POST", CLAIM, 409, taken],
  ] as const)("%s %s %d is documented", async (method, path, status, walk) => {
    const page = await walk();
    expect(page.status).toBe(status);
    await expectForeseen(document, answerOf(page), `${method} ${path}`);
  });

  test.each([
    ["/challenger/terms", 200, {}],
    ["/challenger/terms", 304, { "If-None-Match": "*" }],
    ["/challenger/terms", 406, { Accept: "image/png" }],
    ["/challenger/privacy", 501, {}],
  ] as const)("GET %s %d is documented", async (path, status, headers) => {
    const response = await t.get(path, headers);
    expect(response.status).toBe(status);
    await expectForeseen(document, response, `GET ${path}`);
  });
});
