import { describe, expect, test } from "bun:test";
import { decodeProtectedHeader, type JSONWebKeySet } from "jose";
import type { ClientMetadata } from "../../src/protocol/client_metadata.ts";
import { DATABASES } from "../support/databases.ts";
import { addPerson, bodyOf, CALLBACK, signInAs, tokensOf, verified } from "../support/openid.ts";
import { ISSUER, type TestServer, testServer } from "../support/server.ts";

const OPENID = "/.well-known/openid-configuration";
const OAUTH = "/.well-known/oauth-authorization-server";

type Document = Record<string, unknown>;

const documentAt = (server: TestServer, path: string) => bodyOf<Document>(server.get(path));

/** The members of the document that hold addresses below the issuer. */
function endpointsOf(document: Document): readonly (readonly [string, string])[] {
  return Object.entries(document).flatMap(([name, value]) =>
    /(_endpoint|_uri|service_documentation)$/.test(name) ? [[name, String(value)] as const] : [],
  );
}

describe.each(DATABASES)("OpenID Connect Discovery §3 on %s", (database) => {
  test("every endpoint that is advertised answers", async () => {
    const server = await testServer({ database, settings: { registration: "open" } });
    const document = await documentAt(server, OPENID);
    const endpoints = endpointsOf(document);
    expect(endpoints.map(([name]) => name).sort()).toEqual([
      "authorization_endpoint",
      "end_session_endpoint",
      "introspection_endpoint",
      "jwks_uri",
      "pushed_authorization_request_endpoint",
      "registration_endpoint",
      "revocation_endpoint",
      "service_documentation",
      "token_endpoint",
      "userinfo_endpoint",
    ]);
    for (const [name, address] of endpoints) {
      expect(address, name).toStartWith(`${ISSUER}/`);
      const path = address.slice(ISSUER.length);
      const statuses = [(await server.get(path)).status, (await server.post(path, "")).status];
      expect(statuses, `${name} ${path}`).not.toContain(404);
      expect(Math.max(...statuses), `${name} ${path}`).toBeLessThan(500);
    }
  });
});

