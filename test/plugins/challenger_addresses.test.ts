import { describe, expect, test } from "bun:test";
import PostalMime from "postal-mime";
import { challenger } from "../../src/plugins/challenger/plugin.ts";
import { configuredDeliveries } from "../../src/plugins/deliveries/deliveries.ts";
import { DEFAULT_SETTINGS } from "../../src/protocol/settings.ts";
import { core } from "../../src/server.ts";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { openBrowser } from "../support/browser.ts";
import { DATABASES } from "../support/databases.ts";
import { elementsOf } from "../support/html.ts";
import { mailServer } from "../support/mail_server.ts";
import { testServer } from "../support/server.ts";
import { arrive, headingOf, textOf } from "./challenger_browser.ts";
import {
  ADA,
  begin,
  challengerServer,
  EXCHANGE,
  enter,
  give,
  info,
  redeem,
  redeeming,
  setup,
} from "./challenger_fixture.ts";

const tests = await onEachDatabase((database) => challengerServer({ database }));
const t = tests.sqlite;

const SWISS = {
  CONTACT_PHONE: {
    regex: "^\\+41",
    hint: "A Swiss number, please",
    hint_i18n: { de: "Bitte eine Schweizer Nummer" },
  },
};
const swiss = await challengerServer({
  settings: {
    challengerAddressType: "phone",
    challengerAddressRestrictions: SWISS,
    challengerAddressHint: "Your mobile, where letters of the law reach you.",
  },
});
const postal = await challengerServer({ settings: { challengerAddressType: "postal" } });

describe("addresses that are not one clean one (decisions D8)", () => {
  test.each([
    "ada@mail.example, eve@evil.example",
    "Ada <ada@mail.example>",
    "ada@mail.example\r\nBcc: eve@evil.example",
    "-oQ@mail.example",
    "--help",
  ])("%p is 400 / 26 before any delivery, for programs and browsers", async (address) => {
    const sent = t.messages.length;
    const nonce = await begin(t);
    const { status, body } = await give(t, nonce, { CONTACT_EMAIL: address });
    expect([status, body["code"], body["detail"]]).toEqual([400, 26, "CONTACT_EMAIL"]);
    const { browser, page } = await arrive(t);
    const again = await browser.submit(page, { CONTACT_EMAIL: address });
    expect(again.status).toBe(400);
    expect(t.messages).toHaveLength(sent);
    expect((await give(t, nonce, {})).body).toMatchObject({ code: 25, detail: "CONTACT_EMAIL" });
  });

  test("the form comes back as it was typed, with its fault beside it", async () => {
    const { browser, page } = await arrive(t);
    const again = await browser.submit(page, { CONTACT_EMAIL: "ada<b>@" });
    expect(textOf(again, "CONTACT_EMAIL-fault")).toStartWith("Enter one e-mail address");
    expect(again.forms[0]?.fields["CONTACT_EMAIL"]).toBe("ada<b>@");
    const empty = await browser.submit(again, { CONTACT_EMAIL: " " });
    expect([empty.status, textOf(empty, "CONTACT_EMAIL-fault")]).toEqual([400, "This is needed."]);
    const asked = await browser.submit(empty, ADA);
    expect(headingOf(asked)).toBe("Enter the code");
  });
});

describe("restrictions (challenger.md B.2)", () => {
  test("/config tells them", async () => {
    expect(await (await swiss.get("/challenger/config")).json()).toMatchObject({
      restrictions: SWISS,
      address_type: "phone",
    });
  });

  test("what they refuse is 400 / 26, and pages say why in their language", async () => {
    const nonce = await begin(swiss);
    const german = { CONTACT_PHONE: "+49 30 1234567" };
    const { status, body } = await give(swiss, nonce, german);
    expect([status, body["code"], body["detail"]]).toEqual([400, 26, "CONTACT_PHONE"]);
    const { browser, page } = await arrive(swiss, { language: "de" });
    expect(textOf(page, "CONTACT_PHONE-hint")).toBe("Bitte eine Schweizer Nummer");
    expect(page.text).toContain("Your mobile, where letters of the law reach you.");
    const again = await browser.submit(page, german);
    expect([again.status, textOf(again, "CONTACT_PHONE-fault")]).toEqual([
      400,
      "A Swiss number, please",
    ]);
    expect(swiss.messages).toHaveLength(0);
    const asked = await browser.submit(page, { CONTACT_PHONE: "+41 79 123 45 67" });
    expect(asked.status).toBe(200);
    expect(swiss.messages.at(-1)?.address).toEqual({ CONTACT_PHONE: "+41791234567" });
  });

  test("hold for an address that the client fixes: else nobody could finish", async () => {
    const fixed = { read_only: true, CONTACT_PHONE: "+49301234567" };
    const { status, body } = await setup(swiss, { body: fixed });
    expect([status, body["code"], body["detail"]]).toEqual([400, 26, "CONTACT_PHONE"]);
  });
});

