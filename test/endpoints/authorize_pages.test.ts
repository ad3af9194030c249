import { describe, expect, test } from "bun:test";
import {
  APP,
  type Asked,
  authorizationTest,
  authorizeQuery,
  authorizeUrl,
} from "../support/authorization.ts";
import { ISSUER } from "../support/server.ts";

const shared = await authorizationTest("sqlite", [{ ...APP, client_id: "disabled" }]);
await shared.server.services.store.setClientDisabled("disabled", shared.server.services.now());

describe("RFC 6749 §4.1.2.1 errors before client and redirect URI are known good", () => {
  const rows: readonly (readonly [string, Asked, string, string])[] = [
    [
      "no client",
      { client_id: undefined },
      "invalid_request",
      "the parameter client_id is missing",
    ],
    [
      "an unknown client (message 8)",
      { client_id: "App" },
      "invalid_client",
      "the client doesn't exist",
    ],
    [
      "a disabled client (message 8)",
      { client_id: "disabled" },
      "invalid_client",
      "the client doesn't exist",
    ],
    [
      "two clients",
      { client_id: ["app", "disabled"] },
      "invalid_request",
      "the parameter client_id is repeated",
    ],
    [
      "no redirect_uri",
      { redirect_uri: undefined },
      "invalid_request",
      "Based on the RFC-3986 the redirection-uri is not well formed",
    ],
    [
      "a redirect_uri with a fragment",
      { redirect_uri: "https://app.example/callback#f" },
      "invalid_request",
      "Based on the RFC-3986 the redirection-uri is not well formed",
    ],
    [
      "an open redirect",
      { redirect_uri: "https://evil.example/" },
      "invalid_request",
      "the redirect_uri is not registered for the client",
    ],
    [
      "an open redirect with another fault",
      { redirect_uri: "https://evil.example/", response_type: "x" },
      "invalid_request",
      "the redirect_uri is not registered for the client",
    ],
    [
      "an open redirect with a foreign request_uri",
      { redirect_uri: "https://evil.example/", request_uri: "https://evil.example/r" },
      "invalid_request",
      "the redirect_uri is not registered for the client",
    ],
    [
      "two redirect_uris",
      { redirect_uri: ["https://app.example/callback", "https://evil.example/"] },
      "invalid_request",
      "the parameter redirect_uri is repeated",
    ],
    [
      "a script as redirect_uri",
      { redirect_uri: "javascript:alert(1)" },
      "invalid_request",
      "Based on the RFC-3986 the redirection-uri is not well formed",
    ],
    [
      "a pushed request that nobody pushed",
      { request_uri: "urn:ietf:params:oauth:request_uri:x" },
      "invalid_request_uri",
      "the request_uri is unknown, used or expired",
    ],
  ];
  test.each(rows)("attack 74: %s is a page and goes nowhere", async (_, asked, error, text) => {
    const { server, browser } = shared;
    for (const method of ["GET", "POST"] as const) {
      const address = method === "GET" ? authorizeUrl(asked) : "/authorize";
      const form = method === "POST" && { method, body: authorizeQuery(asked) };
      const page = await browser.open(address, { ...form });
      const afterPush = page.hops.every(({ location }) =>
        location.startsWith(`${ISSUER}/authorize?`),
      );
      expect(afterPush).toBe(true);
      expect([page.status, page.headers.get("location")]).toEqual([400, null]);
      expect(page.headers.get("content-type")).toContain("text/html");
      expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(page.text).toContain(`<code>${error}</code>`);
      expect(page.text).not.toContain("javascript:");
      expect(page.text).not.toMatch(/<meta[^>]+refresh|="https?:\/\/evil/);
    }
    const json = await server.get(authorizeUrl(asked), { accept: "application/json" });
    expect(json.status).toBe(400);
    expect(await json.json()).toMatchObject({ error, error_description: text });
  });

  test("what an attacker writes does not reach the page", async () => {
    const { browser } = await authorizationTest("sqlite");
    const asked = { client_id: "<script>alert(1)</script>", state: "<img src=x>" };
    const page = await browser.open(authorizeUrl(asked));
    expect(page.status).toBe(400);
    expect(page.text).not.toContain("<script>alert");
    expect(page.text).not.toContain("<img src=x");
  });

  test("attack 79: a broken, an endless and a crowded query are refused as the client's fault", async () => {
    const { server } = await authorizationTest("sqlite");
    const queries = [
      "client_id=%zz",
      `client_id=app&state=${"x".repeat(70_000)}`,
      Array.from({ length: 10_000 }, (_, i) => `p${i}=1`).join("&"),
    ];
    for (const query of queries) {
      const response = await server.get(`/authorize?${query}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: "invalid_request" });
    }
  });

  test("another method is 405 with what is allowed", async () => {
    const { server } = await authorizationTest("sqlite");
    const request = new Request("http://localhost/authorize", { method: "DELETE" });
    const response = await server.server.handle(request);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD, POST");
  });
});
