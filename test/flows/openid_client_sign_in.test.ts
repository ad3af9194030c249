import { describe, expect, test } from "bun:test";
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildAuthorizationUrlWithPAR,
  ClientSecretBasic,
  type Configuration,
  calculatePKCECodeChallenge,
  clockSkew,
  customFetch,
  discovery,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";
import { authorizationTest, RESOURCES } from "../support/authorization.ts";
import type { Page } from "../support/browser.ts";
import { DATABASES } from "../support/databases.ts";
import { CALLBACK } from "../support/openid.ts";
import { ISSUER, type TestServer } from "../support/server.ts";

/** openid-client, talking to the server without a port, and told how far the server's clock is ahead. */
function configure({ server, services }: TestServer): Promise<Configuration> {
  const ahead = services.now() - Math.floor(Date.now() / 1000);
  const metadata = { client_secret: "s", [clockSkew]: ahead };
  const fetch = (url: string, options: RequestInit) => server.handle(new Request(url, options));
  return discovery(new URL(ISSUER), "app", metadata, ClientSecretBasic("s"), {
    execute: [allowInsecureRequests],
    [customFetch]: (url, options) => fetch(url, options as RequestInit),
  });
}

describe.each(DATABASES)(
  "a person signs in, agrees, and openid-client redeems the code on %s",
  (database) => {
    async function flow(push: boolean, extra: Record<string, string> = {}) {
      const { server, browser, alice } = await authorizationTest(database);
      const config = await configure(server);
      const [verifier, state, nonce] = [randomPKCECodeVerifier(), randomState(), randomNonce()];
      const parameters = {
        redirect_uri: CALLBACK,
        scope: "openid email",
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        ...extra,
      };
      const url = push
        ? await buildAuthorizationUrlWithPAR(config, parameters)
        : buildAuthorizationUrl(config, parameters);
      const login = await browser.open(url.href);
      expect(login.url.pathname).toBe("/login");
      const wrong = await browser.submit(login, { identifier: "alice", password: "wrong" });
      expect(wrong.url.pathname).toBe("/login");
      const consent = await browser.submit(wrong, {
        identifier: "alice",
        password: "correct horse",
      });
      expect(consent.url.pathname).toBe("/consent");
      const page: Page = await browser.submit(consent, {}, { button: "allow" });
      const tokens = await authorizationCodeGrant(config, page.url, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
      });
      return { tokens, alice, url };
    }

    test("with a plain request", async () => {
      const { tokens, alice } = await flow(false);
      expect(tokens.claims()).toMatchObject({ iss: ISSUER, sub: alice, aud: "app" });
      expect(tokens.scope).toBe("openid email");
      expect(tokens.refresh_token).toBeString();
    });

    test("with a pushed request and a resource", async () => {
      const { tokens, url } = await flow(true, { resource: RESOURCES[0] });
      expect([...url.searchParams.keys()].sort()).toEqual(["client_id", "request_uri"]);
      const payload = tokens.access_token.split(".")[1] ?? "";
      const { aud } = JSON.parse(Buffer.from(payload, "base64url").toString());
      expect(aud).toBe(RESOURCES[0]);
    });
  },
);
