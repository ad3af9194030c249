import { describe, expect, test } from "bun:test";
import { DATABASES } from "../support/databases.ts";
import { ISSUER, START, testServer } from "../support/server.ts";
import {
  bodyOf,
  claimsOf,
  expectRefusal,
  isActive,
  onEachDatabase,
  RESOURCE_SERVER,
  stateOf,
} from "./token_fixture.ts";

const API = "https://api.example/v1";
const FILES = "https://files.example/";

const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database });
  const app = {
    client_id: "app",
    client_secret: "s",
    scope: "api1 api2 openid profile offline_access",
    grant_types: ["client_credentials", "refresh_token"],
    allowed_resources: [API, FILES],
  };
  await server.addClient(RESOURCE_SERVER);
  await server.addClient(app);
  await server.addClient({ ...app, client_id: "default", default_scope: "openid api2" });
  await server.addClient({ ...app, client_id: "user-default", default_scope: "openid" });
  await server.addClient({ ...app, client_id: "opaque", access_token_format: "opaque" });
  await server.addClient({ ...app, client_id: "unspecified", response_types: [] });
  await server.addClient({ ...app, client_id: "public", token_endpoint_auth_method: "none" });
  await server.addClient({ ...app, client_id: "going" });
  return server;
});

describe.each(DATABASES)("RFC 6749 §4.4 client_credentials grant on %s", (database) => {
  const server = servers[database];
  const ask = (form: string | Record<string, string>, as = "app") => {
    const fields = typeof form === "string" ? form : new URLSearchParams(form).toString();
    return server.post("/token", `grant_type=client_credentials&${fields}`, { basic: [as, "s"] });
  };

  test("the response and its access token say what was granted, and nothing is written", async () => {
    const before = await stateOf(server.url);
    const response = await ask({ scope: "api1 api2" });
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("pragma")).toBe("no-cache");
    const body = await bodyOf(response);
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 3600,
      scope: "api1 api2",
    } as never);
    expect(claimsOf(body.access_token)).toEqual({
      iss: ISSUER,
      sub: "app",
      aud: ISSUER,
      client_id: "app",
      scope: "api1 api2",
      iat: START,
      exp: START + 3600,
      jti: expect.any(String),
    });
    expect(await stateOf(server.url)).toBe(before);
  });

  test("attack 64: there is never a refresh token, even for a client registered for it", async () => {
    for (const as of ["app", "opaque", "default"]) {
      expect(Object.keys(await bodyOf(await ask({ scope: "api1" }, as)))).not.toContain(
        "refresh_token",
      );
    }
  });

  test.each(["openid", "profile", "offline_access"])(
    "attack 64: the user's scope %s is refused to a client by itself",
    async (scope) => {
      await expectRefusal(await ask({ scope: `api1 ${scope}` }), [
        400,
        "invalid_scope",
        `the scopes ${scope} are not allowed or invalid`,
      ]);
    },
  );

  test("attack 64: the user's part of a default falls away, and must leave something", async () => {
    expect((await bodyOf(await ask("", "default"))).scope).toBe("api2");
    await expectRefusal(await ask("", "user-default"), [
      400,
      "invalid_request",
      "the parameter scope is missing",
    ]);
  });

  test("attack 64: a public client is refused, registered for the grant or not", async () => {
    const form = { grant_type: "client_credentials", client_id: "public", scope: "api1" };
    await expectRefusal(await server.post("/token", form), [
      400,
      "unauthorized_client",
      "the client public doesn't support the grant type client_credentials",
    ]);
  });

  test("scopes are all or nothing, and named once", async () => {
    await expectRefusal(await ask({ scope: "api9 api1 api8" }), [
      400,
      "invalid_scope",
      "the scopes api9,api8 are not allowed or invalid",
    ]);
    await expectRefusal(await ask({ scope: "api1 api2 api1 api9" }), [
      400,
      "invalid_scope",
      "duplicate scopes api1 have been passed in parameter",
    ]);
  });

  test("a scope that names what no scope may hold cannot leave its sentence", async () => {
    const refusal = await bodyOf(await ask({ scope: `a"\\é${"x".repeat(300)}` }), 400);
    expect(refusal.error_description).toBe(
      `the scopes a'''${"x".repeat(196)} are not allowed or invalid`,
    );
  });

  test("blanks around and between scopes do not count", async () => {
    expect((await bodyOf(await ask("scope=++api1+++api2+"))).scope).toBe("api1 api2");
    const tabbed = await bodyOf(await ask("scope=api1%09api2"), 400);
    expect(tabbed.error_description).toBe("the scopes api1'api2 are not allowed or invalid");
  });

  test("clients registered with no response types work (decisions D3, message 23)", async () => {
    expect((await ask({ scope: "api1" }, "unspecified")).status).toBe(200);
  });

  test("RFC 8707: the audience is the resource asked for, one or several", async () => {
    const one = await bodyOf(await ask({ scope: "api1", resource: API }));
    expect(claimsOf(one.access_token)["aud"]).toBe(API);
    const query = new URLSearchParams([
      ["scope", "api1"],
      ["resource", API],
      ["resource", FILES],
    ]);
    const two = await bodyOf(await ask(query.toString()));
    expect(claimsOf(two.access_token)["aud"]).toEqual([API, FILES]);
  });

  test("attack 58: a resource that the client may not ask for is refused", async () => {
    for (const resource of [
      "https://evil.example/",
      `${API}/`,
      `${API}#f`,
      "api",
      API.slice(0, -1),
    ]) {
      await expectRefusal(await ask({ scope: "api1", resource }), [
        400,
        "invalid_target",
        "the resource is not well formed, or not one the client may ask for",
      ]);
    }
  });

  test("an opaque token says nothing by itself and is found by introspection", async () => {
    const { access_token: token } = await bodyOf(await ask({ scope: "api1" }, "opaque"));
    expect(token).toMatch(/^tsa_[A-Za-z0-9_-]{76}$/);
    expect(await isActive(server, token)).toBe(true);
    expect(await stateOf(server.url)).not.toContain(token);
  });

  test("attack 20: a disabled client and what it holds are refused at once", async () => {
    const { store, now } = server.services;
    const { access_token: token } = await bodyOf(await ask({ scope: "api1" }, "going"));
    expect(await isActive(server, token)).toBe(true);
    await store.setClientDisabled("going", now());
    await expectRefusal(await ask({ scope: "api1" }, "going"), [
      401,
      "invalid_client",
      "the client doesn't exist",
    ]);
    expect(await isActive(server, token)).toBe(false);
    await store.deleteClient("going");
    expect(await isActive(server, token)).toBe(false);
  });
});
