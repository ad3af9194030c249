/** A public client that binds its tokens, as `openid-client` does it: nonces are its own affair. */
import { describe, expect, test } from "bun:test";
import { decodeJwt } from "jose";
import * as client from "openid-client";
import { authorizationTest } from "../support/authorization.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { CALLBACK } from "../support/openid.ts";
import { ISSUER, type TestServer } from "../support/server.ts";
import { failure } from "./parties.ts";

const SPA = {
  client_id: "spa",
  redirect_uris: [CALLBACK],
  grant_types: ["authorization_code", "refresh_token"],
  scope: "openid email offline_access",
  dpop_bound_access_tokens: true,
  skip_consent: true,
};

/** The library, talking to the server without a port, and told how far the server's clock is ahead. */
function configure({ server, services }: TestServer): Promise<client.Configuration> {
  const ahead = services.now() - Math.floor(Date.now() / 1000);
  const metadata = { [client.clockSkew]: ahead };
  return client.discovery(new URL(ISSUER), "spa", metadata, client.None(), {
    execute: [client.allowInsecureRequests],
    [client.customFetch]: (url, options) => server.handle(new Request(url, options as RequestInit)),
  });
}

/** Signs alice in and comes back with a code; pushed requests carry the proof, others its thumbprint. */
async function begin(
  database: DatabaseName,
  { nonces, push, alg = "ES256" }: { nonces: boolean; push: boolean; alg?: string },
) {
  const dpopNonce = nonces ? "required" : "off";
  const { server, browser, alice } = await authorizationTest(database, [SPA], {
    settings: { dpopNonce },
  });
  const config = await configure(server);
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair(alg));
  const thief = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
  const [pkceCodeVerifier, expectedState] = [client.randomPKCECodeVerifier(), client.randomState()];
  const parameters = {
    redirect_uri: CALLBACK,
    scope: "openid email offline_access",
    state: expectedState,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    ...(!push && { dpop_jkt: await DPoP.calculateThumbprint() }),
  };
  const url = push
    ? await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP })
    : client.buildAuthorizationUrl(config, parameters);
  const login = await browser.open(url.href);
  const credentials = { identifier: "alice", password: "correct horse" };
  const page = await browser.submit(login, credentials, { button: "password" });
  const checks = { pkceCodeVerifier, expectedState };
  const redeem = (handle?: client.DPoPHandle) =>
    client.authorizationCodeGrant(config, page.url, checks, undefined, handle && { DPoP: handle });
  return { config, DPoP, thief, alice, redeem };
}

describe.each(DATABASES)("RFC 9449 by openid-client on %s", (database) => {
  test.each([
    { nonces: true, push: true },
    { nonces: true, push: false },
    { nonces: false, push: true },
    { nonces: false, push: false },
  ])("code, userinfo and refreshing, with %o", async (how) => {
    const { config, DPoP, thief, alice, redeem } = await begin(database, how);
    // The code is bound before anybody redeems it.
    expect(await failure(redeem(thief))).toMatchObject({ error: "invalid_grant" });
    expect(await failure(redeem())).toMatchObject({ error: "invalid_dpop_proof" });
    const first = await redeem(DPoP);
    const jkt = await DPoP.calculateThumbprint();
    expect(first.token_type).toBe("dpop");
    expect(decodeJwt(first.access_token)["cnf"]).toEqual({ jkt });

    const token = first.access_token;
    const told = await client.fetchUserInfo(config, token, alice, { DPoP });
    expect(told.sub).toBe(alice);
    const stolen = client.fetchUserInfo(config, token, alice);
    expect(await failure(stolen)).toMatchObject({ code: "OAUTH_WWW_AUTHENTICATE_CHALLENGE" });
    const signed = client.fetchUserInfo(config, token, alice, { DPoP: thief });
    expect(await failure(signed)).toMatchObject({ code: "OAUTH_WWW_AUTHENTICATE_CHALLENGE" });

    const refresh = (handle: client.DPoPHandle) =>
      client.refreshTokenGrant(config, `${first.refresh_token}`, undefined, { DPoP: handle });
    expect(await failure(refresh(thief))).toMatchObject({ error: "invalid_grant" });
    const second = await refresh(DPoP);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const again = await client.fetchUserInfo(config, second.access_token, alice, { DPoP });
    expect(again.sub).toBe(alice);
  });
});

describe("RFC 9449 §4.2 keys that openid-client makes", () => {
  test.each(["ES256", "Ed25519", "PS256", "RS256"])("%s", async (alg) => {
    const { DPoP, redeem } = await begin("sqlite", { nonces: true, push: false, alg });
    expect((await redeem(DPoP)).token_type).toBe("dpop");
  });
});
