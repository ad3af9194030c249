import { describe, expect, test } from "bun:test";
import {
  type Asked,
  answerOf,
  authorizationTest,
  authorizeQuery,
  authorizeUrl,
} from "../support/authorization.ts";
import { ISSUER } from "../support/server.ts";

const CLIENTS = [
  { client_id: "spa", redirect_uris: ["https://app.example/callback"], scope: "openid" },
  {
    client_id: "no-code",
    client_secret: "s",
    redirect_uris: ["https://app.example/callback"],
    scope: "openid",
    response_types: [],
  },
  {
    client_id: "par-only",
    client_secret: "s",
    redirect_uris: ["https://app.example/callback"],
    scope: "openid",
    require_pushed_authorization_requests: true,
  },
];

const shared = await authorizationTest("sqlite", CLIENTS);

describe("RFC 6749 §4.1.2.1 errors that the client is told", () => {
  const long = "x".repeat(5_000);
  const rows: readonly (readonly [string, Asked, string, string])[] = [
    [
      "response_type is absent",
      { response_type: undefined },
      "invalid_request",
      "the parameter response_type is missing",
    ],
    [
      "response_type is token",
      { response_type: "token" },
      "unsupported_response_type",
      "the response_type must be code",
    ],
    [
      "the client may not use code (message 23)",
      { client_id: "no-code" },
      "unauthorized_client",
      "the client 'no-code' doesn't support the response type: 'code'",
    ],
    [
      "a scope is not allowed (message 21)",
      { scope: "openid admin root" },
      "invalid_scope",
      "the scopes admin,root are not allowed or invalid",
    ],
    [
      "scope is absent (message 4)",
      { scope: undefined },
      "invalid_request",
      "the parameter scope is missing",
    ],
    [
      "a public client without PKCE",
      { client_id: "spa" },
      "invalid_request",
      "the client spa requires PKCE",
    ],
    [
      "attack 10: a plain challenge",
      { code_challenge: "x".repeat(43), code_challenge_method: "plain" },
      "invalid_request",
      "the parameter code_challenge_method is malformed",
    ],
    [
      "attack 58: a resource that is not allowed",
      { resource: "https://other.example" },
      "invalid_target",
      "the resource is not well formed, or not one the client may ask for",
    ],
    [
      "attack 77: request",
      { request: "x.y.z" },
      "request_not_supported",
      "the parameter request is not supported",
    ],
    [
      "attack 77: request_uri",
      { request_uri: "http://127.0.0.1:1/x" },
      "request_uri_not_supported",
      "the request_uri must be one that /par gave",
    ],
    [
      "a client that must push",
      { client_id: "par-only" },
      "invalid_request",
      "the client must push its authorization requests",
    ],
    [
      "a repeated parameter",
      { nonce: ["a", "b"] },
      "invalid_request",
      "the parameter nonce is repeated",
    ],
    [
      "response_mode is unknown",
      { response_mode: "web_message" },
      "invalid_request",
      "the response_mode must be query, fragment or form_post",
    ],
    [
      "nobody is signed in, silently",
      { prompt: "none" },
      "login_required",
      "the user must sign in",
    ],
    ["a nonce without end", { nonce: long }, "invalid_request", "the parameter nonce is malformed"],
    [
      "a hint that is no ID token",
      { id_token_hint: "x" },
      "invalid_request",
      "the parameter id_token_hint is malformed",
    ],
  ];
  test.each(rows)("attack 73: %s, with state and iss", async (_, asked, error, text) => {
    const { browser } = shared;
    const expected = { error, error_description: text, state: "st", iss: ISSUER };
    const got = await browser.open(authorizeUrl(asked));
    expect(answerOf(got)).toEqual(expected);
    const posted = { method: "POST", crossSite: true, body: authorizeQuery(asked) } as const;
    const page = await browser.open("/authorize", posted);
    expect(answerOf(page)).toEqual(expected);
    // Attack 75: no status but 303 leads anywhere.
    expect([...got.hops, ...page.hops].every(({ status }) => status === 303)).toBe(true);
  });

  test("a state that is too long does not come back", async () => {
    const { browser } = await authorizationTest("sqlite");
    const answer = answerOf(await browser.open(authorizeUrl({ state: long })));
    expect(answer.error_description).toBe("the parameter state is malformed");
    expect(answer.state).toBeUndefined();
  });

  test("attack 83: a fault of ours is server_error, and nothing of it is told", async () => {
    const { server, browser, signIn, agree } = await authorizationTest("sqlite");
    await signIn();
    await agree(["openid"]);
    const { store } = server.services;
    Object.assign(store, { insertCode: () => Promise.reject(new Error("disk /var/secret full")) });
    const answer = answerOf(await browser.open(authorizeUrl()));
    expect(answer).toMatchObject({ error: "server_error", state: "st", iss: ISSUER });
    expect(JSON.stringify(answer)).not.toContain("secret");
    expect(server.log.some(({ event }) => event === "request.failed")).toBe(true);
  });

  test("a refusal is audited under its client", async () => {
    const { server, browser } = await authorizationTest("sqlite");
    await browser.open(authorizeUrl({ scope: "admin" }));
    const [row] = await server.services.store.listAuditRows(1);
    expect(row).toMatchObject({
      event: "request.refused",
      clientId: "app",
      details: { code: "scope_refused" },
    });
  });
});
