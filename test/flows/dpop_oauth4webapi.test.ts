/** Bound tokens before a server on a real port, as `oauth4webapi` asks for them and checks them. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import * as oauth from "oauth4webapi";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { DATABASES } from "../support/databases.ts";
import { importParties, orderCode, serverProcess } from "../support/process.ts";
import { insecure } from "./oauth4webapi_application.ts";
import { API, failure, NATIVE_REDIRECT, SECRET, USER } from "./parties.ts";

setDefaultTimeout(120_000);

const SCOPE = "openid email offline_access";
const NATIVE: oauth.Client = { client_id: "native" };
const BATCH: oauth.Client = { client_id: "batch" };

const servers = await onEachDatabase(async (database) => {
  const environment = { DPOP_NONCE: "required", CODE_LIFETIME_SECONDS: "600" };
  const server = await serverProcess({ database, environment });
  await importParties(server, {
    clients: [
      {
        client_id: "native",
        token_endpoint_auth_method: "none",
        redirect_uris: ["http://127.0.0.1/callback"],
        grant_types: ["authorization_code", "refresh_token"],
        scope: SCOPE,
        dpop_bound_access_tokens: true,
      },
      {
        client_id: "batch",
        client_secret: SECRET,
        grant_types: ["client_credentials"],
        scope: "api:read",
        allowed_resources: [API],
      },
    ],
    users: [{ ...USER, email: "ada@example.com" }],
  });
  return server;
});

/** Runs a request; once more with the nonce that the library took from the refusal. */
async function retried<T>(run: () => Promise<T>): Promise<T> {
  const error = await failure(run());
  expect(oauth.isDPoPNonceError(error), String(error)).toBe(true);
  return run();
}

describe.each(DATABASES)("RFC 9449 by oauth4webapi on %s", (database) => {
  const server = servers[database];

  async function discover() {
    const address = new URL(server.issuer);
    const found = await oauth.discoveryRequest(address, insecure);
    return oauth.processDiscoveryResponse(address, found);
  }

  /** A code that ada allowed, and the redeeming of it. */
  async function comeBack(as: oauth.AuthorizationServer, DPoP: oauth.DPoPHandle) {
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const code = await orderCode(server, {
      client: "native",
      user: USER.username,
      redirectUri: NATIVE_REDIRECT,
      scope: SCOPE,
      challenge: await oauth.calculatePKCECodeChallenge(verifier),
    });
    const query = new URLSearchParams({ code, state, iss: server.issuer });
    const parameters = oauth.validateAuthResponse(
      as,
      NATIVE,
      new URL(`${NATIVE_REDIRECT}?${query}`),
      state,
    );
    return async () =>
      oauth.processAuthorizationCodeResponse(
        as,
        NATIVE,
        await oauth.authorizationCodeGrantRequest(
          as,
          NATIVE,
          oauth.None(),
          parameters,
          NATIVE_REDIRECT,
          verifier,
          { DPoP, ...insecure },
        ),
      );
  }

  test("a public client: the nonce is asked for once, then code, userinfo and refreshing", async () => {
    const as = await discover();
    expect(as.dpop_signing_alg_values_supported).toContain("ES256");
    const DPoP = oauth.DPoP(NATIVE, await oauth.generateKeyPair("ES256"));
    const tokens = await retried(await comeBack(as, DPoP));
    expect(tokens.token_type).toBe("dpop");
    const claims = oauth.getValidatedIdTokenClaims(tokens);

    const options = { DPoP, ...insecure };
    const info = await oauth.userInfoRequest(as, NATIVE, tokens.access_token, options);
    const told = await oauth.processUserInfoResponse(as, NATIVE, `${claims?.sub}`, info);
    expect(told.sub).toBe(`${claims?.sub}`);

    const refresh = async (handle: oauth.DPoPHandle, token: string) =>
      oauth.processRefreshTokenResponse(
        as,
        NATIVE,
        await oauth.refreshTokenGrantRequest(as, NATIVE, oauth.None(), token, {
          DPoP: handle,
          ...insecure,
        }),
      );
    const thief = oauth.DPoP(NATIVE, await oauth.generateKeyPair("ES256"));
    const stolen = `${tokens.refresh_token}`;
    const refused = await failure(retried(() => refresh(thief, stolen)));
    expect(refused).toMatchObject({ error: "invalid_grant" });
    const next = await refresh(DPoP, stolen);
    expect(next.token_type).toBe("dpop");
    // The answer was lost: the same successor, for a new proof.
    expect((await refresh(DPoP, stolen)).refresh_token).toBe(`${next.refresh_token}`);
  });

  test("a resource server admits the bound token with its proof, and not without", async () => {
    const as = await discover();
    const DPoP = oauth.DPoP(BATCH, await oauth.generateKeyPair("Ed25519"));
    const ask = async () =>
      oauth.processClientCredentialsResponse(
        as,
        BATCH,
        await oauth.clientCredentialsGrantRequest(
          as,
          BATCH,
          oauth.ClientSecretBasic(SECRET),
          { scope: "api:read", resource: API },
          { DPoP, ...insecure },
        ),
      );
    const { access_token: token } = await retried(ask);
    const url = new URL(API);
    let sent: Request | undefined;
    await oauth.protectedResourceRequest(token, "GET", url, undefined, undefined, {
      DPoP,
      [oauth.customFetch]: async (address, init) => {
        sent = new Request(address, init as RequestInit);
        return new Response(null, { status: 200 });
      },
    });
    if (!sent) throw new TypeError("Nothing was sent");
    const claims = await oauth.validateJwtAccessToken(as, sent, API, insecure);
    expect(claims.cnf?.jkt).toBe(await DPoP.calculateThumbprint());
    const bearer = new Request(API, { headers: { Authorization: `Bearer ${token}` } });
    const refused = oauth.validateJwtAccessToken(as, bearer, API, insecure);
    expect(await failure(refused)).toBeInstanceOf(Error);
  });
});
