/** The server as `oauth4webapi` sees it: a strict client library on the other side of a socket. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { DATABASES } from "../support/databases.ts";
import { application, insecure } from "./oauth4webapi_application.ts";
import {
  API,
  AWKWARD,
  awkwardId,
  failure,
  NATIVE_REDIRECT,
  populatedServer,
  SECRET,
  secretsIn,
  WEB_REDIRECT,
} from "./parties.ts";

setDefaultTimeout(120_000);

const METHODS = { basic: oauth.ClientSecretBasic, post: oauth.ClientSecretPost } as const;

const servers = await onEachDatabase((database) => populatedServer({ database }));
const apps = {
  sqlite: await application(servers.sqlite),
  postgres: await application(servers.postgres),
};

describe.each(DATABASES)("oauth4webapi against a server on %s", (database) => {
  const server = servers[database];
  const app = apps[database];
  const { as } = app;

  test("RFC 8414: the metadata names every endpoint under the issuer", () => {
    expect(as).toMatchObject({
      issuer: server.issuer,
      token_endpoint: `${server.issuer}/token`,
      revocation_endpoint: `${server.issuer}/token/revoke`,
      introspection_endpoint: `${server.issuer}/introspect`,
      jwks_uri: `${server.issuer}/jwks`,
      code_challenge_methods_supported: ["S256"],
    });
  });

  describe.each(Object.entries(METHODS))(
    "client credentials by client_secret_%s",
    (name, method) => {
      test.each(Object.entries({ plain: SECRET, ...AWKWARD }))(
        "attack 35: id and secret with %s arrive as they are",
        async (kind, secret) => {
          const tokens = await app.clientCredentials(awkwardId(name, kind), method(secret));
          expect(tokens).toMatchObject({
            token_type: "bearer",
            expires_in: 3600,
            scope: "api:read",
          });
          expect(tokens.refresh_token).toBeUndefined();
        },
      );
    },
  );

  test("a wrong secret by Basic is the library's challenge error with our 401", async () => {
    const wrong = app.clientCredentials(
      awkwardId("basic", "plain"),
      oauth.ClientSecretBasic("wrong"),
    );
    const error = await failure(wrong);
    if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
    expect(error.status).toBe(401);
    expect(error.cause).toEqual([
      { scheme: "basic", parameters: { realm: server.issuer, charset: "UTF-8" } },
    ]);
    expect(await error.response.json()).toMatchObject({
      error: "invalid_client",
      error_description: "the client cannot be authenticated with secret basic",
    });
  });

  test.each([
    [
      "a wrong secret in the body",
      { id: awkwardId("post", "plain"), secret: "wrong", scope: "api:read" },
      ["invalid_client", "the client cannot be authenticated with secret post"],
    ],
    [
      "an unknown client",
      { id: "nobody", secret: "wrong", scope: "api:read" },
      ["invalid_client", "the client doesn't exist"],
    ],
    [
      "a scope beyond the registered ones",
      { id: awkwardId("post", "plain"), secret: SECRET, scope: "admin" },
      ["invalid_scope", "the scopes admin are not allowed or invalid"],
    ],
  ])(
    "%s is the library's ResponseBodyError with our words",
    async (_name, asked, [code, words]) => {
      const auth = oauth.ClientSecretPost(asked.secret);
      const error = await failure(app.clientCredentials(asked.id, auth, { scope: asked.scope }));
      if (!(error instanceof oauth.ResponseBodyError)) throw error;
      expect([error.status, error.error, error.error_description]).toEqual([400, code, words]);
    },
  );

  test("RFC 9068: the access token is verified by the published keys, for its resource", async () => {
    const id = awkwardId("basic", "plain");
    const { access_token: token } = await app.clientCredentials(
      id,
      oauth.ClientSecretBasic(SECRET),
      {
        scope: "api:read",
        resource: API,
      },
    );
    const keys = createRemoteJWKSet(new URL(`${as.jwks_uri}`));
    const rules = { issuer: server.issuer, audience: API, typ: "at+jwt", algorithms: ["ES256"] };
    const { payload } = await jwtVerify(token, keys, rules);
    expect(payload).toMatchObject({ sub: id, client_id: id, scope: "api:read" });
    expect(payload.jti).toBeString();
    const elsewhere = jwtVerify(token, keys, { ...rules, audience: server.issuer });
    expect(await failure(elsewhere)).toMatchObject({ code: "ERR_JWT_CLAIM_VALIDATION_FAILED" });

    const request = new Request(API, { headers: { Authorization: `Bearer ${token}` } });
    const claims = await oauth.validateJwtAccessToken(as, request, API, insecure);
    expect(claims).toMatchObject({ iss: server.issuer, aud: API, client_id: id });
  });

  const APPLICATIONS: [string, string, oauth.ClientAuth][] = [
    ["web", WEB_REDIRECT, oauth.ClientSecretBasic(SECRET)],
    ["native", NATIVE_REDIRECT, oauth.None()],
  ];

  describe.each(APPLICATIONS)("code and PKCE for the client %s", (clientId, redirectUri, auth) => {
    test("a wrong verifier is refused and does not spend the code", async () => {
      const { send, verifier } = await app.redeem(clientId, redirectUri, auth);
      const error = await failure(send(oauth.generateRandomCodeVerifier()));
      if (!(error instanceof oauth.ResponseBodyError)) throw error;
      expect(error.error).toBe("invalid_grant");
      expect(error.error_description).toBe("the code verifier is not correct");
      expect(await send(verifier)).toMatchObject({ token_type: "bearer" });
    });

    test("attack 1: a code that comes back is refused and ends what it gave", async () => {
      const { send, verifier } = await app.redeem(clientId, redirectUri, auth);
      const { refresh_token: token } = await send(verifier);
      expect(await failure(send(verifier))).toMatchObject({
        name: "ResponseBodyError",
        error: "invalid_grant",
        error_description: "the authorization code is not correct",
      });
      expect(await failure(app.refresh(clientId, auth, token))).toMatchObject({
        error: "invalid_grant",
        error_description: "the refresh token is not valid",
      });
    });

    test("refresh rotates, and revoking the refresh token ends every token", async () => {
      const { send, verifier } = await app.redeem(clientId, redirectUri, auth);
      const first = await send(verifier);
      expect(first).toMatchObject({ scope: "api:read offline_access", expires_in: 3600 });
      const second = await app.refresh(clientId, auth, first.refresh_token);
      expect(second.refresh_token).toBeString();
      expect(second.refresh_token).not.toBe(first.refresh_token);
      const third = await app.refresh(clientId, auth, second.refresh_token);
      expect(await failure(app.refresh(clientId, auth, first.refresh_token))).toMatchObject({
        error: "invalid_grant",
        error_description: "the refresh token is not valid",
      });

      const access = [first, second, third].map((tokens) => tokens.access_token);
      const states = () =>
        Promise.all(access.map(async (token) => (await app.introspect("auditor", token)).active));
      expect(await states()).toEqual([true, true, true]);
      await app.revoke(clientId, auth, third.refresh_token);
      expect(await states()).toEqual([false, false, false]);
      expect(await failure(app.refresh(clientId, auth, third.refresh_token))).toMatchObject({
        error: "invalid_grant",
      });
    });
  });

  test("RFC 7662: the owner and the audience see a token, others see it inactive", async () => {
    const id = awkwardId("post", "plain");
    const { access_token: token } = await app.clientCredentials(
      id,
      oauth.ClientSecretPost(SECRET),
      {
        scope: "api:read",
        resource: API,
      },
    );
    expect(await app.introspect("api", token)).toMatchObject({
      active: true,
      client_id: id,
      sub: id,
      aud: API,
      iss: server.issuer,
      scope: "api:read",
      token_type: "Bearer",
    });
    expect(await app.introspect("web", token)).toEqual({ active: false });
  });

  test.each([
    ["a JWT", awkwardId("basic", "plain")],
    ["an opaque token", "opaque"],
  ])("RFC 7009: %s is dead at once when its client revokes it", async (_kind, id) => {
    const auth = oauth.ClientSecretBasic(SECRET);
    const { access_token: token } = await app.clientCredentials(id, auth);
    expect(token.split(".")).toHaveLength(id === "opaque" ? 1 : 3);
    expect(await app.introspect(id, token)).toMatchObject({ active: true, client_id: id });
    await app.revoke(id, auth, token);
    expect(await app.introspect(id, token)).toEqual({ active: false });
  });

  test("a token that never was is the seed's refusal, as the library's ResponseBodyError", async () => {
    const error = await failure(app.revoke("web", oauth.ClientSecretBasic(SECRET), "never-issued"));
    expect(error).toBeInstanceOf(oauth.ResponseBodyError);
    expect(error).toMatchObject({
      status: 400,
      error: "invalid_token",
      error_description: "the token doesn't exist",
    });
  });

  test("attack 82: the log of the whole run holds no secret, token or code", async () => {
    const { exitCode, stdout, stderr } = await server.stop();
    expect(exitCode).toBe(0);
    expect(stderr).toContain('"event":"token.issued"');
    expect(secretsIn(stdout + stderr)).toEqual([]);
  });
});

describe("an issuer with a path", () => {
  test("RFC 8414 §3.1: is discovered at the inserted well-known path and gives tokens", async () => {
    const server = await populatedServer({ issuerPath: "/tenant" });
    const { as, clientCredentials } = await application(server);
    expect(as.token_endpoint).toBe(`${server.issuer}/token`);
    const auth = oauth.ClientSecretBasic(SECRET);
    expect(await clientCredentials(awkwardId("basic", "plain"), auth)).toMatchObject({
      scope: "api:read",
    });
  });
});
