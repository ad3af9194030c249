import { describe, expect, test } from "bun:test";
import { decodeProtectedHeader, type JSONWebKeySet } from "jose";
import { ID_TOKEN_ALGORITHMS } from "../../src/protocol/client_metadata.ts";
import { accessTokenHash } from "../../src/services/id_token.ts";
import { sessionIdFor } from "../../src/services/subjects.ts";
import { DATABASES } from "../support/databases.ts";
import {
  addPerson,
  bodyOf,
  CALLBACK,
  signInAs,
  type Tokens,
  tokensOf,
  verified,
} from "../support/openid.ts";
import { ISSUER, START, testServer } from "../support/server.ts";

const APP = {
  client_id: "app",
  client_secret: "s",
  grant_types: ["authorization_code", "refresh_token", "password"],
  redirect_uris: [CALLBACK],
  scope: "openid profile email offline_access",
};

describe.each(DATABASES)("OpenID Connect Core §2 ID token on %s", (database) => {
  test("a redeemed code gives an ID token with everything the sign-in showed", async () => {
    const server = await testServer({ database });
    await server.addClient(APP);
    const userId = await addPerson(server, { username: "ann" });
    const { session } = await signInAs(server, userId, ["pwd", "otp", "mfa"]);
    server.advance(100);
    const tokens = await tokensOf(server, {
      clientId: "app",
      session,
      scope: ["openid"],
      nonce: "n-0S6_WzA2Mj",
    });
    const { payload, alg } = await verified(server, tokens.id_token, { audience: "app" });
    expect(alg).toBe("RS256");
    expect(payload).toEqual({
      iss: ISSUER,
      sub: userId,
      aud: "app",
      azp: "app",
      iat: START + 100,
      exp: START + 100 + 3600,
      auth_time: START,
      nonce: "n-0S6_WzA2Mj",
      at_hash: accessTokenHash(tokens.access_token, "RS256"),
      amr: ["pwd", "otp", "mfa"],
      acr: "urn:tessera:mfa",
      sid: sessionIdFor("app", session.id, server.services),
    });
  });

  test("a refreshed ID token keeps issuer, subject, audience and auth_time, and has no nonce", async () => {
    const server = await testServer({ database });
    await server.addClient(APP);
    const userId = await addPerson(server, { username: "ann" });
    const { session } = await signInAs(server, userId);
    const scope = ["openid", "offline_access"];
    const first = await tokensOf(server, { clientId: "app", session, scope, nonce: "n" });
    server.advance(1000);
    const response = await server.post(
      "/token",
      { grant_type: "refresh_token", refresh_token: first.refresh_token },
      { basic: ["app", "s"] },
    );
    const { id_token: idToken, access_token: accessToken } = await bodyOf<Tokens>(response);
    const { payload } = await verified(server, idToken, { audience: "app" });
    expect(payload).toEqual({
      iss: ISSUER,
      sub: userId,
      aud: "app",
      azp: "app",
      iat: START + 1000,
      exp: START + 4600,
      auth_time: START,
      at_hash: accessTokenHash(accessToken, "RS256"),
      amr: ["pwd"],
      acr: "urn:tessera:pwd",
      sid: sessionIdFor("app", session.id, server.services),
    });
  });

  test("a refresh that narrows the scope to less than openid gives no ID token", async () => {
    const server = await testServer({ database });
    await server.addClient(APP);
    const { session } = await signInAs(server, await addPerson(server, { username: "ann" }));
    const scope = ["openid", "email"];
    const first = await tokensOf(server, { clientId: "app", session, scope });
    const response = await server.post(
      "/token",
      { grant_type: "refresh_token", refresh_token: first.refresh_token, scope: "email" },
      { basic: ["app", "s"] },
    );
    expect(response.status).toBe(200);
    expect(await response.json()).not.toHaveProperty("id_token");
  });

  test("the password grant gives one with openid, and none without", async () => {
    const server = await testServer({ database });
    await server.addClient(APP);
    const userId = await addPerson(server, { username: "ann", password: "pw" });
    const ask = async (scope: string) => {
      const form = { grant_type: "password", username: "ann", password: "pw", scope };
      return bodyOf<Tokens>(server.post("/token", form, { basic: ["app", "s"] }));
    };
    expect(await ask("email")).not.toHaveProperty("id_token");
    const { id_token: idToken, access_token: accessToken } = await ask("openid");
    const { payload } = await verified(server, idToken, { audience: "app" });
    expect(payload).toEqual({
      iss: ISSUER,
      sub: userId,
      aud: "app",
      azp: "app",
      iat: START,
      exp: START + 3600,
      auth_time: START,
      at_hash: accessTokenHash(accessToken, "RS256"),
      amr: ["pwd"],
      acr: "urn:tessera:pwd",
    });
  });
});

