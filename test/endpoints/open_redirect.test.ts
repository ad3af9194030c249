/** Whoever registers himself must not be able to make links to this server that lead to his pages. */
import { describe, expect, test } from "bun:test";
import { LOCALES, TEXTS } from "../../src/pages/texts/all.ts";
import {
  type Asked,
  type AuthorizationTest,
  authorizationTest,
  authorizeQuery,
  authorizeUrl,
  PKCE,
} from "../support/authorization.ts";
import type { Page } from "../support/browser.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { signIn } from "../support/sign_in.ts";
import { register } from "./registration_fixture.ts";

const CALLBACK = "https://phish.example:8443/callback";
const ISSUER = "http://localhost:3000";

interface Strangers extends AuthorizationTest {
  /** Id of the client that registered itself. */
  readonly clientId: string;
  /** A request by that client, with what a test adds. */
  ask(asked?: Asked): string;
}

/** A server open to registration, and a public client that made use of it. */
async function strangers(
  database: DatabaseName = "sqlite",
  metadata: object = {},
): Promise<Strangers> {
  const test = await authorizationTest(database, [], { settings: { registration: "open" } });
  const { status, body } = await register(test.server, {
    client_name: "Your Bank",
    redirect_uris: [CALLBACK, "com.example.app:/cb"],
    token_endpoint_auth_method: "none",
    scope: "openid",
    ...metadata,
  });
  expect([status, body]).toEqual([201, expect.anything()]);
  const clientId = String(body["client_id"]);
  const { challenge: code_challenge } = PKCE;
  const ordinary = {
    client_id: clientId,
    redirect_uri: CALLBACK,
    code_challenge,
    code_challenge_method: "S256",
  };
  return { ...test, clientId, ask: (asked = {}) => authorizeUrl({ ...ordinary, ...asked }) };
}

/** The page that names the host; returns where its link or form leads, and with what. */
function offered(page: Page): { readonly to: URL; readonly fields: Record<string, string> } {
  expect(page.status, page.text).toBe(200);
  expect(page.url.origin).toBe(ISSUER);
  expect(page.text).toContain(TEXTS.en.leaveUnchecked);
  const [form] = page.forms;
  const link = /<a class="button" href="([^"]+)"/.exec(page.text)?.[1]?.replaceAll("&amp;", "&");
  const to = new URL(form?.action ?? link ?? "");
  const text = to.hash === "" ? to.search : to.hash.slice(1);
  return { to, fields: { ...(form?.fields ?? Object.fromEntries(new URLSearchParams(text))) } };
}

/** The error that the browser was sent to the client with, without a page. */
function sent(page: Page): string | null {
  expect(page.status, page.text).toBe(303);
  expect(page.url.href).toStartWith(CALLBACK);
  return page.url.searchParams.get("error");
}

const essential = JSON.stringify({
  id_token: { acr: { essential: true, values: ["urn:tessera:mfa"] } },
});

describe.each(DATABASES)(
  "attack 74: RFC 9700 §4.11.2 errors to a self-registered address on %s",
  (database) => {
    const faults: readonly (readonly [string, Asked, string])[] = [
      ["a wrong scope", { scope: "openid admin" }, "invalid_scope"],
      ["no challenge", { code_challenge: undefined }, "invalid_request"],
      ["another response type", { response_type: "token" }, "unsupported_response_type"],
      ["a repeated parameter", { nonce: ["a", "b"] }, "invalid_request"],
      ["silence where nobody is signed in", { prompt: "none" }, "login_required"],
    ];

    test("wait for the user, whom a page tells the host", async () => {
      const { browser, ask } = await strangers(database);
      for (const [_name, asked, error] of faults) {
        const page = await browser.open(ask(asked));
        const { to, fields } = offered(page);
        expect(`${to.origin}${to.pathname}`).toBe(CALLBACK);
        expect(fields).toMatchObject({ error, state: "st", iss: ISSUER });
        expect(page.text).toContain("<strong><bdi>phish.example:8443</bdi></strong>");
        expect(page.text).toContain("Continue to phish.example:8443");
        expect(page.text).toContain(`<code>${error}</code>`);
        expect(page.text).not.toContain("<script");
      }
    });

    test("wait at a post of another site too", async () => {
      const { browser, ask } = await strangers(database);
      for (const [_name, asked] of faults) {
        const body = ask(asked).split("?")[1] ?? "";
        offered(await browser.open("/authorize", { method: "POST", crossSite: true, body }));
      }
    });

    test("are told at once to a client that the user signed in uses", async () => {
      const { browser, server, ask, clientId, ...test } = await strangers(database);
      await test.signIn();
      offered(await browser.open(ask({ prompt: "none" })));
      await test.agree(["openid"], { clientId: "app" });
      offered(await browser.open(ask({ prompt: "none" })));
      await test.agree(["openid"], { clientId });
      const silent = await browser.open(ask({ prompt: "none" }));
      expect(silent.url.searchParams.get("code")).toBeString();
      expect(sent(await browser.open(ask({ prompt: "none", max_age: "0" })))).toBe(
        "login_required",
      );
      expect(sent(await browser.open(ask({ scope: "admin" })))).toBe("invalid_scope");
      // Another user in this browser agreed to nothing.
      await test.signIn(await server.addUser({ username: "bob" }));
      offered(await browser.open(ask({ prompt: "none" })));
      offered(await browser.open(ask({ scope: "admin" })));
      browser.cookies.clear();
      offered(await browser.open(ask({ prompt: "none" })));
    });

    test("wait also after a password or a chosen account: no page of those names the host", async () => {
      const { browser, server, ask, clientId } = await strangers(database);
      const stranger = JSON.stringify({ id_token: { sub: { value: "nobody" } } });
      for (const claims of [essential, stranger]) {
        const login = await browser.open(ask({ claims }));
        expect(login.text).not.toContain("phish.example");
        const page = await signIn(browser, "alice", { page: login });
        expect(offered(page).to.hostname).toBe("phish.example");
        browser.cookies.clear();
      }
      await signIn(browser, "alice");
      offered(await browser.open(ask({ claims: essential })));
      const choice = await browser.open(ask({ claims: essential, prompt: "select_account" }));
      expect(choice.text).not.toContain("phish.example");
      offered(await browser.submit(choice, {}, { button: "choose" }));
      // Nobody agreed to anything on the way.
      const user = await server.services.store.findUserByIdentifier("alice");
      expect(await server.services.store.findConsent(user?.id ?? "", clientId)).toBeUndefined();
    });

    test("go by themselves once the user answered the page that names the host", async () => {
      const { browser, ask, ...test } = await strangers(database);
      await test.signIn();
      const consent = await browser.open(ask());
      expect(consent.text).toContain("phish.example:8443");
      expect(sent(await browser.submit(consent, {}, { button: "refuse" }))).toBe("access_denied");
    });

    test("wait when they come of a pushed request", async () => {
      const { browser, server, ask, clientId } = await strangers(database);
      const form = new URLSearchParams(ask({ prompt: "none" }).split("?")[1]).toString();
      const pushed = (await (await server.post("/par", form)).json()) as { request_uri: string };
      const query = new URLSearchParams({ client_id: clientId, request_uri: pushed.request_uri });
      offered(await browser.open(`/authorize?${query}`));
    });
  },
);

