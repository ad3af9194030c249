/** Consent is to an application as its page showed it; what registers itself anew is asked for anew. */
import { describe, expect, test } from "bun:test";
import { authorizationTest, authorizeUrl, PKCE } from "../support/authorization.ts";
import type { Page } from "../support/browser.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { manage, register } from "./registration_fixture.ts";

const NICE = "https://nice.example/cb";
const EVIL = "https://evil.example/cb";

const METADATA = {
  client_name: "Nice",
  redirect_uris: [NICE],
  token_endpoint_auth_method: "none",
  scope: "openid email",
};

/** A client that registered itself, and alice, who is signed in. */
async function begin(database: DatabaseName) {
  const settings = { registration: "open" } as const;
  const { server, browser, alice, signIn } = await authorizationTest(database, [], { settings });
  const { body } = await register(server, METADATA);
  const clientId = String(body["client_id"]);
  const token = String(body["registration_access_token"]);
  await signIn();
  const ask = (more: Record<string, string> = {}) =>
    browser.open(
      authorizeUrl({
        client_id: clientId,
        redirect_uri: NICE,
        code_challenge: PKCE.challenge,
        code_challenge_method: "S256",
        ...more,
      }),
    );
  return {
    server,
    browser,
    ask,
    consent: () => server.services.store.findConsent(alice, clientId),
    allow: (page: Page) => browser.submit(page, {}, { button: "allow" }),
    async put(changed: object) {
      const value = { ...METADATA, ...changed, client_id: clientId };
      const path = `/register/${clientId}`;
      expect((await manage(server, "PUT", path, token, value)).status).toBe(200);
    },
  };
}

describe.each(DATABASES)("RFC 7592 §2.2 consents to a client that changes on %s", (database) => {
  test.each([
    ["redirect URIs", { redirect_uris: [EVIL] }],
    ["one redirect URI more", { redirect_uris: [NICE, EVIL] }],
    ["name", { client_name: "Bank" }],
    ["logo", { logo_uri: "https://bank.example/logo.png" }],
    ["page", { client_uri: "https://bank.example" }],
    ["policy", { policy_uri: "https://bank.example/privacy" }],
    ["terms", { tos_uri: "https://bank.example/terms" }],
    ["scopes", { scope: "openid email profile" }],
  ])("end with its %s: nobody is sent to it in silence", async (_name, changed) => {
    const { ask, allow, put, consent } = await begin(database);
    const first = await allow(await ask());
    expect(first.url.searchParams.get("code")).toBeString();
    await put(changed);
    expect(await consent()).toBeUndefined();
    const [redirect_uri = NICE] = "redirect_uris" in changed ? changed.redirect_uris : [];
    for (const more of [{ prompt: "none" }, { scope: "nonsense" }]) {
      const page = await ask({ redirect_uri, ...more });
      expect([page.status, page.url.origin], page.text).toEqual([200, "http://localhost:3000"]);
      expect(page.url.searchParams.has("code")).toBe(false);
    }
    expect((await ask({ redirect_uri })).url.pathname).toBe("/consent");
  });

  test("stay where nothing changed that the user judged by", async () => {
    const { ask, allow, put, consent } = await begin(database);
    await allow(await ask());
    await put({});
    await put({ contacts: ["ops@nice.example"], software_version: "2", scope: "email openid" });
    await put({ scope: "openid" });
    expect((await consent())?.scope).toEqual(["openid"]);
    expect((await ask({ prompt: "none" })).url.searchParams.get("code")).toBeString();
  });

  test("are not given by an answer to the page of the client as it was", async () => {
    const { ask, allow, put, consent } = await begin(database);
    const page = await ask();
    expect(page.text).toContain("Nice");
    await put({ client_name: "Bank", redirect_uris: [NICE, EVIL] });
    const again = await allow(page);
    expect(again.url.pathname).toBe("/consent");
    expect(again.text).toContain("Bank");
    expect(await consent()).toBeUndefined();
    const silent = await ask({ redirect_uri: EVIL, prompt: "none" });
    expect(silent.url.searchParams.has("code")).toBe(false);
    expect((await allow(again)).url.searchParams.get("code")).toBeString();
    expect(await consent()).toBeDefined();
  });

  test("a refusal of the page as it was stands", async () => {
    const { browser, ask, put } = await begin(database);
    const page = await ask();
    await put({ client_name: "Bank" });
    const refused = await browser.submit(page, {}, { button: "refuse" });
    expect(refused.url.searchParams.get("error")).toBe("access_denied");
  });
});
