import { describe, expect, test } from "bun:test";
import { Glob } from "bun";
import { definePlugin, type Plugin } from "../../src/plugin.ts";
import { core } from "../../src/server.ts";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { DATABASES } from "../support/databases.ts";
import { ISSUER, START, testServer } from "../support/server.ts";
import { JWT_BEARER, KEY, PARTNER, strangeServer, tokensOf } from "./strange_server.ts";
import { apiKeys } from "./stranger_client_auth.ts";
import { jwtBearer } from "./stranger_grant.ts";

/** Longest file in which a stranger writes a grant or a client authentication method. */
const LINES_MAX = 40;

const servers = await onEachDatabase(strangeServer);

describe("the strangers' files", () => {
  const files = [...new Glob("stranger_*.ts").scanSync(import.meta.dir)];

  test.each(files)("%s imports nothing of Tessera but the public module", async (file) => {
    const source = await Bun.file(`${import.meta.dir}/${file}`).text();
    const imports = [...source.matchAll(/from "([^"]+)"/g)].map(([, specifier = ""]) => specifier);
    expect(imports).toContain("../../src/plugin.ts");
    const local = imports.filter((specifier) => /^[./]/.test(specifier));
    expect(local).toEqual(["../../src/plugin.ts"]);
  });

  test.each(["stranger_grant.ts", "stranger_client_auth.ts"])(
    `%s is at most ${LINES_MAX} lines`,
    async (file) => {
      const source = await Bun.file(`${import.meta.dir}/${file}`).text();
      expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(LINES_MAX);
    },
  );
});

describe.each(DATABASES)("plugins by strangers on %s", (database) => {
  const server = servers[database];

  test("a grant and a client authentication method give a real token together", async () => {
    const response = await server.exchange({ assertion: await server.assertion(), scope: "read" });
    expect(response.status).toBe(200);
    const tokens = await tokensOf(response);
    expect(tokens).toMatchObject({ token_type: "Bearer", expires_in: 3600, scope: "read" });

    const state = await server.post(
      "/introspect",
      { token: tokens.access_token, client_id: "reports" },
      KEY,
    );
    expect(await state.json()).toMatchObject({
      active: true,
      sub: `${PARTNER}#ada`,
      client_id: "reports",
      scope: "read",
      iss: ISSUER,
    });
  });

  test("the token of a stranger's grant is refreshed and revoked like any other", async () => {
    const assertion = await server.assertion();
    const first = await tokensOf(await server.exchange({ assertion, scope: "read" }));
    const refreshed = await server.post(
      "/token",
      { grant_type: "refresh_token", refresh_token: first.refresh_token, client_id: "reports" },
      KEY,
    );
    expect(refreshed.status).toBe(200);
    const { access_token: token, refresh_token: successor } = await tokensOf(refreshed);
    const revoked = await server.post(
      "/token/revoke",
      { token: successor, client_id: "reports" },
      KEY,
    );
    expect(revoked.status).toBe(200);
    for (const dead of [token, first.access_token]) {
      const state = await server.post("/introspect", { token: dead, client_id: "reports" }, KEY);
      expect(await state.json()).toEqual({ active: false });
    }
  });

  test("a built-in grant works with a stranger's client authentication", async () => {
    const response = await server.exchange({ grant_type: "client_credentials", scope: "write" });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ scope: "write" });
  });

  test("a missing parameter of a stranger's grant is named", async () => {
    const response = await server.exchange({ scope: "read" });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: "invalid_request",
      error_description: "the parameter assertion is missing",
      code: 25,
      hint: "A required parameter in the request was missing.",
      detail: "assertion",
      error_uri: `${ISSUER}/docs/errors/parameter_missing`,
    });
  });

  test("a parameter that breaks the stranger's schema is malformed", async () => {
    const response = await server.exchange({ assertion: "a".repeat(8193), scope: "read" });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: "invalid_request",
      error_description: "the parameter assertion is malformed",
      detail: "assertion",
    });
  });

  test("a stranger's parameters in the URL are refused", async () => {
    const response = await server.post("/token?assertion=x", { grant_type: JWT_BEARER }, KEY);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error_description: "the parameter assertion must be sent in the body, not in the URL",
    });
  });

  test.each([
    ["another issuer", { iss: "https://evil.example" }],
    ["another audience", { aud: "https://other.example" }],
    ["an expired one", { exp: START - 60 }],
    ["one without an id", { jti: undefined }],
  ])("an assertion that proves nothing is invalid_grant: %s", async (_name, claims) => {
    const response = await server.exchange({
      assertion: await server.assertion(claims),
      scope: "read",
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: "invalid_grant",
      error_description: `the request does not prove the grant ${JWT_BEARER}`,
      error_uri: `${ISSUER}/docs/errors/grant_unproven`,
    });
  });

  test("what a stranger's grant spends is spent once, of twenty at once", async () => {
    const same = await server.assertion();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => server.exchange({ assertion: same, scope: "read" })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 400)).toHaveLength(19);
  });

  test("a scope that the client is not registered for leaves the assertion unspent", async () => {
    const same = await server.assertion();
    const refused = await server.exchange({ assertion: same, scope: "admin" });
    expect(await refused.json()).toMatchObject({ error: "invalid_scope" });
    expect((await server.exchange({ assertion: same, scope: "read" })).status).toBe(200);
  });

  test.each([
    ["a wrong credential", { headers: { "X-Api-Key": "key-2" } }],
    ["no credential", { headers: {} }],
  ])("%s gives the row for plugins' methods", async (_name, options) => {
    const response = await server.post(
      "/token",
      { grant_type: "client_credentials", scope: "read", client_id: "reports" },
      options,
    );
    expect(response.status).toBe(400);
    expect(response.headers.get("WWW-Authenticate")).toBeNull();
    expect(await response.json()).toMatchObject({
      error: "invalid_client",
      error_description: "the client cannot be authenticated with api_key",
      code: 9750,
      error_uri: `${ISSUER}/docs/errors/client_unauthenticated`,
    });
  });

  test("a stranger's credential beside Basic is two methods", async () => {
    const response = await server.post(
      "/token",
      { grant_type: "client_credentials", scope: "read", client_id: "reports" },
      { ...KEY, basic: ["reports", "key-1"] },
    );
    expect(await response.json()).toMatchObject({
      error: "invalid_request",
      error_description: "the client must use one authentication method only",
    });
  });
});

describe("attack 87: two plugins with one name stop the start-up", () => {
  const [grant] = jwtBearer({}).grants;
  const [method] = apiKeys.clientAuth;
  const refused: [string, string, Plugin][] = [
    ["plugin name", "core", definePlugin({ name: "core" })],
    ["grant type", JWT_BEARER, definePlugin({ name: "mine", grants: [grant, grant] })],
    [
      "built-in grant type",
      "password",
      definePlugin({ name: "mine", grants: [{ ...grant, grantType: "password" }] }),
    ],
    ["method name", "api_key", definePlugin({ name: "mine", clientAuth: [method, method] })],
    [
      "built-in method name",
      "none",
      definePlugin({ name: "mine", clientAuth: [{ ...method, name: "none" }] }),
    ],
  ];

  test.each(refused)("%s: %s", async (_kind, name, plugin) => {
    const start = () => testServer({ plugins: [core, plugin] });
    await expect(start()).rejects.toThrow(new TypeError(`Two plugins register "${name}"`));
  });
});
