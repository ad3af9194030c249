import { describe, expect, test } from "bun:test";
import type { TestClient } from "../support/server.ts";
import { PASSWORD, type SignInTest, sessionOf, signIn, signInTest } from "../support/sign_in.ts";
import { addAccess, addRequest, addResource } from "./account_resources_fixture.ts";

const APP: TestClient = {
  client_id: "app",
  client_secret: "s",
  client_name: "The App",
  redirect_uris: [
    "https://app.example/callback",
    "com.example.app:/callback",
    "http://127.0.0.1/callback",
    "http://[::1]/callback",
  ],
  scope: "openid email",
};

const AUTHORIZE = new URLSearchParams({
  client_id: "app",
  response_type: "code",
  scope: "openid",
  redirect_uri: "https://app.example/callback",
});

async function opened(): Promise<SignInTest> {
  const server = await signInTest();
  await server.addClient(APP);
  await server.addPerson({ username: "alice" });
  return server;
}

/** Directives of a policy by name; the first of a name counts (CSP Level 3 §4.2.1). */
function policyOf(headers: Headers): ReadonlyMap<string, string> {
  const text = headers.get("content-security-policy") ?? "";
  const pairs = text.split(";").map((part) => part.trim().split(" "));
  return new Map(pairs.reverse().map(([name = "", ...sources]) => [name, sources.join(" ")]));
}

describe("attack 76: pages cannot be framed, and run and load nothing foreign", () => {
  test("every page carries the same headers", async () => {
    const server = await opened();
    const browser = server.openBrowser();
    const login = await browser.open(`/authorize?${AUTHORIZE}`);
    const failed = await browser.submit(login, { identifier: "alice", password: "wrong" });
    const consent = await signIn(browser, "alice", { page: login });
    const account = await browser.open("/account");
    const resources = await browser.open("/account/resources");
    const signedOut = await browser.open("/signed-out");
    const unknown = await browser.open("/consent?interaction=none");
    const pages = [login, failed, consent, account, resources, signedOut, unknown];
    const titles = pages.map(({ text }) => /<h1>(.*?)<\/h1>/.exec(text)?.[1]);
    expect(titles).toEqual([
      "Sign in",
      "Sign in",
      "Allow access?",
      "Your account",
      "Your resources",
      "You are signed out",
      "This did not work",
    ]);
    for (const { headers } of pages) {
      expect(Object.fromEntries(policyOf(headers))).toMatchObject({
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
      });
      expect(policyOf(headers).has("script-src")).toBe(false);
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cache-control")).toBe("no-store");
    }
    for (const { headers } of [account, resources]) {
      expect(policyOf(headers).get("form-action")).toBe("'self'");
    }
  });

  test.each([
    ["https://app.example/callback", "https:"],
    ["com.example.app:/callback", "com.example.app:"],
    ["http://127.0.0.1:51234/callback", "http:"],
    ["http://[::1]:51234/callback", "http:"],
  ])("forms may end at %s by %s", async (redirectUri, source) => {
    const server = await opened();
    const query = new URLSearchParams({
      ...Object.fromEntries(AUTHORIZE),
      redirect_uri: redirectUri,
    });
    const browser = server.openBrowser();
    const login = await browser.open(`/authorize?${query}`);
    expect(policyOf(login.headers).get("form-action")).toBe(`'self' ${source}`);
    expect(policyOf(login.headers).has("script-src")).toBe(false);
    const consent = await signIn(browser, "alice", { page: login });
    expect(policyOf(consent.headers).get("form-action")).toBe(`'self' ${source}`);
  });
});

