import { describe, expect, test } from "bun:test";
import { releasedClaims } from "../../src/protocol/claims.ts";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { type Browser, openBrowser, type Page } from "../support/browser.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { faultsOf } from "../support/html.ts";
import { fresh, headingOf, mailOf, prove, signedIn } from "./challenger_browser.ts";
import {
  ADA,
  type ChallengerTest,
  challengerServer,
  EXCHANGE,
  redeem,
  redeeming,
} from "./challenger_fixture.ts";

const tests = await onEachDatabase(async (database) => ({
  email: await challengerServer({ database }),
  phone: await challengerServer({ database, settings: { challengerAddressType: "phone" } }),
}));

/** The browser is back at the client, with a code that is good. */
async function expectBack(t: ChallengerTest, page: Page): Promise<void> {
  expect(`${page.url.origin}${page.url.pathname}`).toBe(EXCHANGE.redirectUri);
  expect(page.url.searchParams.get("state")).toBe("st");
  const code = page.url.searchParams.get("code") ?? "";
  expect((await redeem(t, redeeming(code))).status).toBe(200);
}

const eventsOf = async (t: ChallengerTest, userId: string) =>
  (await t.services.store.listAuditRows(1000))
    .filter((row) => row.userId === userId)
    .map(({ event }) => event);

describe.each(DATABASES)("a proven address for who is signed in (decisions D8), on %s", (name) => {
  const { email: t, phone } = tests[name as DatabaseName];

  test("becomes his verified e-mail address when he says so, and he goes back", async () => {
    const { browser, user, username, id } = await signedIn(t);
    const address = mailOf();
    const offer = await prove(t, browser, address);
    expect([offer.status, headingOf(offer)]).toEqual([200, "Add it to your account?"]);
    expect(offer.text).toContain(username);
    expect(faultsOf(offer.text)).toEqual([]);
    expect((await user()).email).toBeNull();
    const back = await browser.submit(offer, {}, { button: "add" });
    expect(back.hops.map(({ status }) => status)).toEqual([303]);
    await expectBack(t, back);
    const release = { scope: ["email"], allowed: ["email"], requested: undefined };
    expect(releasedClaims(await user(), release)).toEqual({
      email: address.CONTACT_EMAIL,
      email_verified: true,
    });
    const found = await t.services.store.findUserByIdentifier(address.CONTACT_EMAIL.toUpperCase());
    expect(found?.id).toBe(id);
    expect(await eventsOf(t, id)).toContain("user.address_added");
  });

  test("becomes his verified phone number, and an unverified one is verified", async () => {
    const { browser, user, username } = await signedIn(phone);
    const number = `+4179${String(1_000_000 + fresh())}`;
    const unverified = {
      ...(await user()),
      phoneNumber: number,
      claims: { phone_number_verified: false, nickname: "x" },
      updatedAt: (await user()).updatedAt + 1,
    };
    await phone.services.store.writeParties({
      clients: [],
      users: [
        {
          row: unverified,
          seenAt: (await user()).updatedAt,
          identifiers: [username],
          passwordChanged: false,
        },
      ],
    });
    const offer = await prove(phone, browser, { CONTACT_PHONE: number });
    await expectBack(phone, await browser.submit(offer, {}, { button: "add" }));
    expect((await user()).phoneNumber).toBe(number);
    expect((await user()).claims).toEqual({ nickname: "x" });
    expect(await phone.services.store.findUserByIdentifier(number)).toBeDefined();
  });

  test("is not his when he says no, and he goes back all the same", async () => {
    const { browser, user, id } = await signedIn(t);
    const offer = await prove(t, browser, mailOf());
    await expectBack(t, await browser.submit(offer, {}, { button: "skip" }));
    expect((await user()).email).toBeNull();
    expect(await eventsOf(t, id)).not.toContain("user.address_added");
  });

  test("takes the place of another, which the page says first", async () => {
    const old = `old-${fresh()}@mail.example`;
    const { browser, user } = await signedIn(t, { email: old });
    const address = mailOf();
    const offer = await prove(t, browser, address);
    expect(offer.text).toContain(`It takes the place of <strong><bdi>${old}</bdi></strong>.`);
    await browser.submit(offer, {}, { button: "add" });
    expect((await user()).email).toBe(address.CONTACT_EMAIL);
    expect(await t.services.store.findUserByIdentifier(old)).toBeUndefined();
  });

  test("is never offered without a session, or for what he has already", async () => {
    const stranger = await prove(t, openBrowser(t), ADA);
    await expectBack(t, stranger);
    const mine = `mine-${fresh()}@mail.example`;
    const { browser } = await signedIn(t, { email: mine });
    await expectBack(t, await prove(t, browser, { CONTACT_EMAIL: mine.toUpperCase() }));
  });

  test("is refused gently when another user has verified it; nothing changes for either", async () => {
    const { id: other } = await signedIn(t);
    const taken = `taken-${fresh()}@mail.example`;
    const owner = await signedIn(t, { email: taken });
    const { browser, user } = await signedIn(t);
    const offer = await prove(t, browser, { CONTACT_EMAIL: taken });
    const refused = await browser.submit(offer, {}, { button: "add" });
    expect([refused.status, headingOf(refused)]).toEqual([409, "Nothing was added"]);
    const [, href = ""] = /<a class="button main" href="([^"]+)"/.exec(refused.text) ?? [];
    expect(href).toStartWith(`${EXCHANGE.redirectUri}?code=`);
    expect((await user()).email).toBeNull();
    expect((await owner.user()).email).toBe(taken);
    expect((await t.services.store.findUserByIdentifier(taken))?.id).toBe(owner.id);
    expect(other).toBeString();
  });

  test("goes to one of two who prove it and claim it at once", async () => {
    const address = mailOf();
    const people = [await signedIn(t), await signedIn(t)];
    const offers: { browser: Browser; offer: Page }[] = [];
    for (const { browser } of people) {
      offers.push({ browser, offer: await prove(t, browser, address) });
    }
    const answers = await Promise.all(
      offers.map(({ browser, offer }) => browser.submit(offer, {}, { button: "add" })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409]);
    const holders = await Promise.all(people.map(async ({ user }) => (await user()).email));
    expect(holders.filter((email) => email === address.CONTACT_EMAIL)).toHaveLength(1);
  });

  test("is refused gently when the user was changed meanwhile", async () => {
    const { browser, user } = await signedIn(t);
    const address = mailOf();
    const [offer] = [await prove(t, browser, address)];
    const claim = t.services.store.writeParties;
    Object.assign(t.services.store, {
      writeParties: async (parties: Parameters<typeof claim>[0]) => {
        Object.assign(t.services.store, { writeParties: claim });
        const before = await user();
        const row = { ...before, updatedAt: before.updatedAt + 1 };
        const identifiers = [before.username];
        const write = { row, seenAt: before.updatedAt, identifiers, passwordChanged: false };
        await claim({ clients: [], users: [write] });
        return claim(parties);
      },
    });
    const refused = await browser.submit(offer, {}, { button: "add" });
    expect(refused.status).toBe(409);
    expect(refused.text).toContain("Your account has changed meanwhile.");
    expect((await user()).email).toBeNull();
  });

  test("never takes the place of where his second factor goes", async () => {
    const { browser, id, user } = await signedIn(t, { email: `factor-${fresh()}@mail.example` });
    await t.services.store.setSecondFactor(id, "email");
    await expectBack(t, await prove(t, browser, mailOf()));
    expect((await user()).email).toStartWith("factor-");
  });
});
