import { describe, expect, test } from "bun:test";
import { readIdTokenHint } from "../../src/services/id_token.ts";
import { mintLogoutToken } from "../../src/services/logout_token.ts";
import { bodyOf, CALLBACK, type Tokens, verified } from "../support/openid.ts";
import type { TestServer } from "../support/server.ts";
import { APP, bearer, begin, challengeOf } from "../support/userinfo_fixture.ts";

/** Every kind of token that this server gives out. */
async function everyToken(server: TestServer, tokens: Tokens, userinfo: string) {
  const { store } = server.services;
  const client = await store.findClient("app");
  const [user] = await store.listUsers();
  const [session] = await store.listSessions(user?.id ?? "");
  if (!client || !user || !session) throw new TypeError("Nobody is signed in");
  return {
    "ID token": tokens.id_token,
    "refresh token": tokens.refresh_token,
    "logout token": await mintLogoutToken({ client, session, subject: user.id }, server.services),
    "signed userinfo": userinfo,
    "session cookie": session.hash,
    "authorization code": server.services.secret.mintOpaque("code", server.services.now()).text,
  };
}

describe("RFC 9068 §4 access tokens are not interchangeable with other tokens", () => {
  test("attack 57: no other kind of token opens userinfo, is introspected as an access token, or passes as an ID token", async () => {
    const client = {
      userinfo_signed_response_alg: "ES256",
      id_token_signed_response_alg: "ES256",
    } as const;
    const { server, tokens } = await begin({}, { client });
    const userinfo = await (await server.get("/userinfo", bearer(tokens.access_token))).text();
    const kinds = await everyToken(server, tokens, userinfo);
    for (const [kind, token] of Object.entries(kinds)) {
      const response = await server.get("/userinfo", bearer(token));
      expect(response.status, `${kind} at userinfo`).toBe(401);
      const introspected = server.post("/introspect", { token }, { basic: ["app", "s"] });
      const state = await bodyOf<Record<string, unknown>>(introspected);
      const expected = kind === "refresh token" ? "refresh_token" : undefined;
      expect(state["token_type"], `${kind} at introspection`).toBe(expected);
      const hint = await readIdTokenHint(token, server.services);
      expect(hint !== undefined, `${kind} as ID token`).toBe(kind === "ID token");
    }
    const { access_token: access } = tokens;
    expect(await readIdTokenHint(access, server.services)).toBeUndefined();
    for (const token of [access, kinds["ID token"], kinds["logout token"], userinfo]) {
      const form = { grant_type: "refresh_token", refresh_token: token };
      const response = await server.post("/token", form, { basic: ["app", "s"] });
      expect(await bodyOf<object>(response)).toMatchObject({ error: "invalid_grant" });
    }
    await expect(verified(server, access, { audience: "app" })).rejects.toThrow();
    const asIdToken = verified(server, kinds["logout token"], { audience: "app" });
    await expect(asIdToken).rejects.toThrow();
  });

  test("attack 57: an opaque access token is no refresh token, code or hint", async () => {
    const client = { access_token_format: "opaque" } as const;
    const { server, tokens } = await begin({}, { client });
    const token = tokens.access_token;
    const basic = ["app", "s"] as const;
    const refresh = { grant_type: "refresh_token", refresh_token: token };
    const code = { grant_type: "authorization_code", code: token, redirect_uri: CALLBACK };
    for (const form of [refresh, code]) {
      expect((await server.post("/token", form, { basic })).status).toBe(400);
    }
  });

  test("attack 58: a token for another resource is refused here, and its audience is exactly what was granted", async () => {
    const resource = ["https://api.example/"];
    const { server, tokens } = await begin({ resource });
    const { payload } = await verified(server, tokens.access_token, {
      audience: "https://api.example/",
      typ: "at+jwt",
    });
    expect(payload.aud).toBe("https://api.example/");
    const response = await server.get("/userinfo", bearer(tokens.access_token));
    expect(response.status).toBe(401);
    const form = {
      grant_type: "refresh_token",
      refresh_token: tokens.refresh_token,
      resource: "https://other.example/",
    };
    const refused = await server.post("/token", form, { basic: ["app", "s"] });
    expect(await bodyOf<object>(refused)).toMatchObject({ error: "invalid_target" });
  });

  test("attack 59: a client whose id is a user's id gets no token under that name, and learns nothing of him", async () => {
    const { server, userId } = await begin();
    await server.addClient({ ...APP, client_id: userId });
    const form = { grant_type: "client_credentials", scope: "openid email" };
    const response = await server.post("/token", form, { basic: [userId, "s"] });
    expect(response.status).toBe(400);
    expect(await bodyOf<object>(response)).toMatchObject({ error: "unauthorized_client" });
  });

  test("attack 59: a client's own token says nothing of any user", async () => {
    const { server } = await begin();
    const form = { grant_type: "client_credentials", scope: "openid email" };
    const response = await server.post("/token", form, { basic: ["app", "s"] });
    const { access_token: token, ...more } = await bodyOf<Tokens>(response);
    expect(more).not.toHaveProperty("id_token");
    const refused = await server.get("/userinfo", bearer(token));
    expect(refused.status).toBe(401);
    expect(challengeOf(refused)).toContain('error="invalid_token"');
  });

  test("attack 61: a token that is bound to a key is refused from a bearer who proves none", async () => {
    const { server, tokens } = await begin({}, { client: { access_token_format: "opaque" } });
    const { secret, store, now } = server.services;
    const known = secret.readOpaque(tokens.access_token);
    const claims = known && (await store.findAccessToken(known.key));
    if (!claims) throw new TypeError("The token is gone");
    const { text, key } = secret.mintOpaque("access", now());
    await store.insertAccessToken(key, { ...claims, jti: "bound", cnf: { jkt: "thumbprint" } });
    expect((await server.get("/userinfo", bearer(text))).status).toBe(401);
  });
});
