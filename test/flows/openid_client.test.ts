/** The server as `openid-client` sees it: the library that most Node applications hold. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import * as client from "openid-client";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { DATABASES } from "../support/databases.ts";
import { orderCode } from "../support/process.ts";
import {
  API,
  AWKWARD,
  awkwardId,
  failure,
  NATIVE_REDIRECT,
  populatedServer,
  SECRET,
  USER,
  WEB_REDIRECT,
} from "./parties.ts";

setDefaultTimeout(120_000);

const METHODS = { basic: client.ClientSecretBasic, post: client.ClientSecretPost } as const;

/** How the applications that redeem codes authenticate, and where they are. */
const APPLICATIONS = [
  { id: "web", redirectUri: WEB_REDIRECT, auth: () => client.ClientSecretBasic(SECRET) },
  { id: "native", redirectUri: NATIVE_REDIRECT, auth: () => client.None() },
];

const servers = await onEachDatabase((database) => populatedServer({ database }));

describe.each(DATABASES)("openid-client against a server on %s", (database) => {
  const server = servers[database];

  /** Discovers the server as one of its clients (RFC 8414). */
  function discover(
    id: string,
    auth?: client.ClientAuth,
    secret?: string,
  ): Promise<client.Configuration> {
    return client.discovery(new URL(server.issuer), id, secret, auth, {
      algorithm: "oauth2",
      execute: [client.allowInsecureRequests],
    });
  }

  /** Orders a code and stands where the browser would come back with it. */
  async function comeBack(id: string, redirectUri: string, resource?: string) {
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const expectedState = client.randomState();
    const code = await orderCode(server, {
      client: id,
      user: USER.username,
      redirectUri,
      scope: "api:read offline_access",
      challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      ...(resource && { resource }),
    });
    const answer = new URLSearchParams({ code, state: expectedState, iss: server.issuer });
    const url = new URL(`${redirectUri}?${answer}`);
    return { url, checks: { pkceCodeVerifier, expectedState } };
  }

  test("RFC 8414: discovery gives the configuration", async () => {
    const config = await discover("web", client.ClientSecretBasic(SECRET));
    const metadata = config.serverMetadata();
    expect(metadata.issuer).toBe(server.issuer);
    expect(metadata.supportsPKCE()).toBe(true);
    expect(metadata.token_endpoint).toBe(`${server.issuer}/token`);
  });

  describe.each(Object.entries(METHODS))("client credentials by secret %s", (name, method) => {
    test.each(Object.entries({ plain: SECRET, ...AWKWARD }))(
      "attack 35: id and secret with %s arrive as they are",
      async (kind, secret) => {
        const config = await discover(awkwardId(name, kind), method(secret));
        const tokens = await client.clientCredentialsGrant(config, { scope: "api:write" });
        expect(tokens).toMatchObject({ token_type: "bearer", scope: "api:write" });
        expect(tokens.expiresIn()).toBeWithin(3_500, 3_601);
        expect(tokens.refresh_token).toBeUndefined();
      },
    );
  });

  test("a secret given as the library's shorthand goes by client_secret_post", async () => {
    const config = await discover(awkwardId("post", "unicode"), undefined, AWKWARD["unicode"]);
    const tokens = await client.clientCredentialsGrant(config, { scope: "api:read" });
    expect(tokens.scope).toBe("api:read");
  });

  test("a wrong secret by Basic is the library's challenge error", async () => {
    const config = await discover("web", client.ClientSecretBasic("wrong"));
    const error = await failure(client.refreshTokenGrant(config, "any"));
    expect(error).toBeInstanceOf(client.WWWAuthenticateChallengeError);
    expect(error).toMatchObject({ status: 401, cause: [{ scheme: "basic" }] });
  });

  test.each([
    [
      "a grant that the client is not registered for",
      { id: awkwardId("post", "plain"), grantType: "refresh_token", parameters: "refresh_token=x" },
      [
        "unauthorized_client",
        "the client post/plain/plain doesn't support the grant type refresh_token",
      ],
    ],
    [
      "an unknown grant type",
      { id: awkwardId("post", "plain"), grantType: "urn:example:none", parameters: "" },
      ["unsupported_grant_type", "the grant type is not supported"],
    ],
    [
      "a missing parameter",
      { id: awkwardId("post", "plain"), grantType: "password", parameters: "username=ada" },
      ["invalid_request", "the parameter password is missing"],
    ],
    [
      "a resource that the client may not ask for",
      {
        id: awkwardId("post", "plain"),
        grantType: "client_credentials",
        parameters: "scope=api:read&resource=https://other.example",
      },
      ["invalid_target", "the resource is not well formed, or not one the client may ask for"],
    ],
  ])(
    "%s is the library's ResponseBodyError with our words",
    async (_name, asked, [code, words]) => {
      const config = await discover(asked.id, client.ClientSecretPost(SECRET));
      const parameters = new URLSearchParams(asked.parameters);
      const error = await failure(client.genericGrantRequest(config, asked.grantType, parameters));
      if (!(error instanceof client.ResponseBodyError)) throw error;
      expect([error.status, error.error, error.error_description]).toEqual([400, code, words]);
      expect(error.cause["error_uri"]).toStartWith(`${server.issuer}/docs/errors/`);
      const page = await fetch(`${error.cause["error_uri"]}`);
      expect(page.status).toBe(200);
    },
  );

  test.each(APPLICATIONS)("code, refresh and introspection for $id", async (application) => {
    const { id, redirectUri, auth } = application;
    const config = await discover(id, auth());
    const { url, checks } = await comeBack(id, redirectUri, API);
    const first = await client.authorizationCodeGrant(config, url, checks);
    expect(first).toMatchObject({ token_type: "bearer", scope: "api:read offline_access" });

    const api = await discover("api", client.ClientSecretBasic(SECRET));
    const stateOf = (token: string) => client.tokenIntrospection(api, token);
    expect(await stateOf(first.access_token)).toMatchObject({
      active: true,
      client_id: id,
      username: USER.username,
      aud: API,
    });

    const narrow = await client.refreshTokenGrant(config, `${first.refresh_token}`, {
      scope: "api:read",
    });
    expect(narrow.scope).toBe("api:read");
    const wide = await client.refreshTokenGrant(config, `${narrow.refresh_token}`);
    expect(wide.scope).toBe("api:read offline_access");
    expect(await stateOf(wide.access_token)).toMatchObject({ active: true, scope: wide.scope });
    expect(await stateOf(narrow.access_token)).toMatchObject({ scope: "api:read" });

    await client.tokenRevocation(config, `${wide.refresh_token}`, {
      token_type_hint: "refresh_token",
    });
    for (const { access_token: token } of [first, narrow, wide]) {
      expect(await stateOf(token)).toEqual({ active: false });
    }
    const late = await failure(client.refreshTokenGrant(config, `${wide.refresh_token}`));
    expect(late).toMatchObject({ error: "invalid_grant" });
  });

  test("attack 58: a resource that the code was not granted for is refused, and spends nothing", async () => {
    const config = await discover("web", client.ClientSecretBasic(SECRET));
    const { url, checks } = await comeBack("web", WEB_REDIRECT);
    const widened = client.authorizationCodeGrant(config, url, checks, { resource: API });
    expect(await failure(widened)).toMatchObject({ status: 400, error: "invalid_target" });
    expect(await client.authorizationCodeGrant(config, url, checks)).toBeObject();
  });

  test("attack 12: refreshes at the same time all get the one successor", async () => {
    const config = await discover("web", client.ClientSecretBasic(SECRET));
    const { url, checks } = await comeBack("web", WEB_REDIRECT);
    const { refresh_token: token } = await client.authorizationCodeGrant(config, url, checks);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => client.refreshTokenGrant(config, `${token}`)),
    );
    expect(new Set(answers.map((answer) => answer.refresh_token)).size).toBe(1);
    expect(answers[0]?.refresh_token).not.toBe(token);
  });

  test.each(APPLICATIONS)(
    "attack 7: a code without its verifier is refused for $id",
    async (app) => {
      const config = await discover(app.id, app.auth());
      const { url, checks } = await comeBack(app.id, app.redirectUri);
      const { expectedState } = checks;
      const bare = await failure(client.authorizationCodeGrant(config, url, { expectedState }));
      expect(bare).toBeInstanceOf(client.ResponseBodyError);
      expect(bare).toMatchObject({
        error: "invalid_grant",
        error_description: "the code verifier is not correct",
      });
      const tokens = await client.authorizationCodeGrant(config, url, checks);
      expect(tokens.refresh_token).toBeString();
    },
  );

  test("attack 4: a code of one client is useless to another", async () => {
    const { url, checks } = await comeBack("web", WEB_REDIRECT);
    const thief = await discover("native", client.None());
    expect(await failure(client.authorizationCodeGrant(thief, url, checks))).toMatchObject({
      error: "invalid_grant",
      error_description:
        "the authorization code has not been issued for the given client id native",
    });
    const owner = await discover("web", client.ClientSecretBasic(SECRET));
    expect(await client.authorizationCodeGrant(owner, url, checks)).toBeObject();
  });

  test("the password grant takes login and e-mail address, and tells nothing of a wrong one", async () => {
    const config = await discover("legacy", client.ClientSecretBasic(SECRET));
    const ask = (username: string, password: string) =>
      client.genericGrantRequest(config, "password", { username, password });
    const tokens = await ask(USER.username, USER.password);
    expect(tokens.refresh_token).toBeString();
    expect(await failure(ask(USER.username, "wrong"))).toMatchObject({
      error: "invalid_grant",
      error_description: "resource owner credentials are not valid",
    });
    expect(await failure(ask("nobody", USER.password))).toMatchObject({
      error: "invalid_grant",
      error_description: "resource owner credentials are not valid",
    });
  });
});
