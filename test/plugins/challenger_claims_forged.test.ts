import { describe, expect, test } from "bun:test";
import { openBrowser } from "../support/browser.ts";
import { ISSUER } from "../support/server.ts";
import { arrive, mailOf, prove, signedIn } from "./challenger_browser.ts";
import { ADA, challengerServer, EXCHANGE } from "./challenger_fixture.ts";

const t = await challengerServer();

describe("what no other browser can do", () => {
  /** An offer to alice, and its form. */
  async function offered() {
    const alice = await signedIn(t);
    const address = mailOf();
    const offer = await prove(t, alice.browser, address);
    const form = offer.forms[0];
    if (!form) throw new Error("no form");
    return { alice, address, form, path: new URL(form.action, offer.url).pathname };
  }

  test("attack 76: another site cannot confirm for her", async () => {
    const { alice, form, path } = await offered();
    const body = { ...form.fields, action: "add" };
    const crossSite = await alice.browser.open(path, { method: "POST", body, crossSite: true });
    expect(crossSite.status).toBe(403);
    const cookie = `tessera_session=${alice.browser.cookies.get("tessera_session")}`;
    // Not even what says nothing of where it comes from.
    const silent = await t.post(path, body, { headers: { Cookie: cookie } });
    expect(silent.status).toBe(403);
    expect((await alice.user()).email).toBeNull();
  });

  test("the form is worth nothing in the session of somebody else, or without its proof", async () => {
    const { alice, form, path } = await offered();
    const bob = await signedIn(t);
    const attempts = [
      [bob.browser, form.fields],
      [alice.browser, { ...form.fields, proof: "" }],
      [alice.browser, { ...form.fields, proof: "0".repeat(form.fields["proof"]?.length ?? 0) }],
      [openBrowser(t), form.fields],
    ] as const;
    for (const [browser, fields] of attempts) {
      const page = await browser.open(path, { method: "POST", body: { ...fields, action: "add" } });
      // To the client all the same: that is where the code belongs.
      expect(page.url.href).toStartWith(EXCHANGE.redirectUri);
    }
    expect([(await alice.user()).email, (await bob.user()).email]).toEqual([null, null]);
  });

  test("a process that was solved elsewhere offers nothing to who opens it later", async () => {
    const stranger = await arrive(t);
    const asked = await stranger.browser.submit(stranger.page, mailOf());
    const pin = t.messages.at(-1)?.code ?? "";
    await stranger.browser.submit(asked, { pin });
    const { browser, user } = await signedIn(t);
    const later = await browser.open(`/challenger/solve/${stranger.nonce}`, {
      method: "POST",
      body: { pin },
    });
    expect(later.url.href).toStartWith(EXCHANGE.redirectUri);
    expect((await user()).email).toBeNull();
  });

  test("a process that nobody has solved gives no code there, and leads to its page", async () => {
    const { browser } = await signedIn(t);
    const { nonce } = await arrive(t, { browser });
    const headers = { Origin: ISSUER, "Sec-Fetch-Site": "same-origin" };
    for (const action of ["add", "skip"]) {
      const answer = await t.post(`/challenger/claim/${nonce}`, { action }, { headers });
      expect([answer.status, answer.headers.get("location")]).toEqual([
        303,
        `/challenger/challenge/${nonce}`,
      ]);
    }
  });

  test("who signed out meanwhile adds nothing", async () => {
    const { alice, form, path } = await offered();
    alice.browser.cookies.delete("tessera_session");
    const body = { ...form.fields, action: "add" };
    const page = await alice.browser.open(path, { method: "POST", body });
    expect(page.url.href).toStartWith(EXCHANGE.redirectUri);
    expect((await alice.user()).email).toBeNull();
  });

  test("under the prefix / nobody is signed in, and nothing is offered", async () => {
    const alone = await challengerServer({ prefix: "/" });
    const { browser } = await signedIn(alone);
    const back = await prove(alone, browser, ADA);
    expect(back.url.href).toStartWith(EXCHANGE.redirectUri);
  });
});
