import { describe, expect, test } from "bun:test";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { openBrowser, type Page } from "../support/browser.ts";
import { DATABASES } from "../support/databases.ts";
import { faultsOf } from "../support/html.ts";
import { arrive, authorizePath, headingOf, textOf } from "./challenger_browser.ts";
import {
  ADA,
  begin,
  type ChallengerTest,
  challengerServer,
  EXCHANGE,
  give,
  redeem,
  redeeming,
  wrongPin,
} from "./challenger_fixture.ts";

const tests = await onEachDatabase((database) => challengerServer({ database }));

/** The PIN that was sent last. */
const pinOf = ({ messages }: ChallengerTest) => messages.at(-1)?.code ?? "";

/** A browser at the page that asks for the PIN. */
async function atPin(t: ChallengerTest) {
  const arrival = await arrive(t);
  const page = await arrival.browser.submit(arrival.page, ADA);
  return { ...arrival, page };
}

describe.each(DATABASES)("the pages of the Challenger protocol on %s", (database) => {
  const t = tests[database];

  test("a browser enters the address and the PIN, and goes back with a code that is good", async () => {
    const { browser, nonce, page } = await arrive(t);
    const place = `/challenger/challenge/${nonce}`;
    expect(page.hops).toEqual([{ status: 302, location: place }]);
    expect(page.status).toBe(200);
    expect(headingOf(page)).toBe("Confirm your e\u2011mail address");
    const asked = await browser.submit(page, ADA);
    expect(asked.hops).toEqual([{ status: 303, location: place }]);
    expect(headingOf(asked)).toBe("Enter the code");
    expect(asked.text).toContain(ADA.CONTACT_EMAIL);
    expect(t.messages.at(-1)).toEqual({
      address: ADA,
      code: expect.stringMatching(/^\d{4}-\d{4}$/),
      language: "en",
    });
    const pasted = ` ${pinOf(t).replace("-", " ")} `;
    const back = await browser.submit(asked, { pin: pasted });
    expect(back.hops.map(({ status }) => status)).toEqual([302]);
    expect(`${back.url.origin}${back.url.pathname}`).toBe(EXCHANGE.redirectUri);
    expect(back.url.searchParams.get("state")).toBe("st");
    const code = back.url.searchParams.get("code") ?? "";
    expect((await redeem(t, redeeming(code))).status).toBe(200);
  });

  test("every page is one for everybody, is kept by no cache and tells nobody where it is", async () => {
    const { browser, nonce, page } = await arrive(t);
    const asked = await browser.submit(page, ADA);
    const wrong = await browser.submit(asked, { pin: wrongPin(pinOf(t)) });
    const pages: readonly Page[] = [page, asked, wrong];
    for (const { text, headers } of pages) {
      expect(faultsOf(text)).toEqual([]);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(text).not.toContain("state=st");
    }
    expect(page.headers.get("content-security-policy")).toContain("form-action 'self';");
    expect(asked.headers.get("content-security-policy")).toContain("form-action 'self' https:;");
    expect(nonce).toHaveLength(52);
  });

  test("attack 76: forms of other sites change nothing", async () => {
    const { nonce } = await arrive(t);
    const sent = t.messages.length;
    const foreign = openBrowser(t);
    const given = await foreign.open(`/challenger/challenge/${nonce}`, {
      method: "POST",
      body: ADA,
      crossSite: true,
    });
    expect([given.status, headingOf(given)]).toEqual([403, "This did not work"]);
    expect(t.messages).toHaveLength(sent);
    await give(t, nonce);
    const entered = await foreign.open(`/challenger/solve/${nonce}`, {
      method: "POST",
      body: { pin: pinOf(t) },
      crossSite: true,
    });
    expect([entered.status, entered.hops]).toEqual([403, []]);
    // Whatever it says that it accepts.
    const script = await t.post(
      `/challenger/solve/${nonce}`,
      { pin: pinOf(t) },
      {
        headers: { Accept: "application/json", "Sec-Fetch-Site": "cross-site" },
      },
    );
    expect(script.status).toBe(403);
    const other = await t.post(
      `/challenger/solve/${nonce}`,
      { pin: pinOf(t) },
      {
        headers: { Origin: "https://evil.example" },
      },
    );
    expect(other.status).toBe(403);
    // No entry was taken.
    expect((await t.post(`/challenger/solve/${nonce}`, { pin: pinOf(t) })).status).toBe(302);
  });

  test("a wrong PIN is 403, and the page tells what is left; then 429", async () => {
    const { browser, page } = await atPin(t);
    const wrong = { pin: wrongPin(pinOf(t)) };
    const first = await browser.submit(page, wrong);
    expect(first.status).toBe(403);
    expect(textOf(first, "pin-fault")).toBe(
      "That code is not right. Use the newest one. Attempts left:\u00a02",
    );
    const second = await browser.submit(first, wrong);
    expect(textOf(second, "pin-fault")).toEndWith("Attempts left:\u00a01");
    const third = await browser.submit(second, wrong);
    expect([third.status, headingOf(third)]).toEqual([403, "Too many attempts"]);
    // The form of an older page, with the right PIN.
    const late = await browser.submit(second, { pin: pinOf(t) });
    expect([late.status, headingOf(late), late.hops]).toEqual([429, "Too many attempts", []]);
    expect(late.forms.map(({ action }) => action)).toEqual([page.forms[1]?.action ?? ""]);
  });

  test.each([
    ["", "Enter the eight digits of the code."],
    ["1234", "The code has eight digits, such as 1234-5678."],
    ["123456789", "The code has eight digits, such as 1234-5678."],
    ["abcd-efgh", "The code has eight digits, such as 1234-5678."],
  ])("what cannot be a PIN, as %p, costs no entry", async (pin, fault) => {
    const { browser, page } = await atPin(t);
    const again = await browser.submit(page, { pin });
    expect([again.status, textOf(again, "pin-fault")]).toEqual([400, fault]);
    expect(textOf(again, "pin-hint")).toBe("Attempts left:\u00a03");
  });

  test("another code comes after the pause, three in all; the pause is told", async () => {
    const { browser, nonce, page } = await atPin(t);
    const resend = (at: Page) => browser.submit(at, {}, { form: 1 });
    expect(textOf(page, "resend-when")).toBe("You can ask for another code in 30 seconds.");
    expect(page.text).toContain('data-seconds="30"');
    const sent = t.messages.length;
    const early = await resend(page);
    expect(early.hops[0]?.location).toBe(`/challenger/challenge/${nonce}?notice=recent`);
    expect(early.text).toContain("A code was sent a moment ago.");
    expect(t.messages).toHaveLength(sent);
    t.advance(30);
    const resent = await resend(early);
    expect(resent.text).toContain("Another code is on its way.");
    expect(t.messages).toHaveLength(sent + 1);
    t.advance(30);
    const last = await resend(resent);
    expect(last.text).toContain("No further code can be sent to this address.");
    expect(last.forms).toHaveLength(1);
    t.advance(30);
    const none = await resend(resent);
    expect([none.status, headingOf(none)]).toEqual([429, "Enter the code"]);
    expect(t.messages).toHaveLength(sent + 2);
  });

  test("another address may be used twice, and the page says when none is left", async () => {
    const { browser, nonce, page } = await atPin(t);
    const change = `/challenger/challenge/${nonce}?change=1`;
    expect(page.text).toContain(`href="${change}"`);
    for (const [name, left] of [
      ["b", 2],
      ["c", 1],
    ] as const) {
      const form = await browser.open(change);
      expect(form.text).toContain(`Addresses that you can still use:\u00a0${left}`);
      expect(form.forms[0]?.fields["CONTACT_EMAIL"]).toContain("@mail.example");
      const asked = await browser.submit(form, { CONTACT_EMAIL: `${name}@mail.example` });
      expect(asked.text).toContain(`${name}@mail.example`);
    }
    const pin = await browser.open(change);
    expect(headingOf(pin)).toBe("Enter the code");
    expect(pin.text).not.toContain(">Use another address<");
    const fourth = await browser.submit(page, { CONTACT_EMAIL: "d@mail.example" }, { form: 1 });
    expect([fourth.status, t.messages.at(-1)?.address]).toEqual([
      429,
      { CONTACT_EMAIL: "c@mail.example" },
    ]);
  });

  test("a process that is over or never was is a page with 404", async () => {
    const { browser, page } = await atPin(t);
    t.advance(3600);
    const late = await browser.submit(page, { pin: pinOf(t) });
    expect([late.status, headingOf(late)]).toEqual([404, "This did not work"]);
    expect(late.text).toContain("This confirmation has expired");
    const unknown = await browser.open(authorizePath(t.prefix, "0".repeat(52)));
    expect([unknown.status, unknown.headers.get("content-type")]).toEqual([
      404,
      "text/html; charset=utf-8",
    ]);
  });

  test("a solved process leads back, whoever opens it again, and takes no other address", async () => {
    const { browser, nonce, page } = await atPin(t);
    const back = await browser.submit(page, { pin: pinOf(t) });
    const again = await browser.open(`/challenger/challenge/${nonce}?change=1`);
    expect(headingOf(again)).toBe("Your address is confirmed");
    expect(again.text).toContain(`href="${back.url.href.replaceAll("&", "&amp;")}"`);
    const given = await browser.submit(page, {}, { form: 1 });
    expect(headingOf(given)).toBe("Your address is confirmed");
  });

  test("a PIN for a process that sent none asks for the address", async () => {
    const nonce = await begin(t);
    const page = await openBrowser(t).open(`/challenger/solve/${nonce}`, {
      method: "POST",
      body: { pin: "1234-5678" },
    });
    expect([page.status, headingOf(page)]).toEqual([403, "Confirm your e\u2011mail address"]);
  });
});
