/** The server as the MCP SDK's client sees it, which knows nothing but a resource's address. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { auth } from "@modelcontextprotocol/sdk/client/auth.js";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { importParties, serverProcess } from "../support/process.ts";
import {
  MCP_CALLBACK,
  MCP_STATE,
  mcpClient,
  protectedResource,
  RESOURCE_SERVER,
} from "./mcp_fixture.ts";
import { failure, SECRET } from "./parties.ts";
import { ALICE, signInAndAllow, socketBrowser } from "./sign_in_fixture.ts";

setDefaultTimeout(120_000);

const parties = await onEachDatabase(openParties);

/** A server that is open to registration for two resources, and one more that it does not serve. */
async function openParties(database: DatabaseName) {
  const [plain, scoped, foreign] = [
    protectedResource(),
    protectedResource({ scopes: ["mcp:tools", "offline_access"] }),
    protectedResource(),
  ];
  const server = await serverProcess({
    database,
    environment: {
      REGISTRATION: "open",
      REGISTRATION_SCOPES: "openid email offline_access mcp:tools",
      REGISTRATION_RESOURCES: `${plain.resource}, ${scoped.resource}`,
    },
  });
  for (const resource of [plain, scoped, foreign]) resource.trust(server.issuer);
  const introspector = {
    client_id: RESOURCE_SERVER,
    client_secret: SECRET,
    grant_types: [],
    resource: [plain.resource, scoped.resource],
  };
  await importParties(server, { clients: [introspector], users: [ALICE] });
  return { server, plain, scoped, foreign };
}

describe.each(DATABASES)("the MCP SDK's client against a server on %s", (database) => {
  const { server, plain, scoped, foreign } = parties[database];

  test.each([
    ["none", "no scopes", plain, "openid email offline_access mcp:tools"],
    ["none", "scopes", scoped, "mcp:tools offline_access"],
    ["client_secret_basic", "scopes", scoped, "mcp:tools offline_access"],
    ["client_secret_post", "no scopes", plain, "openid email offline_access mcp:tools"],
  ] as const)(
    "a client by %s discovers, registers, signs in and refreshes for a resource that announces %s",
    async (authMethod, _announced, target, scope) => {
      const { resource } = target;
      const { provider, kept } = mcpClient(authMethod);
      expect(await auth(provider, { serverUrl: resource })).toBe("REDIRECT");
      expect(kept.client).toMatchObject({ token_endpoint_auth_method: authMethod });
      expect(typeof kept.client?.client_secret).toBe(
        authMethod === "none" ? "undefined" : "string",
      );
      expect(kept.address?.searchParams.get("resource")).toBe(resource);

      const browser = socketBrowser(server);
      const answer = await signInAndAllow(browser, `${kept.address}`);
      expect(`${answer.origin}${answer.pathname}`).toBe(MCP_CALLBACK);
      const { code = "", ...rest } = Object.fromEntries(answer.searchParams);
      expect(rest).toEqual({ state: MCP_STATE, iss: server.issuer });

      const authorizationCode = { serverUrl: resource, authorizationCode: code };
      expect(await auth(provider, authorizationCode)).toBe("AUTHORIZED");
      const first = kept.tokens;
      expect(await audienceOf(first?.access_token)).toBe(resource);
      expect(first?.scope).toBe(scope);
      expect(await present(resource, first?.access_token)).toBe(204);
      expect(target.lastIntrospection()).toMatchObject({
        active: true,
        aud: resource,
        client_id: `${kept.client?.client_id}`,
        scope,
      });

      expect(await auth(provider, { serverUrl: resource })).toBe("AUTHORIZED");
      const second = kept.tokens;
      expect(second?.access_token).not.toBe(`${first?.access_token}`);
      expect(second?.refresh_token).not.toBe(`${first?.refresh_token}`);
      expect(await audienceOf(second?.access_token)).toBe(resource);
      expect(await present(resource, second?.access_token)).toBe(204);
    },
  );

  test("attack 58: another resource, and we ourselves, refuse a token that is not for them", async () => {
    const { provider, kept } = mcpClient("none");
    await auth(provider, { serverUrl: plain.resource });
    const answer = await signInAndAllow(socketBrowser(server), `${kept.address}`);
    const authorizationCode = `${answer.searchParams.get("code")}`;
    await auth(provider, { serverUrl: plain.resource, authorizationCode });
    const token = kept.tokens?.access_token;
    expect(await present(plain.resource, token)).toBe(204);
    expect(await present(scoped.resource, token)).toBe(401);
    expect(scoped.lastIntrospection()).toMatchObject({ active: true, aud: plain.resource });
    expect(await present(`${server.issuer}/userinfo`, token)).toBe(401);
  });

  test("attack 58: a resource that registration does not open is invalid_target", async () => {
    const { provider, kept } = mcpClient("none");
    await auth(provider, { serverUrl: foreign.resource });
    const page = await socketBrowser(server).open(`${kept.address}`, { crossSite: true });
    // The client registered itself, so the user goes there by the page's link (RFC 9700 §4.11.2).
    const [, link = ""] = /<a class="button" href="([^"]+)"/.exec(page.text) ?? [];
    const answer = new URL(link.replaceAll("&amp;", "&"));
    expect(`${answer.origin}${answer.pathname}`).toBe(MCP_CALLBACK);
    expect(Object.fromEntries(answer.searchParams)).toMatchObject({
      error: "invalid_target",
      state: MCP_STATE,
      iss: server.issuer,
    });
  });

  test("attack 4: a code of one client is not redeemed for another, and the SDK says so", async () => {
    const [alice, mallory] = [mcpClient("none"), mcpClient("none")];
    await auth(alice.provider, { serverUrl: plain.resource });
    await auth(mallory.provider, { serverUrl: plain.resource });
    const answer = await signInAndAllow(socketBrowser(server), `${alice.kept.address}`);
    const stolen = {
      serverUrl: plain.resource,
      authorizationCode: `${answer.searchParams.get("code")}`,
    };
    expect(await failure(auth(mallory.provider, stolen))).toMatchObject({
      name: "InvalidGrantError",
    });
    expect(mallory.kept.tokens).toBeUndefined();
    expect(await auth(alice.provider, stolen)).toBe("AUTHORIZED");
  });

  /** The audience of an access token of ours, exactly as it stands in the JWT. */
  async function audienceOf(token = ""): Promise<unknown> {
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`));
    const { payload } = await jwtVerify(token, keys, { issuer: server.issuer, typ: "at+jwt" });
    return payload.aud;
  }
});

async function present(address: string, token = ""): Promise<number> {
  const { status } = await fetch(address, { headers: { Authorization: `Bearer ${token}` } });
  return status;
}