describe("OpenID Connect Discovery §3 provider metadata", () => {
  test("says what this server does, and is the RFC 8414 document too", async () => {
    const server = await testServer();
    const response = await server.get(OPENID);
    expect(response.headers.get("cache-control")).toBe("public, max-age=300");
    const document = await bodyOf<Document>(response);
    expect(await documentAt(server, OAUTH)).toEqual(document);
    expect(document).toMatchObject({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      pushed_authorization_request_endpoint: `${ISSUER}/par`,
      token_endpoint: `${ISSUER}/token`,
      userinfo_endpoint: `${ISSUER}/userinfo`,
      end_session_endpoint: `${ISSUER}/logout`,
      jwks_uri: `${ISSUER}/jwks`,
      response_types_supported: ["code"],
      response_modes_supported: ["query", "fragment", "form_post"],
      prompt_values_supported: ["none", "login", "consent", "select_account"],
      subject_types_supported: ["public", "pairwise"],
      code_challenge_methods_supported: ["S256"],
      acr_values_supported: ["urn:tessera:pwd", "urn:tessera:mfa"],
      ui_locales_supported: ["en", "de", "fr"],
      claims_parameter_supported: true,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      authorization_response_iss_parameter_supported: true,
      scopes_supported: [
        "openid",
        "offline_access",
        "profile",
        "email",
        "phone",
        "address",
        "role",
      ],
    });
  });

  test("lists the grants and methods that are registered, and no registration that is off", async () => {
    const server = await testServer();
    const document = await documentAt(server, OPENID);
    const { grants, clientAuth } = server.server.registry;
    expect(document["grant_types_supported"]).toEqual([...grants.keys()]);
    expect(document["token_endpoint_auth_methods_supported"]).toEqual([...clientAuth.keys()]);
    expect(document).not.toHaveProperty("registration_endpoint");
    expect((await server.post("/register", "")).status).not.toBe(200);
  });

  test("every algorithm that is listed signs ID tokens and userinfo, by a key that is published", async () => {
    const server = await testServer();
    const document = await documentAt(server, OPENID);
    const userId = await addPerson(server, { username: "ann" });
    const { session } = await signInAs(server, userId);
    const { keys } = await bodyOf<JSONWebKeySet>(server.get("/jwks"));
    const idTokens = document["id_token_signing_alg_values_supported"];
    expect(document["userinfo_signing_alg_values_supported"]).toEqual(idTokens);
    const algorithms = [idTokens].flat().map(String);
    expect(algorithms.toSorted()).toEqual(["ES256", "EdDSA", "PS256", "RS256"]);
    const signing = keys.filter(({ use }) => use === "sig").map(({ alg }) => String(alg));
    expect(algorithms.toSorted()).toEqual(signing.sort());
    for (const algorithm of algorithms) {
      const alg = algorithm as NonNullable<ClientMetadata["id_token_signed_response_alg"]>;
      await server.addClient({
        client_id: alg,
        client_secret: "s",
        redirect_uris: [CALLBACK],
        scope: "openid",
        id_token_signed_response_alg: alg,
        userinfo_signed_response_alg: alg,
      });
      const tokens = await tokensOf(server, { clientId: alg, session, scope: ["openid"] });
      const bearer = { Authorization: `Bearer ${tokens.access_token}` };
      const userinfo = await (await server.get("/userinfo", bearer)).text();
      for (const jwt of [tokens.id_token, userinfo]) {
        expect((await verified(server, jwt, { audience: alg })).alg).toBe(alg);
        expect(keys.map(({ kid }) => kid)).toContain(decodeProtectedHeader(jwt).kid);
      }
    }
  });

  test("every claim that is listed can be had, from the ID token or from userinfo", async () => {
    const server = await testServer();
    const document = await documentAt(server, OPENID);
    const claims = [document["claims_supported"]].flat().map(String);
    const facts = Object.fromEntries(claims.map((name) => [name, `my ${name}`]));
    const userId = await addPerson(server, {
      username: "ann",
      email: "ann@example.com",
      phone_number: "+4930123456",
      claims: facts,
    });
    const scope = [document["scopes_supported"]].flat().map(String);
    await server.addClient({
      client_id: "app",
      client_secret: "s",
      redirect_uris: [CALLBACK],
      scope: scope.join(" "),
    });
    const { session } = await signInAs(server, userId);
    const tokens = await tokensOf(server, { clientId: "app", session, scope, nonce: "n" });
    const { payload } = await verified(server, tokens.id_token, { audience: "app" });
    const bearer = { Authorization: `Bearer ${tokens.access_token}` };
    const userinfo = await bodyOf<Document>(server.get("/userinfo", bearer));
    const had = new Set([...Object.keys(payload), ...Object.keys(userinfo)]);
    expect(claims.filter((name) => !had.has(name))).toEqual([]);
  });

  test("attack 73: the issuer of tokens and documents is one, byte for byte", async () => {
    const issuer = "https://id.example/tenant/one";
    const server = await testServer({ issuer });
    await server.addClient({
      client_id: "app",
      client_secret: "s",
      redirect_uris: [CALLBACK],
      scope: "openid",
    });
    const { session } = await signInAs(server, await addPerson(server, { username: "ann" }));
    const { id_token: idToken } = await tokensOf(server, {
      clientId: "app",
      session,
      scope: ["openid"],
    });
    const document = await documentAt(server, OPENID);
    expect(document["issuer"]).toBe(issuer);
    expect(document["authorization_response_iss_parameter_supported"]).toBe(true);
    expect((await verified(server, idToken, { audience: "app" })).payload.iss).toBe(issuer);
  });
});

describe("issuers with a path", () => {
  const issuer = "https://id.example/tenant";

  test.each([
    `/tenant${OPENID}`, // OpenID Connect Discovery §4.1: appended
    `${OAUTH}/tenant`, // RFC 8414 §3.1: inserted
    `${OPENID}/tenant`, // RFC 8414 §5: inserted, for clients that go by its rule
    `/tenant${OAUTH}`,
    OPENID, // a proxy has removed the path
  ])("the document is at %s", async (path) => {
    const server = await testServer({ issuer });
    const document = await documentAt(server, path);
    expect(document["issuer"]).toBe(issuer);
    for (const [, address] of endpointsOf(document)) expect(address).toStartWith(`${issuer}/`);
  });

  test.each([`${OPENID}/other`, `/other${OPENID}`, `${OAUTH}/tenant/more`])(
    "there is none at %s",
    async (path) => {
      const server = await testServer({ issuer });
      expect((await server.get(path)).status).toBe(404);
    },
  );
});
