import { describe, expect, test } from "bun:test";
import type { ErrorCode } from "../../src/protocol/catalogue.ts";
import type { ClientMetadata } from "../../src/protocol/client_metadata.ts";
import { CHALLENGE, check, type Query, refusal } from "../support/authorization_request.ts";

describe("checkAuthorizationRequest()", () => {
  const plain = { code_challenge_methods: ["S256" as const, "plain" as const] };
  const rows: readonly (readonly [string, Query, ClientMetadata, ErrorCode, string | undefined])[] =
    [
      [
        "response_type is absent",
        { response_type: undefined },
        {},
        "parameter_missing",
        "response_type",
      ],
      [
        "response_type is token",
        { response_type: "token" },
        {},
        "response_type_unsupported",
        "response_type",
      ],
      [
        "response_type is a hybrid",
        { response_type: "code id_token" },
        {},
        "response_type_unsupported",
        "response_type",
      ],
      [
        "the client may not use code (message 23)",
        {},
        { response_types: [] },
        "response_type_refused",
        undefined,
      ],
      [
        "the client has no grant for codes (message 23)",
        {},
        { grant_types: ["client_credentials"] },
        "response_type_refused",
        undefined,
      ],
      [
        "the client could not redeem the code (message 22)",
        {},
        { grant_types: [], response_types: ["code"] },
        "grant_type_refused",
        undefined,
      ],
      [
        "response_mode is unknown",
        { response_mode: "web_message" },
        {},
        "response_mode_unsupported",
        "response_mode",
      ],
      [
        "scope is absent and has no default (message 4)",
        { scope: undefined },
        {},
        "scope_missing",
        "scope",
      ],
      [
        "a scope is not the client's (message 21)",
        { scope: "openid admin" },
        {},
        "scope_refused",
        "scope",
      ],
      ["a scope is repeated", { scope: "openid openid" }, {}, "scope_repeated", "scope"],
      ["a scope's letter case differs", { scope: "OpenID" }, {}, "scope_refused", "scope"],
      [
        "a resource is not the client's",
        { resource: "https://api.example" },
        {},
        "resource_refused",
        "resource",
      ],
      [
        "a resource has a fragment",
        { resource: "https://a.example#x" },
        { allowed_resources: ["https://a.example#x"] },
        "resource_refused",
        "resource",
      ],
      [
        "a resource is relative",
        { resource: "/api" },
        { allowed_resources: ["/api"] },
        "resource_refused",
        "resource",
      ],
      [
        "a public client sends no challenge",
        {},
        { token_endpoint_auth_method: "none" },
        "pkce_required",
        "code_challenge",
      ],
      [
        "a client with require_pkce sends no challenge",
        {},
        { require_pkce: true },
        "pkce_required",
        "code_challenge",
      ],
      [
        "a challenge without method means plain",
        { code_challenge: CHALLENGE },
        {},
        "parameter_malformed",
        "code_challenge_method",
      ],
      [
        "attack 10: plain is not registered",
        { code_challenge: CHALLENGE, code_challenge_method: "plain" },
        {},
        "parameter_malformed",
        "code_challenge_method",
      ],
      [
        "the method is unknown",
        { code_challenge: CHALLENGE, code_challenge_method: "s256" },
        plain,
        "parameter_malformed",
        "code_challenge_method",
      ],
      [
        "a method without challenge",
        { code_challenge_method: "S256" },
        {},
        "parameter_missing",
        "code_challenge",
      ],
      [
        "a challenge in padded base64",
        { code_challenge: `${CHALLENGE}=`, code_challenge_method: "S256" },
        {},
        "parameter_malformed",
        "code_challenge",
      ],
      [
        "a plain challenge that no verifier could be",
        { code_challenge: "short" },
        plain,
        "parameter_malformed",
        "code_challenge",
      ],
      [
        "attack 77: request is refused and not read",
        { request: "e30.e30." },
        {},
        "request_object_unsupported",
        "request",
      ],
      [
        "attack 77: request_uri is refused and not fetched",
        { request_uri: "http://169.254.169.254/" },
        {},
        "request_uri_unsupported",
        "request_uri",
      ],
      [
        "claims asks for too many",
        {
          claims: JSON.stringify({
            userinfo: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`c${i}`, null])),
          }),
        },
        {},
        "parameter_malformed",
        "claims",
      ],
    ];
  test.each(rows)("refuses: %s", (_, query, metadata, code, parameter) => {
    expect(refusal(() => check(query, metadata))).toEqual([code, parameter]);
  });

  const malformed: readonly (readonly [string, string, string])[] = [
    ["prompt is unknown", "prompt", "create"],
    ["prompt=none is combined", "prompt", "none login"],
    ["max_age is negative", "max_age", "-1"],
    ["max_age is no number", "max_age", "1e3"],
    ["max_age is too large", "max_age", "99999999999"],
    ["state is too long", "state", "x".repeat(4097)],
    ["nonce is too long", "nonce", "x".repeat(1025)],
    ["login_hint is too long", "login_hint", "x".repeat(1025)],
    ["claims is no JSON", "claims", "{"],
    ["claims is a list", "claims", "[]"],
    ["claims names no objects", "claims", '{"userinfo":"email"}'],
    ["claims asks by a number", "claims", '{"id_token":{"email":1}}'],
    ["claims says essential by a word", "claims", '{"id_token":{"email":{"essential":"yes"}}}'],
    ["claims names values by a word", "claims", '{"id_token":{"acr":{"values":"urn:x"}}}'],
    ["claims is too long", "claims", `{"x":"${"y".repeat(8192)}"}`],
    [
      "attack 80: claims reaches for the prototype",
      "claims",
      '{"userinfo":{"__proto__":{"essential":true}}}',
    ],
    [
      "attack 80: claims reaches for the constructor",
      "claims",
      '{"id_token":{"constructor":null}}',
    ],
    ["attack 80: claims is nested deeply", "claims", "[".repeat(8000)],
    ["a control character", "nonce", "a\u0000b"],
  ];
  test.each(malformed)("refuses as malformed: %s", (_, parameter, value) => {
    expect(refusal(() => check({ [parameter]: value }))).toEqual([
      "parameter_malformed",
      parameter,
    ]);
  });

  test.each([
    ["one character short", CHALLENGE.slice(1)],
    ["in padded base64", `${CHALLENGE}=`],
  ])("refuses a challenge %s", (_, code_challenge) => {
    const query = { code_challenge, code_challenge_method: "S256" };
    expect(refusal(() => check(query))).toEqual(["parameter_malformed", "code_challenge"]);
  });
});
