import { describe, expect, test } from "bun:test";
import {
  APP,
  answerOf,
  authorizationTest,
  authorizeUrl,
  PKCE,
  RESOURCES,
  redeem,
} from "../support/authorization.ts";
import { DATABASES } from "../support/databases.ts";
import { bodyOf, CALLBACK } from "../support/openid.ts";

const [API, FILES] = RESOURCES;
const SPA = { client_id: "spa", redirect_uris: [CALLBACK], scope: "openid" };

async function known(database: (typeof DATABASES)[number]) {
  const context = await authorizationTest(database, [SPA]);
  const { server, browser, signIn, agree } = context;
  await signIn();
  await agree(["openid"], { resource: RESOURCES });
  await agree(["openid"], { clientId: "spa" });
  return {
    ...context,
    /** A fresh code for the parameters. */
    async code(asked: Parameters<typeof authorizeUrl>[0] = {}) {
      return answerOf(await browser.open(authorizeUrl(asked))).code;
    },
    redeemAsSpa: (code: string | undefined, more: Record<string, string> = {}) =>
      server.post("/token", {
        grant_type: "authorization_code",
        client_id: "spa",
        code: code ?? "",
        redirect_uri: CALLBACK,
        ...more,
      }),
  };
}

async function refused(response: Response): Promise<string> {
  expect(response.status).toBe(400);
  const { error, error_description } = await bodyOf<Record<string, string>>(response);
  return `${error}: ${error_description}`;
}

const S256 = { code_challenge: PKCE.challenge, code_challenge_method: "S256" } as const;
const WRONG_VERIFIER = "invalid_grant: the code verifier is not correct";

describe.each(DATABASES)("RFC 7636 a code is bound to its challenge on %s", (database) => {
  test("attack 7: a challenge cannot be dropped, and a verifier cannot be made up", async () => {
    const { server, code, redeemAsSpa } = await known(database);
    const { verifier: code_verifier } = PKCE;
    const bound = await code({ client_id: "spa", ...S256 });
    expect(await refused(await redeemAsSpa(bound))).toBe(WRONG_VERIFIER);
    expect((await redeemAsSpa(bound, { code_verifier })).status).toBe(200);
    const confidential = await code(S256);
    expect(await refused(await redeem(server, confidential))).toBe(WRONG_VERIFIER);
    const unbound = await code();
    expect(await refused(await redeem(server, unbound, { code_verifier }))).toBe(WRONG_VERIFIER);
    expect((await redeem(server, unbound)).status).toBe(200);
  });

  test("attack 8: a store that loses the challenge fails closed", async () => {
    const { server, code, redeemAsSpa } = await known(database);
    const { store } = server.services;
    const { insertCode } = store;
    Object.assign(store, {
      insertCode: (row: object, authorization: never) =>
        insertCode(
          { ...row, codeChallenge: null, codeChallengeMethod: null } as never,
          authorization,
        ),
    });
    const lost = await code({ client_id: "spa", ...S256 });
    expect(await refused(await redeemAsSpa(lost))).toBe(WRONG_VERIFIER);
    const { verifier: code_verifier } = PKCE;
    expect(await refused(await redeemAsSpa(lost, { code_verifier }))).toBe(WRONG_VERIFIER);
  });

  test("attack 9: a weak verifier is none, and wrong ones do not burn the code", async () => {
    const { code, redeemAsSpa } = await known(database);
    const bound = await code({ client_id: "spa", ...S256 });
    for (const code_verifier of ["x", PKCE.verifier.toLowerCase(), PKCE.challenge]) {
      expect(await refused(await redeemAsSpa(bound, { code_verifier }))).toBe(WRONG_VERIFIER);
    }
    const { verifier: code_verifier } = PKCE;
    expect((await redeemAsSpa(bound, { code_verifier })).status).toBe(200);
  });

  test("attack 10: plain is refused unless it is registered", async () => {
    const { browser, server } = await known(database);
    const asked = { code_challenge: PKCE.verifier, code_challenge_method: "plain" };
    const page = await browser.open(authorizeUrl({ client_id: "spa", ...asked }));
    expect(answerOf(page)).toMatchObject({ error: "invalid_request" });
    const old = { ...SPA, client_id: "old", code_challenge_methods: ["S256", "plain"] as never };
    await server.addClient({ ...old, skip_consent: true });
    const plain = await browser.open(authorizeUrl({ client_id: "old", ...asked }));
    const response = await server.post("/token", {
      grant_type: "authorization_code",
      client_id: "old",
      code: answerOf(plain).code ?? "",
      redirect_uri: CALLBACK,
      code_verifier: PKCE.verifier,
    });
    expect(response.status).toBe(200);
  });

  test("attack 11: a code dies at sixty seconds, however often it is looked at", async () => {
    const { server, code, redeemAsSpa } = await known(database);
    const [bound, other] = [await code({ client_id: "spa", ...S256 }), await code()];
    server.advance(59);
    expect(await refused(await redeemAsSpa(bound, { code_verifier: "x" }))).toBe(WRONG_VERIFIER);
    expect((await redeem(server, other)).status).toBe(200);
    server.advance(1);
    expect(await refused(await redeemAsSpa(bound, { code_verifier: PKCE.verifier }))).toBe(
      "invalid_grant: the authorization code is obsolete",
    );
  });

  test("what was granted stands with the code", async () => {
    const { server, code, agree, alice } = await known(database);
    await agree(["openid", "email"], { resource: RESOURCES });
    const claims = '{"userinfo":{"email":{"essential":true}}}';
    const text = await code({ nonce: "n", claims, resource: API, ...S256 });
    const opaque = server.services.secret.readOpaque(text ?? "");
    const found = await server.services.store.findCode(opaque?.key ?? "");
    expect(found?.authorization).toMatchObject({
      clientId: "app",
      subject: alice,
      userId: alice,
      scope: ["openid"],
      resource: [API],
      nonce: "n",
      claims: { userinfo: { email: { essential: true } } },
      authTime: server.services.now(),
      amr: ["pwd"],
      acr: "urn:tessera:pwd",
      sessionId: expect.any(String),
    });
    expect(found?.code).toMatchObject({
      redirectUri: CALLBACK,
      codeChallenge: PKCE.challenge,
      codeChallengeMethod: "S256",
      expiresAt: server.services.now() + 60,
    });
  });
});

