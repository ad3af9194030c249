/** The MCP SDK's client in a page on another site: every step but our own pages is a CORS request. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { OAuthTokens } from "@modelcontextprotocol/sdk/shared/auth.js";
import type { Browser } from "playwright-core";
import { hasChromium, launchChromium } from "../support/chromium.ts";
import { importParties, serverProcess } from "../support/process.ts";
import { browsing, serveWebApp, signInAndAllow } from "../support/web_app.ts";
import { protectedResource, RESOURCE_SERVER } from "./mcp_fixture.ts";
import { SECRET } from "./parties.ts";
import { ALICE } from "./sign_in_fixture.ts";

setDefaultTimeout(180_000);

if (hasChromium()) {
  const [chromium, live] = await Promise.all([launchChromium(), openParties()]);
  afterAll(() => chromium.close());
  describe("the MCP SDK's client in Chromium", () => story(chromium, live));
} else {
  test.skip("the MCP SDK's client in Chromium", () => {});
}

async function openParties() {
  const target = protectedResource({ scopes: ["mcp:tools", "offline_access"] });
  const [server, site] = await Promise.all([
    serverProcess({
      environment: {
        REGISTRATION: "open",
        REGISTRATION_SCOPES: "offline_access mcp:tools",
        REGISTRATION_RESOURCES: target.resource,
      },
    }),
    serveWebApp("mcp_browser_page.ts"),
  ]);
  target.trust(server.issuer);
  const { resource } = target;
  const introspector = {
    client_id: RESOURCE_SERVER,
    client_secret: SECRET,
    grant_types: [],
    resource,
  };
  await importParties(server, { clients: [introspector], users: [ALICE] });
  return { server, site, target };
}

function story(
  chromium: Browser,
  { server, site, target }: Awaited<ReturnType<typeof openParties>>,
): void {
  test("discovers, registers, redeems, refreshes and is let in by the resource", async () => {
    await browsing(chromium, async ({ page, call, leave }) => {
      const settings = { serverUrl: target.resource, redirectUrl: site.redirectUri };
      await page.goto(site.origin);
      await leave("authorize", settings);
      await page.waitForURL(`${server.issuer}/login?*`);
      await signInAndAllow(page, ALICE);
      await page.waitForURL(`${site.redirectUri}?*`);
      const { searchParams } = new URL(page.url());
      expect(searchParams.get("iss")).toBe(server.issuer);
      const first = await call<OAuthTokens>("comeBack", settings, searchParams.get("code"));
      expect(await call<number>("present", target.resource, first.access_token)).toBe(204);
      const second = await call<OAuthTokens>("refresh", settings);
      expect(second.access_token).not.toBe(first.access_token);
      expect(await call<number>("present", target.resource, second.access_token)).toBe(204);
      expect(target.lastIntrospection()).toMatchObject({
        active: true,
        aud: target.resource,
        scope: "mcp:tools offline_access",
      });
    });
  });
}