describe("RFC 9700 §4.11.2 who is not kept", () => {
  test("a client of the administrator gets its errors at once", async () => {
    const { browser } = await strangers();
    const page = await browser.open(authorizeUrl({ prompt: "none" }));
    expect([page.status, page.url.searchParams.get("error")]).toEqual([303, "login_required"]);
    const body = authorizeQuery({ scope: "admin" });
    const posted = await browser.open("/authorize", { method: "POST", crossSite: true, body });
    expect(posted.url.searchParams.get("error")).toBe("invalid_scope");
  });

  test("a frame goes back to the application that renews its tokens in it", async () => {
    const { browser, ask } = await strangers();
    const framed = { crossSite: true, headers: { "Sec-Fetch-Dest": "iframe" } };
    expect(sent(await browser.open(ask({ prompt: "none" }), framed))).toBe("login_required");
    const whole = { crossSite: true, headers: { "Sec-Fetch-Dest": "document" } };
    offered(await browser.open(ask({ prompt: "none" }), whole));
  });
});

describe("the page before another site", () => {
  test.each([...LOCALES])("speaks %s, and gives the answer in every response mode", async (tag) => {
    const { browser, ask } = await strangers();
    const texts = TEXTS[tag];
    for (const response_mode of ["query", "fragment", "form_post"]) {
      const page = await browser.open(ask({ scope: "admin", response_mode, ui_locales: tag }));
      expect(page.text).toContain(`<html lang="${tag}">`);
      expect(page.text).toContain(texts.leaveStay);
      expect(page.text).toContain(texts.leaveButton.replace("{0}", "phish.example:8443"));
    }
  });

  test("posts by a form of the user's, and not by a script, where the client wants a post", async () => {
    const { browser, ask } = await strangers();
    const page = await browser.open(ask({ scope: "admin", response_mode: "form_post" }));
    const { to, fields } = offered(page);
    expect([page.forms[0]?.method, to.href]).toEqual(["post", CALLBACK]);
    expect(fields).toMatchObject({ error: "invalid_scope", state: "st", iss: ISSUER });
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("form-action 'self' https:;");
    expect(policy).not.toContain("script-src");
    const linked = await browser.open(ask({ scope: "admin" }));
    expect(linked.headers.get("content-security-policy")).toContain("form-action 'self';");
    expect(linked.headers.get("cache-control")).toBe("no-store");
    expect(linked.headers.get("referrer-policy")).toBe("no-referrer");
  });

  test("says that an app of the device is meant, and puts the fragment where it belongs", async () => {
    const { browser, ask } = await strangers();
    const redirect_uri = "com.example.app:/cb";
    const asked = { redirect_uri, scope: "admin", response_mode: "fragment" };
    const page = await browser.open(ask(asked));
    const { to, fields } = offered(page);
    expect(to.href).toStartWith("com.example.app:/cb#error=invalid_scope");
    expect(fields).toMatchObject({ state: "st" });
    expect(page.text).toContain("an application on this device (com.example.app)");
  });

  test("comes also while the store cannot tell who is signed in", async () => {
    const { browser, server, ask, ...test } = await strangers();
    await test.signIn();
    const { store } = server.services;
    Object.assign(store, { findSessionByHash: () => Promise.reject(new Error("down")) });
    const { fields } = offered(await browser.open(ask()));
    expect(fields["error"]).toBe("server_error");
  });

  test("is audited as the refusal that it is", async () => {
    const { browser, server, ask, clientId } = await strangers();
    await browser.open(ask({ scope: "admin" }));
    const rows = await server.services.store.listAuditRows(5);
    expect(rows.find(({ event }) => event === "request.refused")).toMatchObject({
      clientId,
      details: { code: "scope_refused" },
    });
  });
});