describe.each(DATABASES)("decisions D5 a code rests on consent, on %s", (database) => {
  test("one for a consent that was withdrawn before it was written is worth nothing", async () => {
    const { server, browser, alice } = await known(database);
    const { store } = server.services;
    const page = await browser.open(authorizeUrl({ prompt: "consent" }));
    const interaction = page.url.searchParams.get("interaction") ?? "";
    const [session] = await store.listSessions(alice);
    const consent = { scope: ["openid"], resource: [] };
    await store.writeFacts(interaction, { sessionId: session?.id ?? "", consent });
    await store.deleteConsent(alice, "app");
    const { code } = answerOf(await browser.open(`/authorize?interaction=${interaction}`));
    expect(await refused(await redeem(server, code))).toStartWith("invalid_grant");
  });

  test("the operator's own application needs none", async () => {
    const own = { ...APP, client_id: "own", skip_consent: true };
    const { server, browser, signIn } = await authorizationTest(database, [own]);
    await signIn();
    const { code } = answerOf(await browser.open(authorizeUrl({ client_id: "own" })));
    const form = { grant_type: "authorization_code", code: code ?? "", redirect_uri: CALLBACK };
    expect((await server.post("/token", form, { basic: ["own", "s"] })).status).toBe(200);
  });
});

describe.each(DATABASES)("RFC 8707 tokens are for what was granted on %s", (database) => {
  const audienceOf = async (response: Response): Promise<unknown> => {
    expect(response.status).toBe(200);
    const { access_token } = await bodyOf<{ access_token: string }>(response);
    const payload = Buffer.from(access_token.split(".")[1] ?? "", "base64url").toString();
    return JSON.parse(payload).aud;
  };

  test("attack 58: aud is exactly the granted resources, or those the token request chose", async () => {
    const { server, code } = await known(database);
    expect(await audienceOf(await redeem(server, await code()))).toBe("http://localhost:3000");
    expect(await audienceOf(await redeem(server, await code({ resource: API })))).toBe(API);
    const both = { resource: [API, FILES] };
    expect(await audienceOf(await redeem(server, await code(both)))).toEqual([API, FILES]);
    const narrowed = await redeem(server, await code(both), { resource: FILES });
    expect(await audienceOf(narrowed)).toBe(FILES);
  });

  test("attack 58: a resource that was never granted is invalid_target and spends nothing", async () => {
    const { server, code } = await known(database);
    const granted = await code({ resource: API });
    for (const resource of [FILES, "https://other.example", `${API}/`, "https://API.example"]) {
      expect(await refused(await redeem(server, granted, { resource }))).toStartWith(
        "invalid_target",
      );
    }
    const none = await code();
    expect(await refused(await redeem(server, none, { resource: API }))).toStartWith(
      "invalid_target",
    );
    expect((await redeem(server, granted)).status).toBe(200);
  });

  test("attack 19: a refresh narrows the resources and never widens them", async () => {
    const { server, code } = await known(database);
    const first = await redeem(server, await code({ resource: [API, FILES] }), { resource: API });
    const refresh = async (token: string, resource: string) => {
      const form = { grant_type: "refresh_token", refresh_token: token, resource };
      return server.post("/token", form, { basic: ["app", "s"] });
    };
    const { refresh_token } = await bodyOf<{ refresh_token: string }>(first);
    expect(await refused(await refresh(refresh_token, "https://other.example"))).toStartWith(
      "invalid_target",
    );
    expect(await audienceOf(await refresh(refresh_token, FILES))).toBe(FILES);
  });

  test("a resource that the user has not agreed to asks him", async () => {
    const { browser, agree } = await known(database);
    await agree(["openid"], { resource: [API] });
    const page = await browser.open(authorizeUrl({ resource: FILES }));
    expect(page.url.pathname).toBe("/consent");
    expect(page.text).toContain("files.example");
  });
});
