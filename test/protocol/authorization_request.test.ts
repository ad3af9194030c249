import { describe, expect, test } from "bun:test";
import {
  checkAuthorizationRequest,
  checkDestination,
  readAuthorizationParameters,
  recheckAuthorizationRequest,
} from "../../src/protocol/authorization_request.ts";
import type { ClientMetadata } from "../../src/protocol/client_metadata.ts";
import {
  CALLBACK,
  CHALLENGE,
  check,
  client,
  encode,
  refusal,
} from "../support/authorization_request.ts";

describe("checkAuthorizationRequest()", () => {
  test("reads every parameter", () => {
    const request = check(
      {
        scope: "openid email",
        state: "a b&c=d",
        nonce: "n",
        code_challenge: CHALLENGE,
        code_challenge_method: "S256",
        prompt: "login consent login",
        max_age: "60",
        login_hint: "alice@example.com",
        acr_values: "urn:tessera:mfa urn:tessera:pwd",
        ui_locales: "de-CH fr <script>",
        response_mode: "form_post",
        claims: '{"userinfo":{"email":null},"id_token":{"sub":{"value":"alice"}}}',
        unknown: "ignored",
      },
      {},
      "alice",
    );
    expect(request).toEqual({
      clientId: "c",
      redirectUri: CALLBACK,
      responseMode: "form_post",
      scope: ["openid", "email"],
      resource: [],
      state: "a b&c=d",
      nonce: "n",
      codeChallenge: CHALLENGE,
      codeChallengeMethod: "S256",
      prompt: ["login", "consent"],
      maxAge: 60,
      loginHint: "alice@example.com",
      hintedSubject: "alice",
      acrValues: ["urn:tessera:mfa", "urn:tessera:pwd"],
      uiLocales: ["de-CH", "fr"],
      claims: { userinfo: { email: null }, id_token: { sub: { value: "alice" } } },
    });
  });

  test("leaves out what is absent, and takes the client's defaults", () => {
    const defaults = {
      default_scope: "email",
      default_max_age: 300,
      default_acr_values: ["urn:tessera:mfa"],
    };
    expect(check({ scope: undefined, max_age: "", nonce: " " }, defaults)).toEqual({
      clientId: "c",
      redirectUri: CALLBACK,
      responseMode: "query",
      scope: ["email"],
      resource: [],
      prompt: [],
      maxAge: 300,
      acrValues: ["urn:tessera:mfa"],
      uiLocales: [],
    });
  });

  test("takes several resources, each once (RFC 8707 §2)", () => {
    const allowed_resources = ["https://a.example", "https://b.example"];
    const query = `${encode({})}&resource=https://b.example&resource=https://a.example&resource=https://b.example`;
    const { params } = readAuthorizationParameters(query);
    const asker = client({ allowed_resources });
    const destination = checkDestination(params, asker);
    expect(checkAuthorizationRequest(params, asker, { destination }).resource).toEqual([
      "https://b.example",
      "https://a.example",
    ]);
  });

  const plain = { code_challenge_methods: ["S256" as const, "plain" as const] };
  test("takes a plain challenge of a client that registered it", () => {
    expect(check({ code_challenge: CHALLENGE }, plain)).toMatchObject({
      codeChallenge: CHALLENGE,
      codeChallengeMethod: "plain",
    });
  });

  test("two hints of two users contradict each other", () => {
    const claims = '{"id_token":{"sub":{"value":"bob"}}}';
    expect(refusal(() => check({ claims }, {}, "alice"))).toEqual([
      "parameter_malformed",
      "claims",
    ]);
    expect(check({ claims }).hintedSubject).toBe("bob");
  });

  test("keeps of claims what the specification names, and nothing else", () => {
    const claims = JSON.stringify({
      other: { email: null },
      userinfo: { email: { essential: true, purpose: "mail" }, "https://x.example/a#de": null },
      id_token: { acr: { values: ["a", { b: 1 }, 2] }, address: { value: { country: "CH" } } },
    });
    expect(check({ claims }).claims).toEqual({
      userinfo: { email: { essential: true }, "https://x.example/a#de": null },
      id_token: { acr: { values: ["a", 2] }, address: {} },
    });
    expect(({} as { essential?: unknown }).essential).toBeUndefined();
  });
});

describe("readAuthorizationParameters()", () => {
  const repeated = (name: string) =>
    `${encode({ state: "s", nonce: "n", response_mode: "query" })}&${name}=again`;
  test.each(["scope", "nonce", "response_type", "response_mode"])(
    "a repeated %s still tells where the answer goes (RFC 6749 §4.1.2.1)",
    (name) => {
      const { params, fault } = readAuthorizationParameters(repeated(name));
      expect(fault?.code).toBe("parameter_repeated");
      expect(fault?.parameter).toBe(name);
      expect(checkDestination(params, client())).toEqual({
        redirectUri: CALLBACK,
        responseMode: "query",
        state: "s",
      });
    },
  );

  test("a repeated state is not sent back", () => {
    const { params, fault } = readAuthorizationParameters(repeated("state"));
    expect(fault?.code).toBe("parameter_repeated");
    expect(checkDestination(params, client()).state).toBeUndefined();
  });

  test.each(["client_id", "redirect_uri"])("attack 74: a repeated %s goes nowhere", (name) => {
    expect(refusal(() => readAuthorizationParameters(repeated(name)))).toEqual([
      "parameter_repeated",
      name,
    ]);
  });

  test("attack 74: a second redirect_uri in another encoding goes nowhere", () => {
    const query = `${encode({})}&redirect%5Furi=https://evil.example`;
    expect(refusal(() => readAuthorizationParameters(query))[0]).toBe("parameter_repeated");
  });

  test("attack 79: ten thousand parameters are refused at once", () => {
    const query = Array.from({ length: 10_000 }, (_, i) => `p${i}=1`).join("&");
    expect(refusal(() => readAuthorizationParameters(query))[0]).toBe("too_many_parameters");
  });
});

describe("recheckAuthorizationRequest()", () => {
  const stored = () =>
    check({ resource: "https://a.example" }, { allowed_resources: ["https://a.example"] });
  const now = (metadata: ClientMetadata) =>
    refusal(() => recheckAuthorizationRequest(stored(), client(metadata)))[0];
  const allowed_resources = ["https://a.example"];

  test("lets through what is still registered", () => {
    expect(now({ allowed_resources })).toBeUndefined();
  });
  test("refuses what the client has lost meanwhile", () => {
    expect(now({ allowed_resources, scope: "email" })).toBe("scope_refused");
    expect(now({ allowed_resources, response_types: [] })).toBe("response_type_refused");
    expect(now({})).toBe("resource_refused");
  });
});
