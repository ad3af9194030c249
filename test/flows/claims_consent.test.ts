import { describe, expect, test } from "bun:test";
import { decodeJwt } from "jose";
import { authorizationTest, authorizeUrl, redeem, reregister } from "../support/authorization.ts";
import { DATABASES } from "../support/databases.ts";
import { bodyOf, CALLBACK, type Tokens } from "../support/openid.ts";

const claims = JSON.stringify({ userinfo: { email: { essential: true } } });
describe.each(DATABASES)("consent to claims asked for one by one on %s", (database) => {
  test("a claim is shown, remembered and released like the scope that covers it", async () => {
    const { server, browser, signIn } = await authorizationTest(database);
    const userId = await server.addUser({ username: "bob", email: "bob@example.com" });
    await signIn(userId);
    const page = await browser.open(authorizeUrl({ scope: "openid", claims }));
    expect(page.text).toContain("see your e-mail address");
    const done = await browser.submit(page, {}, { button: "allow" });
    const code = done.url.searchParams.get("code") ?? "";
    const form = { grant_type: "authorization_code", code, redirect_uri: CALLBACK };
    const answer = server.post("/token", form, { basic: ["app", "s"] });
    const { access_token: token, scope } = await bodyOf<Tokens>(answer);
    expect(scope).toBe("openid");
    const bearer = { Authorization: `Bearer ${token}` };
    expect(await bodyOf<object>(server.get("/userinfo", bearer))).toEqual({
      sub: userId,
      email: "bob@example.com",
    });
    const again = await browser.open(authorizeUrl({ scope: "openid", claims }));
    expect(again.url.searchParams.has("code")).toBe(true);
  });

  test("scopes that the client registers for later release nothing more", async () => {
    const { server, browser, signIn } = await authorizationTest(database);
    await reregister(server, "app", "openid");
    const userId = await server.addUser({ username: "bob", email: "bob@example.com" });
    await signIn(userId);
    const all = JSON.stringify({ userinfo: { email: null }, id_token: { email: null } });
    const page = await browser.open(authorizeUrl({ scope: "openid", claims: all }));
    expect(page.text).not.toContain("see your e-mail address");
    const done = await browser.submit(page, {}, { button: "allow" });
    await reregister(server, "app", "openid email");
    const code = done.url.searchParams.get("code") ?? "";
    const first = await bodyOf<Tokens>(redeem(server, code));
    const form = { grant_type: "refresh_token", refresh_token: first.refresh_token };
    const later = await bodyOf<Tokens>(server.post("/token", form, { basic: ["app", "s"] }));
    for (const tokens of [first, later]) {
      expect(decodeJwt(tokens.id_token)["email"]).toBeUndefined();
      const bearer = { Authorization: `Bearer ${tokens.access_token}` };
      expect(await bodyOf<object>(server.get("/userinfo", bearer))).toEqual({ sub: userId });
    }
  });

  test("consent to the scope alone does not cover the claim", async () => {
    const { browser, signIn, agree } = await authorizationTest(database);
    await signIn();
    await agree(["openid"]);
    const plain = await browser.open(authorizeUrl({ scope: "openid" }));
    expect(plain.url.searchParams.has("code")).toBe(true);
    const silent = await browser.open(authorizeUrl({ scope: "openid", claims, prompt: "none" }));
    expect(silent.url.searchParams.get("error")).toBe("consent_required");
  });
});
