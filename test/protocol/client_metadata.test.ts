import { describe, expect, test } from "bun:test";
import { type ClientMetadata, clientView } from "../../src/protocol/client_metadata.ts";
import {
  type Capabilities,
  metadataFaults,
  metadataWarnings,
} from "../../src/protocol/metadata_faults.ts";

const CAN: Capabilities = {
  grantTypes: new Map([
    ["authorization_code", { clients: "any" }],
    ["client_credentials", { clients: "confidential" }],
    ["password", { clients: "any" }],
  ]),
  authMethods: new Set(["client_secret_basic", "none"]),
  privateHosts: ["10.1.2.3", "keys.internal"],
};
const URI = "https://app.example/cb";
/** A key of a kind that we do not verify by; its client may have it for others. */
const SECP256K1 = { kty: "EC", crv: "secp256k1" };

describe("clientView() (RFC 7591 §2 and decisions D3 to D5)", () => {
  test("fills every default", () => {
    expect(clientView({})).toEqual({
      authMethod: "client_secret_basic",
      grantTypes: ["authorization_code"],
      responseTypes: ["code"],
      scopes: [],
      defaultScopes: undefined,
      redirectUris: [],
      resources: [],
      allowedResources: [],
      codeChallengeMethods: ["S256"],
      accessTokenFormat: "at+jwt",
      profile: "oauth",
      requirePkce: false,
      introspectAny: false,
      allowedOrigins: [],
      idTokenAlgorithm: "RS256",
      subjectType: "public",
      postLogoutRedirectUris: [],
    });
  });

  test("an omitted response_types is what the grants imply, an empty one is empty", () => {
    const types = (metadata: ClientMetadata) => clientView(metadata).responseTypes;
    expect(types({ grant_types: ["client_credentials"] })).toEqual([]);
    expect(types({ grant_types: ["password", "authorization_code"] })).toEqual(["code"]);
    expect(types({ response_types: [] })).toEqual([]);
  });

  test("PKCE is obligatory for public clients, and where registered", () => {
    const required = (metadata: ClientMetadata) => clientView(metadata).requirePkce;
    expect(required({ token_endpoint_auth_method: "none" })).toBe(true);
    expect(required({ token_endpoint_auth_method: "none", require_pkce: false })).toBe(true);
    expect(required({ require_pkce: true })).toBe(true);
  });

  test("attack 10: plain is for clients registered for it, and for Challenger's", () => {
    const methods = (metadata: ClientMetadata) => clientView(metadata).codeChallengeMethods;
    expect(methods({ profile: "challenger" })).toEqual(["S256", "plain"]);
    expect(methods({ code_challenge_methods: ["plain"] })).toEqual(["plain"]);
  });

  test("scopes are words, a default may be empty, one resource is a list", () => {
    const view = clientView({ scope: " a  b ", default_scope: "", resource: "https://a.example/" });
    expect([view.scopes, view.defaultScopes, view.resources]).toEqual([
      ["a", "b"],
      [],
      ["https://a.example/"],
    ]);
  });
});

describe("metadataFaults()", () => {
  const faultsOf = (metadata: ClientMetadata) =>
    metadataFaults({ redirect_uris: [URI], ...metadata }, CAN).map(({ field }) => field);

  test("finds none in ordinary metadata", () => {
    expect(faultsOf({})).toEqual([]);
    expect(
      faultsOf({
        grant_types: ["authorization_code", "client_credentials"],
        scope: "a b",
        default_scope: "b",
        allowed_resources: ["https://api.example/"],
        jwks: { keys: [SECP256K1, { kty: "new" }] },
        logo_uri: "https://app.example/logo.png",
      }),
    ).toEqual([]);
  });

  const FAULTY: readonly (readonly [string, ClientMetadata])[] = [
    ["token_endpoint_auth_method", { token_endpoint_auth_method: "tls_client_auth" }],
    ["grant_types", { grant_types: ["implicit"] }],
    ["grant_types", { token_endpoint_auth_method: "none", grant_types: ["client_credentials"] }],
    ["scope", { scope: 'a"' }],
    ["scope", { scope: "a a" }],
    ["scope", { scope: Array.from({ length: 101 }, (_, i) => `s${i}`).join(" ") }],
    ["default_scope", { scope: "a", default_scope: "a b" }],
    ["redirect_uris", { redirect_uris: [] }],
    ["allowed_resources", { allowed_resources: ["https://api.example/#x"] }],
    ["resource", { resource: "api" }],
    ["client_uri", { client_uri: "javascript:alert(1)" }],
    ["jwks_uri", { jwks_uri: "file:///etc/passwd" }],
    ["jwks", { jwks: { keys: [] }, jwks_uri: "https://app.example/jwks" }],
  ];

  test.each(FAULTY)("a fault of %s is found", (field, metadata) => {
    expect(faultsOf(metadata)).toContain(field);
  });

  test.each(["jwks_uri", "sector_identifier_uri", "backchannel_logout_uri"])(
    "attack 77: %s must be one that we would fetch",
    (field) => {
      const faultOf = (uri: string) =>
        metadataFaults({ redirect_uris: [URI], [field]: uri }, CAN).map(({ fault }) => fault);
      for (const uri of [
        "https://app.example/x",
        "http://127.0.0.1:8080/x",
        "http://[::1]/x",
        "http://localhost/x",
        "http://10.1.2.3/x",
        "https://10.1.2.3/x",
        "https://127.0.0.1/x",
        "https://192.0.1.1/x",
        "https://[2606:4700::1]/x",
        "http://keys.internal:8080/x",
      ]) {
        expect([uri, ...faultOf(uri)]).toEqual([uri]);
      }
      for (const [uri, fault] of [
        ["http://app.example/x", "plain http to another machine"],
        ["http://10.1.2.4/x", "plain http to another machine"],
        ["http://keys.internal.example/x", "plain http to another machine"],
        ["http://localhost.example/x", "plain http to another machine"],
        ["https://169.254.169.254/x", "a private address"],
        ["https://10.1.2.4/x", "a private address"],
        ["https://0xa010204/x", "a private address"],
        ["https://[fd00::1]/x", "a private address"],
        ["https://[::ffff:10.1.2.4]/x", "a private address"],
        ["https://u:p@app.example/x", "must not hold a user name or password"],
        ["https://:80/x", "is not an http or https address"],
        ["ftp://app.example/x", "is not an http or https address"],
      ] as const) {
        expect([uri, ...faultOf(uri)]).toEqual([uri, expect.stringContaining(fault)]);
      }
    },
  );

  test.each([
    "javascript:alert(1)",
    "data:text/html,x",
    `${URI}#`,
    "/cb",
    "https://u:p@app.example/",
  ])("attack 6: the redirect URI %s is a fault", (uri) => {
    expect(faultsOf({ redirect_uris: [URI, uri] })).toEqual(["redirect_uris"]);
  });
});

describe("metadataWarnings()", () => {
  test("tells of codes that travel in clear, and of nothing else", () => {
    const uris = ["http://app.example/cb", URI, "http://127.0.0.1/cb", "javascript:x"];
    const warnings = metadataWarnings({ redirect_uris: uris });
    expect(warnings.map(({ fault }) => fault)).toEqual([
      "holds http://app.example/cb: codes travel there in clear",
    ]);
    expect(metadataWarnings({})).toEqual([]);
  });
});
