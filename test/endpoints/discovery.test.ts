import { describe, expect, test } from "bun:test";
import * as oauth from "oauth4webapi";
import { DPOP_ALGORITHMS } from "../../src/protocol/dpop.ts";
import { METADATA_PATHS, serverMetadata } from "../../src/protocol/server_metadata.ts";
import { JWT_BEARER, strangeServer } from "../plugins/strange_server.ts";
import { ISSUER, testServer } from "../support/server.ts";

const WELL_KNOWN = "/.well-known/oauth-authorization-server";

// At the top of the file, where servers stay open until the file ends.
const server = await testServer();
const strange = await strangeServer("sqlite");
const mounted = await testServer({ issuer: "https://id.example/auth" });

type Metadata = Record<string, unknown>;

describe("RFC 8414 §2 authorization server metadata", () => {
  test("states what is registered, and nothing else", async () => {
    const response = await server.get(WELL_KNOWN);
    expect(response.headers.get("content-type")).toStartWith("application/json");
    expect(response.headers.get("cache-control")).toBe("public, max-age=300");
    const confidential = [
      "client_secret_basic",
      "client_secret_post",
      "client_secret_jwt",
      "private_key_jwt",
      "tls_client_auth",
      "self_signed_tls_client_auth",
    ];
    const methods = [...confidential, "none"];
    const signing = [
      ...["HS256", "HS384", "HS512", "ES256", "ES384", "ES512", "RS256", "RS384", "RS512"],
      ...["PS256", "PS384", "PS512", "EdDSA", "Ed25519"],
    ];
    const { claims_supported: claims, ...metadata } = (await response.json()) as Metadata;
    expect(claims).toEqual(expect.arrayContaining(["sub", "email", "auth_time", "acr", "amr"]));
    const algorithms = ["RS256", "PS256", "ES256", "EdDSA"];
    expect(metadata).toEqual({
      issuer: ISSUER,
      token_endpoint: `${ISSUER}/token`,
      token_endpoint_auth_methods_supported: methods,
      revocation_endpoint: `${ISSUER}/token/revoke`,
      revocation_endpoint_auth_methods_supported: methods,
      introspection_endpoint: `${ISSUER}/introspect`,
      introspection_endpoint_auth_methods_supported: confidential,
      token_endpoint_auth_signing_alg_values_supported: signing,
      revocation_endpoint_auth_signing_alg_values_supported: signing,
      introspection_endpoint_auth_signing_alg_values_supported: signing,
      token_endpoint_auth_encryption_alg_values_supported: [
        ...["dir", "A128KW", "A256KW", "A256GCMKW"],
        ...["RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"],
      ],
      token_endpoint_auth_encryption_enc_values_supported: [
        "A128CBC-HS256",
        "A256CBC-HS512",
        "A128GCM",
        "A256GCM",
      ],
      jwks_uri: `${ISSUER}/jwks`,
      grant_types_supported: [
        "password",
        "client_credentials",
        "refresh_token",
        "authorization_code",
        "uma_ticket",
        "urn:ietf:params:oauth:grant-type:uma-ticket",
      ],
      authorization_endpoint: `${ISSUER}/authorize`,
      pushed_authorization_request_endpoint: `${ISSUER}/par`,
      require_pushed_authorization_requests: false,
      authorization_response_iss_parameter_supported: true,
      response_types_supported: ["code"],
      response_modes_supported: ["query", "fragment", "form_post"],
      code_challenge_methods_supported: ["S256"],
      prompt_values_supported: ["none", "login", "consent", "select_account"],
      acr_values_supported: ["urn:tessera:pwd", "urn:tessera:mfa"],
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      claims_parameter_supported: true,
      userinfo_endpoint: `${ISSUER}/userinfo`,
      dpop_signing_alg_values_supported: DPOP_ALGORITHMS,
      tls_client_certificate_bound_access_tokens: true,
      end_session_endpoint: `${ISSUER}/logout`,
      scopes_supported: [
        "openid",
        "offline_access",
        "profile",
        "email",
        "phone",
        "address",
        "role",
      ],
      claim_types_supported: ["normal"],
      subject_types_supported: ["public", "pairwise"],
      id_token_signing_alg_values_supported: algorithms,
      userinfo_signing_alg_values_supported: algorithms,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      ui_locales_supported: ["en", "de", "fr"],
      service_documentation: `${ISSUER}/docs`,
    });
  });

  test("is the OpenID provider's metadata too: one document under two names", async () => {
    const [oauth2, openid] = await Promise.all(
      METADATA_PATHS.map(async (path) => (await server.get(path)).json()),
    );
    expect(openid).toEqual(oauth2);
  });

  test("names the registration endpoint only where clients may register", async () => {
    const open = await testServer({ settings: { registration: "token" } });
    const metadata = (await (await open.get(WELL_KNOWN)).json()) as Metadata;
    expect(metadata["registration_endpoint"]).toBe(`${ISSUER}/register`);
    await open.close();
  });

  test("has a stranger's grant and a stranger's method", async () => {
    const metadata = (await (await strange.get(WELL_KNOWN)).json()) as Metadata;
    expect(metadata["grant_types_supported"]).toContain(JWT_BEARER);
    for (const endpoint of ["token", "revocation", "introspection"]) {
      expect(metadata[`${endpoint}_endpoint_auth_methods_supported`]).toContain("api_key");
    }
  });

  test("every endpoint it states is there", async () => {
    const metadata = (await (await server.get(WELL_KNOWN)).json()) as Metadata;
    for (const [name, address] of Object.entries(metadata)) {
      if (!/_(endpoint|uri|documentation)$/.test(name)) continue;
      expect((await server.get(new URL(String(address)).pathname)).status, name).not.toBe(404);
    }
  });

  test("leaves out lists without elements (§3.2)", () => {
    const nothing = { grantTypes: [], authAlgorithms: [], uiLocales: [], registration: false };
    const metadata: Metadata = serverMetadata({
      issuer: ISSUER,
      authMethods: ["none"],
      ...nothing,
    });
    expect(metadata).not.toHaveProperty("ui_locales_supported");
    expect(metadata).not.toHaveProperty("registration_endpoint");
    expect(metadata).not.toHaveProperty("grant_types_supported");
    expect(Object.keys(metadata).filter((name) => /_(alg|enc)_values/.test(name))).toEqual([
      "id_token_signing_alg_values_supported",
      "userinfo_signing_alg_values_supported",
      "dpop_signing_alg_values_supported",
    ]);
    expect(metadata).not.toHaveProperty("introspection_endpoint_auth_methods_supported");
    expect(metadata["token_endpoint_auth_methods_supported"]).toEqual(["none"]);
  });

  test("comes from the configured issuer, whatever Host or forwarding header a request has", async () => {
    const headers = { Host: "evil.example", "X-Forwarded-Host": "evil.example" };
    const request = new Request(`http://evil.example${WELL_KNOWN}`, { headers });
    expect(await (await server.server.handle(request)).text()).not.toContain("evil");
  });

  test("is what a client library takes", async () => {
    const issuer = new URL(ISSUER);
    const response = await oauth.discoveryRequest(issuer, {
      algorithm: "oauth2",
      [oauth.allowInsecureRequests]: true,
      [oauth.customFetch]: (url, { headers }) => server.get(new URL(url).pathname, headers),
    });
    const metadata = await oauth.processDiscoveryResponse(issuer, response);
    expect(metadata.token_endpoint).toBe(`${ISSUER}/token`);
  });
});