describe("an address that the client has given", () => {
  test("stands in the form, and may be changed", async () => {
    const { browser, page } = await arrive(t, { prefill: ADA });
    expect(page.forms[0]?.fields).toEqual(ADA);
    const asked = await browser.submit(page, { CONTACT_EMAIL: "bob@mail.example" });
    expect(asked.text).toContain("bob@mail.example");
  });

  test("and fixed is shown, and cannot be changed", async () => {
    const { browser, page } = await arrive(t, { prefill: { ...ADA, read_only: true } });
    const input = elementsOf(page.text).find(
      ({ attributes }) => attributes["id"] === "CONTACT_EMAIL",
    );
    expect(input?.attributes).toMatchObject({ readonly: "", value: ADA.CONTACT_EMAIL });
    expect(page.text).toContain("has given this address");
    const sent = t.messages.length;
    const other = await browser.submit(page, { CONTACT_EMAIL: "eve@evil.example" });
    expect([other.status, t.messages.length]).toEqual([403, sent]);
    expect(other.text).toContain("it cannot be changed here");
    const asked = await browser.submit(page);
    expect(headingOf(asked)).toBe("Enter the code");
    expect(asked.text).not.toContain(">Use another address<");
  });
});

test("a postal address has its lines, and a letter goes there", async () => {
  const { browser, page } = await arrive(postal);
  expect(headingOf(page)).toBe("Confirm your postal address");
  const typed = {
    CONTACT_NAME: "Ada Lovelace",
    ADDRESS_LINES: "12 St James's Square\r\nLondon SW1Y 4JH",
    ADDRESS_COUNTRY: "United Kingdom",
  };
  const asked = await browser.submit(page, typed);
  const address = { ...typed, ADDRESS_LINES: "12 St James's Square\nLondon SW1Y 4JH" };
  expect(postal.messages.at(-1)?.address).toEqual(address);
  expect(asked.text).toContain("Ada Lovelace, 12 St James&#39;s Square, London SW1Y 4JH, United");
  postal.advance(30);
  // The form for another letter carries the lines along.
  const resent = await browser.submit(asked, {}, { form: 1 });
  expect(resent.text).toContain("Another code is on its way.");
  expect(postal.messages.at(-1)?.address).toEqual(address);
  const broken = await browser.submit(page, { ...typed, CONTACT_NAME: "Ada\nLovelace" });
  expect(broken.status).toBe(400);
});

describe.each(DATABASES)("a delivery that fails, on %s", (database) => {
  const test_ = tests[database];

  test("is 502 / 9752, and the page keeps what was typed", async () => {
    const nonce = await begin(test_);
    const { browser, page } = await arrive(test_);
    test_.carrierFails = true;
    const { status, body } = await give(test_, nonce);
    expect([status, body["code"], body["error"]]).toEqual([502, 9752, "server_error"]);
    const failed = await browser.submit(page, ADA);
    expect([failed.status, headingOf(failed)]).toEqual([502, "Confirm your e\u2011mail address"]);
    expect(failed.text).toContain("The code could not be sent.");
    expect(failed.forms[0]?.fields).toEqual(ADA);
    test_.carrierFails = false;
    const asked = await browser.submit(failed);
    expect(headingOf(asked)).toBe("Enter the code");
    const back = await browser.submit(asked, { pin: test_.messages.at(-1)?.code ?? "" });
    expect(back.url.searchParams.get("code")).toBeString();
  });
});

describe.each(DATABASES)("with the delivery smtp and a real mail server, on %s", (database) => {
  test("the PIN of the mail earns the token for the address (challenger.md B.6)", async () => {
    const { mails, url } = await mailServer();
    const settings = {
      ...DEFAULT_SETTINGS,
      emailDelivery: "smtp",
      smtpUrl: url,
      mailFrom: "Tessera <codes@tessera.example>",
    } as const;
    const server = await testServer({
      database,
      settings,
      plugins: [core, configuredDeliveries(settings), challenger("/challenger")],
    });
    await server.addClient({
      client_id: EXCHANGE.id,
      client_secret: EXCHANGE.secret,
      profile: "challenger",
      redirect_uris: [EXCHANGE.redirectUri],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "client_secret_post",
    });
    const walk = { ...server, prefix: "/challenger", messages: [], carrierFails: false };
    const { browser, page, nonce } = await arrive(walk, { browser: openBrowser(server) });
    await browser.submit(page, ADA, {});
    const mail = await PostalMime.parse(mails.at(-1)?.raw ?? "");
    expect(mails.at(-1)?.recipients).toEqual([ADA.CONTACT_EMAIL]);
    const [pin = ""] = /\d{4}-\d{4}/.exec(mail.text ?? "") ?? [];
    const { location } = await enter(walk, nonce, pin);
    const code = new URL(location ?? "").searchParams.get("code") ?? "";
    const { body } = await redeem(walk, redeeming(code));
    const { status, body: told } = await info(walk, body["access_token"]);
    expect([status, told["address"], told["address_type"]]).toEqual([200, ADA, "email"]);
  });
});
