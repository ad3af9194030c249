import { describe, expect, test } from "bun:test";
import {
  type Asked,
  answerOf,
  authorizationTest,
  authorizeUrl,
  redeem,
} from "../support/authorization.ts";
import { bodyOf, CALLBACK } from "../support/openid.ts";

const OTHER = {
  client_id: "other",
  client_secret: "s",
  redirect_uris: [CALLBACK],
  scope: "openid",
  subject_type: "pairwise" as const,
};
const NATIVE = {
  client_id: "native",
  redirect_uris: ["http://127.0.0.1/cb"],
  scope: "openid",
  application_type: "native" as const,
};

async function known() {
  const context = await authorizationTest("sqlite", [OTHER, NATIVE]);
  const { server, browser, signIn, agree } = context;
  await signIn();
  for (const clientId of ["app", "other", "native"]) await agree(["openid"], { clientId });
  const open = (asked: Asked) => browser.open(authorizeUrl(asked));
  return {
    ...context,
    open,
    /** An ID token of alice for `app`, and the access token beside it. */
    async tokens() {
      const response = await redeem(server, answerOf(await open({})).code);
      return bodyOf<{ id_token: string; access_token: string }>(response);
    },
  };
}

describe("OpenID Connect Core §3.1.2.1 prompt and max_age", () => {
  test("prompt=none never shows a page", async () => {
    const { open, browser } = await known();
    expect(answerOf(await open({ prompt: "none" })).code).toBeString();
    expect(answerOf(await open({ prompt: "none", scope: "openid email" })).error).toBe(
      "consent_required",
    );
    expect(answerOf(await open({ prompt: "none", max_age: "0" })).error).toBe("login_required");
    browser.cookies.clear();
    expect(answerOf(await open({ prompt: "none" })).error).toBe("login_required");
  });

  test("prompt=login asks a user who is signed in, and max_age by the clock", async () => {
    const { open, server } = await known();
    expect((await open({ prompt: "login" })).url.pathname).toBe("/login");
    server.advance(60);
    expect(answerOf(await open({ max_age: "60" })).code).toBeString();
    server.advance(1);
    expect((await open({ max_age: "60" })).url.pathname).toBe("/login");
  });

  test("prompt=select_account goes where accounts are chosen", async () => {
    const { open } = await known();
    expect((await open({ prompt: "select_account" })).url.pathname).toBe("/login");
  });

  test("offline_access asks each time (§11)", async () => {
    const { open, agree } = await known();
    await agree(["openid", "offline_access"]);
    expect((await open({ scope: "openid offline_access" })).url.pathname).toBe("/consent");
  });

  test("an app that another could pose as asks each time (RFC 8252 §8.6)", async () => {
    const { open } = await known();
    const asked = {
      client_id: "native",
      redirect_uri: "http://127.0.0.1:5555/cb",
      code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      code_challenge_method: "S256",
    };
    expect((await open(asked)).url.pathname).toBe("/consent");
    const silent = await open({ ...asked, prompt: "none" });
    expect(silent.url.searchParams.get("error")).toBe("interaction_required");
  });

  test("a public client of the operator that another could pose as is asked too", async () => {
    const { open, server } = await known();
    const redirect_uri = "com.example.web:/cb";
    await server.addClient({
      client_id: "web",
      token_endpoint_auth_method: "none",
      redirect_uris: [redirect_uri],
      scope: "openid",
      skip_consent: true,
    });
    const asked = {
      client_id: "web",
      redirect_uri,
      code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      code_challenge_method: "S256",
    };
    expect((await open(asked)).url.pathname).toBe("/consent");
    const silent = await open({ ...asked, prompt: "none" });
    expect(silent.url.searchParams.get("error")).toBe("interaction_required");
  });

  test("an essential acr that nobody can reach is told to the client", async () => {
    const { open } = await known();
    const claims = '{"id_token":{"acr":{"essential":true,"values":["urn:tessera:mfa"]}}}';
    expect(answerOf(await open({ claims })).error).toBe("unmet_authentication_requirements");
  });
});

describe("OpenID Connect Core §3.1.2.1 id_token_hint", () => {
  test("the hinted user answers, another is asked who he is", async () => {
    const { open, tokens, server, signIn, agree } = await known();
    const { id_token: id_token_hint } = await tokens();
    expect(answerOf(await open({ id_token_hint })).code).toBeString();
    server.advance(7200);
    expect(answerOf(await open({ id_token_hint, prompt: "none" })).code).toBeString();
    const bob = await server.addUser({ username: "bob" });
    await signIn(bob);
    await agree(["openid"]);
    expect((await open({ id_token_hint })).url.pathname).toBe("/login");
    const silent = answerOf(await open({ id_token_hint, prompt: "none" }));
    expect(silent.error).toBe("account_selection_required");
  });

  test("a claimed sub does the same", async () => {
    const { open, alice } = await known();
    const claims = (value: string) => JSON.stringify({ id_token: { sub: { value } } });
    expect(answerOf(await open({ claims: claims(alice), prompt: "none" })).code).toBeString();
    const other = answerOf(await open({ claims: claims("bob"), prompt: "none" }));
    expect(other.error).toBe("account_selection_required");
  });

  test("attack 57: nothing but our ID token for this client is a hint", async () => {
    const { open, tokens } = await known();
    const { id_token, access_token } = await tokens();
    const [header, payload] = id_token.split(".");
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
    const hints = [
      access_token,
      `${header}.${payload}.AAAA`,
      `${none}.${payload}.`,
      "x".repeat(20),
    ];
    for (const id_token_hint of hints) {
      expect(answerOf(await open({ id_token_hint }))).toMatchObject({
        error: "invalid_request",
        error_description: "the parameter id_token_hint is malformed",
      });
    }
    const foreign = await open({ client_id: "other", id_token_hint: id_token });
    expect(answerOf(foreign).error).toBe("invalid_request");
  });
});
