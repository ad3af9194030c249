import { describe, expect, test } from "bun:test";
import { answerOf, authorizationTest, authorizeUrl } from "../support/authorization.ts";
import { ISSUER } from "../support/server.ts";

const STATE = `a b&c="d"<e>'é+%`;

async function known(clients: Parameters<typeof authorizationTest>[1] = []) {
  const context = await authorizationTest("sqlite", clients);
  await context.signIn();
  await context.agree(["openid"]);
  return context;
}

describe("RFC 6749 §4.1.2 the answer's way to the client", () => {
  test("query: state comes back as it was sent", async () => {
    const { browser } = await known();
    const page = await browser.open(authorizeUrl({ state: STATE, response_mode: "query" }));
    expect(page.url.hash).toBe("");
    expect(answerOf(page)).toMatchObject({ state: STATE, iss: ISSUER });
  });

  test("fragment: the code is not in the query", async () => {
    const { browser } = await known();
    const page = await browser.open(authorizeUrl({ state: STATE, response_mode: "fragment" }));
    expect(page.url.search).toBe("");
    expect(answerOf(page)).toMatchObject({ state: STATE, iss: ISSUER });
    const refused = await browser.open(authorizeUrl({ response_mode: "fragment", scope: "admin" }));
    expect(refused.url.search).toBe("");
    expect(answerOf(refused)).toMatchObject({ error: "invalid_scope", state: "st", iss: ISSUER });
  });

  test.each([
    ["https://app.example/cb?a=1", "https://app.example/cb?a=1&code="],
    ["https://app.example/cb?", "https://app.example/cb?code="],
    ["https://app.example", "https://app.example?code="],
    ["com.example.app:/cb", "com.example.app:/cb?code="],
    ["http://127.0.0.1:41234/cb", "http://127.0.0.1:41234/cb?code="],
    ["http://[::1]:41234/cb", "http://[::1]:41234/cb?code="],
  ])("query: %s is kept byte for byte", async (redirect_uri, start) => {
    const registered = redirect_uri.replace(":41234", "");
    const client = {
      client_id: "c",
      client_secret: "s",
      redirect_uris: [registered],
      scope: "openid",
    };
    const { server, browser, agree } = await known([client]);
    await agree(["openid"], { clientId: "c" });
    const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
    const response = await server.get(authorizeUrl({ client_id: "c", redirect_uri }), { cookie });
    expect(response.headers.get("location")).toStartWith(start);
  });

  test("form_post: a form with the answer, a button, an external script and a policy for it", async () => {
    const { server, browser } = await known();
    const page = await browser.open(authorizeUrl({ state: STATE, response_mode: "form_post" }));
    expect(page.status).toBe(200);
    const [form] = page.forms;
    expect([form?.action, form?.method]).toEqual(["https://app.example/callback", "post"]);
    expect(form?.fields).toEqual({ code: expect.any(String), state: STATE, iss: ISSUER });
    expect(page.text).toMatch(/<button[^>]* type="submit">Continue<\/button>/);
    expect(page.text).toContain("The &lt;App&gt;");
    expect(page.text).not.toMatch(/<script(?![^>]*\bsrc=)|\son\w+=|style=/);
    const policy = page.headers.get("content-security-policy");
    expect(policy).toContain("form-action 'self' https:;");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain("unsafe");
    expect(page.headers.get("cache-control")).toBe("no-store");
    const [, source = ""] = /<script src="([^"]+)"/.exec(page.text) ?? [];
    const script = await server.get(source);
    expect(script.headers.get("content-type")).toContain("text/javascript");
    expect(await script.text()).toContain("submit()");
  });

  test("form_post: a refusal is posted too", async () => {
    const { browser } = await known();
    const page = await browser.open(authorizeUrl({ response_mode: "form_post", scope: "admin" }));
    expect(page.forms[0]?.fields).toMatchObject({
      error: "invalid_scope",
      state: "st",
      iss: ISSUER,
    });
  });

  test("attack 74: a stored address whose host would end the policy's directive is never answered", async () => {
    const uri = "https://a;script-src/cb";
    const client = { client_id: "c", client_secret: "s", redirect_uris: [uri], scope: "openid" };
    const { browser, agree } = await known([client]);
    await agree(["openid"], { clientId: "c" });
    const asked = { client_id: "c", redirect_uri: uri, response_mode: "form_post" };
    const page = await browser.open(authorizeUrl(asked));
    expect(page.status).toBe(400);
    expect(page.headers.get("location")).toBeNull();
    expect(page.headers.get("content-security-policy")).not.toContain("a;");
    expect(page.text).not.toContain('name="code"');
  });

  test("the page speaks the language of ui_locales", async () => {
    const { browser } = await known();
    const page = await browser.open(authorizeUrl({ response_mode: "form_post", ui_locales: "fr" }));
    expect(page.text).toContain('<html lang="fr">');
  });
});
