/** The server as `oidc-client-ts` sees it: a single page application on another site, in Chromium. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser } from "playwright-core";
import { hasChromium, launchChromium } from "../support/chromium.ts";
import { importParties, serverProcess } from "../support/process.ts";
import { type AppPage, browsing, serveWebApp, signInAndAllow } from "../support/web_app.ts";
import type { Fetched, Seen } from "./browser_oidc_client_page.ts";
import { ALICE } from "./sign_in_fixture.ts";

setDefaultTimeout(180_000);

if (hasChromium()) {
  const [chromium, live] = await Promise.all([launchChromium(), openParties()]);
  afterAll(() => chromium.close());
  describe("oidc-client-ts in Chromium", () => stories(chromium, live));
} else {
  test.skip("oidc-client-ts in Chromium", () => {});
}

/** The server; the site of its clients, one for each algorithm; and a site that it does not know. */
async function openParties() {
  const [server, site, stranger] = await Promise.all([
    serverProcess(),
    serveWebApp("browser_oidc_client_page.ts"),
    serveWebApp("browser_oidc_client_page.ts"),
  ]);
  const client = {
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    scope: "openid profile email offline_access",
    redirect_uris: [site.redirectUri],
    post_logout_redirect_uris: [site.signedOutUri],
  };
  const clients = [
    { client_id: "spa", ...client },
    { client_id: "spa-es256", id_token_signed_response_alg: "ES256", ...client },
  ];
  await importParties(server, { clients, users: [ALICE] });
  return { server, site, stranger };
}

function stories(
  chromium: Browser,
  { server, site, stranger }: Awaited<ReturnType<typeof openParties>>,
): void {
  const { issuer } = server;

  const settingsOf = (clientId: string, responseMode: "query" | "fragment" = "query") => ({
    authority: issuer,
    client_id: clientId,
    redirect_uri: site.redirectUri,
    post_logout_redirect_uri: site.signedOutUri,
    scope: "openid profile email offline_access",
    response_mode: responseMode,
    loadUserInfo: true,
    automaticSilentRenew: false,
  });

  /** From the application to our pages and back; the answer and what the library made of it. */
  async function signIn(
    { page, call, leave }: AppPage,
    settings: ReturnType<typeof settingsOf>,
  ): Promise<{ readonly answer: URLSearchParams; readonly user: Seen }> {
    await page.goto(site.origin);
    await leave("signIn", settings);
    await page.waitForURL(`${issuer}/login?*`);
    await signInAndAllow(page, ALICE);
    await page.waitForURL((url) => url.href.startsWith(site.redirectUri));
    const { search, hash } = new URL(page.url());
    const fields = settings.response_mode === "fragment" ? hash : search;
    return {
      answer: new URLSearchParams(fields.slice(1)),
      user: await call<Seen>("comeBack", settings),
    };
  }

  test.each([
    ["spa", "RS256", "query"],
    ["spa-es256", "ES256", "fragment"],
  ] as const)(
    "%s signs in, redeems the code, renews and signs out, with ID tokens by %s",
    async (clientId, algorithm, responseMode) => {
      await browsing(chromium, async (app) => {
        const { page, call, leave } = app;
        const settings = settingsOf(clientId, responseMode);
        const { answer, user } = await signIn(app, settings);
        expect(answer.get("iss")).toBe(issuer);
        expect([...answer.keys()].sort()).toEqual(["code", "iss", "state"]);
        expect(user.algorithm).toBe(algorithm);
        expect(user.claims).toMatchObject({ iss: issuer, aud: clientId, amr: ["pwd"] });
        // The ID token has no profile of hers: it is /userinfo that told it, across origins.
        expect(user.claims["name"]).toBeUndefined();
        expect(user.profile).toMatchObject({
          sub: user.claims["sub"],
          name: ALICE.claims.name,
          email: ALICE.email,
        });
        expect(user.scope).toBe("openid profile email offline_access");

        const renewed = await call<Seen>("renew", settings);
        expect(renewed.accessToken).not.toBe(user.accessToken);
        expect(renewed.refreshToken).not.toBe(user.refreshToken);
        expect(renewed.claims["sub"]).toBe(user.claims["sub"]);
        expect(renewed.claims["auth_time"]).toBe(user.claims["auth_time"]);
        expect(renewed.algorithm).toBe(algorithm);
        expect(renewed.profile["name"]).toBe(ALICE.claims.name);

        await leave("signOut", settings);
        await page.waitForURL(`${site.signedOutUri}*`);
        // The library would look for `state` in the fragment, which logout has no word for.
        const atLogout = { ...settings, response_mode: "query" };
        expect(await call<unknown>("signedOut", atLogout)).toEqual({ from: "the application" });
        await page.goto(`${issuer}/account`);
        expect(new URL(page.url()).pathname).toBe("/login");
      });
    },
  );

  test("attack 81: a page of an origin that nobody registered cannot read tokens or claims", async () => {
    await browsing(
      chromium,
      async (app) => {
        const { page, call } = app;
        const { user } = await signIn(app, settingsOf("spa"));
        const form = {
          grant_type: "refresh_token",
          client_id: "spa",
          refresh_token: `${user.refreshToken}`,
        };
        const redeem = () => call<Fetched>("redeem", `${issuer}/token`, form);
        const userinfo = () => call<Fetched>("userinfo", `${issuer}/userinfo`, user.accessToken);
        expect(await redeem()).toMatchObject({ status: 200, body: { token_type: "Bearer" } });
        expect(await userinfo()).toMatchObject({ status: 200, body: { email: ALICE.email } });
        await page.goto(stranger.origin);
        expect(await redeem()).toEqual({ blocked: "TypeError" });
        expect(await userinfo()).toEqual({ blocked: "TypeError" });
      },
      {
        complaints: [
          /\/token' from origin .* has been blocked by CORS policy/,
          /\/userinfo' from origin .* has been blocked by CORS policy/,
          /^Failed to load resource: net::ERR_FAILED/,
        ],
      },
    );
  });

  test("attack 74: a request with a redirect URI that nobody registered ends on a page of ours", async () => {
    await browsing(
      chromium,
      async ({ page, leave }) => {
        await page.goto(stranger.origin);
        await leave("signIn", { ...settingsOf("spa"), redirect_uri: stranger.redirectUri });
        await page.waitForURL(`${issuer}/authorize?*`);
        expect(await page.locator("body").textContent()).toContain("redirect");
      },
      { complaints: [/status of 400/] },
    );
  });
}