describe("attack 76: forms of other sites change nothing", () => {
  const FOREIGN: readonly Readonly<Record<string, string>>[] = [
    { "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example" },
    { "Sec-Fetch-Site": "same-site", Origin: "http://evil.localhost:3000" },
    { "Sec-Fetch-Site": "none" },
    { Origin: "https://evil.example" },
    { Origin: "null" },
    { Origin: "http://localhost:3000.evil.example" },
    {},
  ];

  test.each(FOREIGN.map((headers) => [JSON.stringify(headers), headers] as const))(
    "%s",
    async (_, headers) => {
      const server = await opened();
      const browser = server.openBrowser();
      await signIn(browser, "alice");
      const consent = await browser.open(`/authorize?${AUTHORIZE}`);
      const session = (await sessionOf(browser)) ?? "";
      const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
      const user = await server.services.store.findUserByIdentifier("alice");
      const resource = await addResource(server, user?.id ?? "", { resourceServerId: "app" });
      await addAccess(server, resource, { party: "", partyName: "" });
      const { id: request } = await addRequest(server, resource);
      const { text: before, forms: shown } = await browser.open("/account/resources");
      const access = shown.find(({ fields }) => "access" in fields)?.fields["access"] ?? "";
      const forms: readonly (readonly [string, Record<string, string>])[] = [
        ["/login", { identifier: "alice", password: PASSWORD }],
        ["/account", { action: "sign_out_all" }],
        ["/account", { action: "sign_out", session }],
        ["/account/resources", { action: "deny", request }],
        ["/account/resources", { action: "withdraw", access }],
        [consent.url.pathname + consent.url.search, { action: "allow", session }],
      ];
      for (const [path, form] of forms) {
        const response = await server.post(path, form, {
          headers: { ...headers, Cookie: cookie, Accept: "text/html" },
        });
        expect([path, response.status]).toEqual([path, 403]);
        expect(response.headers.getSetCookie()).toEqual([]);
        expect(await response.text()).toContain("The form did not come from a page of ours.");
      }
      expect(await sessionOf(browser)).toBe(session);
      expect((await browser.open("/account/resources")).text).toBe(before);
      expect(await server.services.store.findConsent(user?.id ?? "", "app")).toBeUndefined();
    },
  );

  test("our own are taken by Sec-Fetch-Site, or by Origin where a browser sends none", async () => {
    const server = await opened();
    const own = [{ "Sec-Fetch-Site": "same-origin" }, { Origin: "http://localhost:3000" }];
    for (const headers of own) {
      const form = { identifier: "alice", password: PASSWORD };
      expect((await server.post("/login", form, { headers })).status).toBe(303);
    }
  });
});

describe("what a form of ours may look like", () => {
  const OWN = { "Sec-Fetch-Site": "same-origin" };

  test("attack 36: a password in the URL is refused, and not tried", async () => {
    const server = await opened();
    const path = `/login?identifier=alice&password=${encodeURIComponent(PASSWORD)}`;
    const response = await server.post(path, {}, { headers: OWN });
    expect(response.status).toBe(400);
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  test.each([
    ["a field twice", "identifier=alice&identifier=bob&password=x"],
    ["a NUL in a field", "identifier=alice%00&password=x"],
    ["broken UTF-8", "identifier=%ff&password=x"],
    ["too many fields", Array.from({ length: 65 }, (_, i) => `f${i}=1`).join("&")],
    ["too many bytes", `identifier=${"a".repeat(66_000)}`],
  ])("attack 79: %s is refused by a page", async (_, body) => {
    const server = await opened();
    const response = await server.post("/login", body, {
      headers: { ...OWN, Accept: "text/html" },
    });
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  });

  test("an unknown action, or one out of Object.prototype, does nothing", async () => {
    const server = await opened();
    const browser = server.openBrowser();
    await signIn(browser, "alice");
    const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
    for (const action of ["constructor", "__proto__", "toString", "x"]) {
      for (const path of ["/login", "/account", "/account/resources"]) {
        const headers = { ...OWN, Cookie: cookie };
        const response = await server.post(path, { action }, { headers });
        expect([action, response.status, response.headers.get("location")]).toEqual([
          action,
          303,
          path,
        ]);
      }
    }
  });
});