describe("RFC 8414 §3 address of the metadata", () => {
  test("an issuer's path follows the well-known name, as a client library asks for it", async () => {
    const issuer = new URL("https://id.example/auth");
    let asked = "";
    const response = await oauth.discoveryRequest(issuer, {
      algorithm: "oauth2",
      [oauth.customFetch]: (url, { headers }) => {
        asked = new URL(url).pathname;
        return mounted.get(asked, headers);
      },
    });
    expect(asked).toBe("/.well-known/oauth-authorization-server/auth");
    const metadata = await oauth.processDiscoveryResponse(issuer, response);
    expect(metadata.jwks_uri).toBe("https://id.example/auth/jwks");
  });

  test.each([
    "/.well-known/oauth-authorization-server/auth?fresh=1",
    "/auth/.well-known/oauth-authorization-server",
    WELL_KNOWN,
  ])("%s leads there too, since a proxy may have rewritten the path", async (path) => {
    const response = await mounted.get(path);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ issuer: "https://id.example/auth" });
  });

  test.each(["/.well-known/oauth-authorization-server/other", "/authx/jwks", "/auth/auth/jwks"])(
    "%s is unknown",
    async (path) => expect((await mounted.get(path)).status).toBe(404),
  );

  test("the endpoints answer under that path", async () => {
    expect((await mounted.get("/auth/jwks")).status).toBe(200);
    expect((await mounted.post("/auth/token", {})).status).toBe(400);
    expect((await mounted.get("/auth/token")).status).toBe(405);
  });
});
