/** People who sign in, as `oauth4webapi` sees it: every check of OpenID Connect that it knows. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { relyingParty } from "../support/relying_party.ts";
import {
  ALGORITHMS,
  type Asked,
  BOB,
  FILES,
  relyingPartyOf,
  relyingPartyServer,
  SIGNED_OUT,
} from "./oauth4webapi_sign_in_fixture.ts";
import { API, failure } from "./parties.ts";
import { ALICE, answered, type Person, signInAndAllow, socketBrowser } from "./sign_in_fixture.ts";

setDefaultTimeout(120_000);

const parties = await onEachDatabase(openParties);

async function openParties(database: DatabaseName) {
  const party = relyingParty();
  const server = await relyingPartyServer(database, party);
  return { party, server, rp: await relyingPartyOf(server) };
}

describe.each(DATABASES)("oauth4webapi and people who sign in on %s", (database) => {
  const { party, server, rp } = parties[database];
  const open = () => socketBrowser(server);

  /** One sign-in from the first redirect to the tokens, in a browser of its own by default. */
  async function signIn(asked: Asked = {}, browser = open(), person: Person = ALICE) {
    const begun = await rp.begin(asked);
    const answer = await signInAndAllow(browser, begun.url, person);
    return { browser, begun, answer };
  }

  /** What the library says of the answer to a request that no page may interrupt. */
  async function silent(asked: Asked, browser = open()) {
    const { parameters, ...rest } = asked;
    const begun = await rp.begin({ ...rest, parameters: { ...parameters, prompt: "none" } });
    const answer = answered(await browser.open(begun.url.href, { crossSite: true }));
    try {
      return rp.judge(begun, answer).has("code") ? "code" : "nothing";
    } catch (error) {
      if (!(error instanceof oauth.AuthorizationResponseError)) throw error;
      return error.error;
    }
  }

  test("code, PKCE, nonce and max_age: the ID token is all that the library wants", async () => {
    const { begun, answer } = await signIn({ parameters: { max_age: "600" } });
    const redeemed = await rp.redeem(begun, answer, { maxAge: 600 });
    const { claims, tokens } = redeemed;
    expect(claims).toMatchObject({
      iss: server.issuer,
      aud: "web",
      azp: "web",
      nonce: begun.nonce,
      amr: ["pwd"],
      acr: "urn:tessera:pwd",
    });
    expect(tokens.scope).toBe("openid profile email");
    const { type, told } = await rp.userinfo(redeemed);
    expect(type).toStartWith("application/json");
    expect(told).toMatchObject({ sub: claims.sub, email: ALICE.email, ...ALICE.claims });
  });

  test("a nonce that is not the browser's own makes the library refuse the ID token", async () => {
    const { begun, answer } = await signIn();
    const other = oauth.generateRandomNonce();
    expect(await failure(rp.redeem(begun, answer, { expectedNonce: other }))).toMatchObject({
      code: oauth.JWT_CLAIM_COMPARISON,
    });
  });

  test.each([...ALGORITHMS])("ID token and userinfo are signed by %s", async (algorithm) => {
    const client = {
      client_id: algorithm,
      id_token_signed_response_alg: algorithm,
      userinfo_signed_response_alg: algorithm,
    };
    const { begun, answer } = await signIn({ client });
    const redeemed = await rp.redeem(begun, answer);
    const { type, told } = await rp.userinfo(redeemed);
    expect(type).toBe("application/jwt");
    expect(told).toMatchObject({ iss: server.issuer, aud: algorithm, email: ALICE.email });
  });

  test("RFC 9126: a pushed request shows the browser nothing, and works once", async () => {
    const { begun, answer } = await signIn({ push: true });
    expect([...begun.url.searchParams.keys()].sort()).toEqual(["client_id", "request_uri"]);
    expect((await rp.redeem(begun, answer)).claims.nonce).toBe(begun.nonce);
    const again = await open().open(begun.url.href, { crossSite: true });
    expect([again.status, again.url.pathname]).toEqual([400, "/authorize"]);
  });

  test("RFC 8707: each access token is for the one resource that it was asked for", async () => {
    const parameters = { scope: "openid offline_access api:read", resource: [API, FILES] };
    const { begun, answer } = await signIn({ parameters });
    const redeemed = await rp.redeem(begun, answer, { resource: API });
    const { access_token: forApi } = redeemed.tokens;
    expect(await rp.admit(API, forApi)).toMatchObject({ aud: API, sub: redeemed.claims.sub });
    expect(await failure(rp.admit(FILES, forApi))).toMatchObject({
      code: oauth.JWT_CLAIM_COMPARISON,
    });
    const { access_token: forFiles } = await rp.refresh(redeemed, FILES);
    expect(await rp.admit(FILES, forFiles)).toMatchObject({ aud: FILES });
    const other = rp.refresh(redeemed, "https://other.example");
    expect(await failure(other)).toMatchObject({ error: "invalid_target" });
  });

  test("the claims parameter puts claims where they were asked for, and nowhere else", async () => {
    const claims = JSON.stringify({
      id_token: { given_name: { essential: true } },
      userinfo: { email: null },
    });
    const { begun, answer } = await signIn({ parameters: { scope: "openid", claims } });
    const redeemed = await rp.redeem(begun, answer);
    expect(redeemed.claims["given_name"]).toBe(ALICE.claims.given_name);
    expect(redeemed.claims["email"]).toBeUndefined();
    const { told } = await rp.userinfo(redeemed);
    expect(told).toEqual({ sub: redeemed.claims.sub, email: ALICE.email });
  });

  test("prompt=none answers without a page, whatever is missing", async () => {
    const parameters = { scope: "openid" };
    expect(await silent({ parameters })).toBe("login_required");
    // Bob has not agreed to anything in other tests.
    const { browser, begun, answer } = await signIn({ parameters }, open(), BOB);
    expect(await silent({ parameters }, browser)).toBe("code");
    expect(await silent({}, browser)).toBe("consent_required");
    const { tokens } = await rp.redeem(begun, answer);
    const hinted = { parameters: { id_token_hint: `${tokens.id_token}`, ...parameters } };
    expect(await silent(hinted, browser)).toBe("code");
    const alices = await signIn({ parameters });
    expect(await silent({ parameters }, alices.browser)).toBe("code");
    expect(await silent(hinted, alices.browser)).toBe("account_selection_required");
  });

  test("prompt=login asks again in a live session, and the new ID token tells when", async () => {
    const first = await signIn();
    const { claims: before } = await rp.redeem(first.begun, first.answer);
    const begun = await rp.begin({ parameters: { prompt: "login" } });
    const page = await first.browser.open(begun.url.href, { crossSite: true });
    expect(page.url.pathname).toBe("/login");
    const second = await signIn({ parameters: { prompt: "login" } }, first.browser);
    const { claims: after } = await rp.redeem(second.begun, second.answer, { maxAge: 60 });
    expect(after.sub).toBe(before.sub);
    expect(Number(after.auth_time)).toBeGreaterThanOrEqual(Number(before.auth_time));
  });

  test("attack 73: the library refuses an answer without our iss, or with another's", async () => {
    const { begun, answer } = await signIn();
    expect(answer.searchParams.get("iss")).toBe(server.issuer);
    const refused = await silent({ parameters: { scope: "openid nonsense" } });
    expect(refused).toBe("invalid_scope");
    const judge = (change: (query: URLSearchParams) => void) => {
      const url = new URL(answer);
      change(url.searchParams);
      return () => rp.judge(begun, url);
    };
    expect(judge((query) => query.delete("iss"))).toThrow(/"iss".* missing/);
    expect(judge((query) => query.set("iss", "https://evil.example"))).toThrow(/"iss"/);
    expect(rp.judge(begun, answer).get("code")).toBeString();
  });

  test("signing out ends the session and its tokens, and tells the client by a logout token", async () => {
    const { browser, begun, answer } = await signIn();
    const redeemed = await rp.redeem(begun, answer);
    const before = party.tokens.length;
    const url = new URL(`${rp.as.end_session_endpoint}`);
    url.search = `${new URLSearchParams({
      id_token_hint: `${redeemed.tokens.id_token}`,
      post_logout_redirect_uri: SIGNED_OUT,
      state: "bye",
    })}`;
    const back = answered(await browser.open(url.href, { crossSite: true }));
    expect(back.href).toBe(`${SIGNED_OUT}?state=bye`);
    expect(await silent({}, browser)).toBe("login_required");
    expect(await failure(rp.refresh(redeemed))).toMatchObject({ error: "invalid_grant" });

    expect(party.tokens).toHaveLength(before + 1);
    const keys = createRemoteJWKSet(new URL(`${rp.as.jwks_uri}`));
    const { payload } = await jwtVerify(`${party.tokens.at(-1)}`, keys, {
      issuer: server.issuer,
      audience: "web",
      typ: "logout+jwt",
      requiredClaims: ["iat", "exp", "jti"],
    });
    expect(payload).toMatchObject({
      sub: redeemed.claims.sub,
      sid: redeemed.claims["sid"],
      events: { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    expect(payload["nonce"]).toBeUndefined();
  });
});