describe("id_token_signed_response_alg", () => {
  test.each(ID_TOKEN_ALGORITHMS)("%s signs with a published key of its own", async (algorithm) => {
    const server = await testServer();
    await server.addClient({ ...APP, id_token_signed_response_alg: algorithm });
    const { session } = await signInAs(server, await addPerson(server, { username: "ann" }));
    const tokens = await tokensOf(server, { clientId: "app", session, scope: ["openid"] });
    const { payload, alg } = await verified(server, tokens.id_token, { audience: "app" });
    expect(alg).toBe(algorithm);
    expect(payload["at_hash"]).toBe(accessTokenHash(tokens.access_token, algorithm));
    const { keys } = await bodyOf<JSONWebKeySet>(server.get("/jwks"));
    const { kid } = decodeProtectedHeader(tokens.id_token);
    expect(keys.find((key) => key.kid === kid)).toMatchObject({
      alg: algorithm,
      use: "sig",
    });
  });
});

describe("accessTokenHash()", () => {
  test("gives the at_hash of OpenID Connect Core Appendix A.3", () => {
    const accessToken = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    expect(accessTokenHash(accessToken, "RS256")).toBe("77QmUPtjPfzWtF2AnpK9RQ");
  });

  test("is half of SHA-512 for EdDSA", () => {
    // printf %s TOKEN | openssl dgst -sha512 -binary | head -c 32 | basenc --base64url
    const accessToken = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    expect(accessTokenHash(accessToken, "EdDSA")).toBe(EDDSA_HASH);
  });
});

const EDDSA_HASH = "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM";

describe("OpenID Connect Core §5.5 claims parameter", () => {
  test("claims of the id_token member come in the ID token, and no others of the user", async () => {
    const server = await testServer();
    await server.addClient(APP);
    const userId = await addPerson(server, {
      username: "ann",
      email: "ann@example.com",
      claims: { name: "Ann", nickname: "An" },
    });
    const { session } = await signInAs(server, userId);
    const { id_token: idToken } = await tokensOf(server, {
      clientId: "app",
      session,
      scope: ["openid", "profile", "email"],
      claims: {
        id_token: { name: { essential: true }, email: null },
        userinfo: { nickname: null },
      },
    });
    const { payload } = await verified(server, idToken, { audience: "app" });
    expect(payload).toMatchObject({ name: "Ann", email: "ann@example.com" });
    expect(payload).not.toHaveProperty("nickname");
    expect(payload).not.toHaveProperty("email_verified");
  });

  test("a user's claims take the place of nothing that the server states", async () => {
    const server = await testServer();
    await server.addClient({ ...APP, scope: "openid iss sub aud exp nonce sid azp" });
    const lies = {
      iss: "https://evil.example",
      sub: "root",
      aud: "other",
      exp: 9_999_999_999,
      nonce: "forged",
      auth_time: 1,
      amr: ["mfa"],
      acr: "urn:tessera:mfa",
      azp: "other",
      sid: "other",
      at_hash: "x",
    };
    const userId = await addPerson(server, { username: "ann", claims: lies });
    const { session } = await signInAs(server, userId);
    const asked = Object.fromEntries(Object.keys(lies).map((name) => [name, { essential: true }]));
    const { id_token: idToken } = await tokensOf(server, {
      clientId: "app",
      session,
      scope: ["openid", "iss", "sub", "nonce"],
      claims: { id_token: asked },
    });
    const { payload } = await verified(server, idToken, { audience: "app" });
    expect(payload).toMatchObject({ iss: ISSUER, sub: userId, aud: "app", exp: START + 3600 });
    expect(payload).toMatchObject({
      acr: "urn:tessera:pwd",
      amr: ["pwd"],
      sid: sessionIdFor("app", session.id, server.services),
    });
    expect(payload).not.toHaveProperty("nonce");
  });
});
