import { describe, expect, test } from "bun:test";
import { Elysia } from "elysia";
import { definePlugin } from "../../src/plugin.ts";
import { core } from "../../src/server.ts";
import { ISSUER, testServer } from "../support/server.ts";
import { JWT_BEARER, KEY, strangeServer } from "./strange_server.ts";
import { whoami } from "./stranger_routes.ts";

const server = await strangeServer("sqlite");

describe("documents read off the registry", () => {
  test("discovery names them", async () => {
    const response = await server.get("/.well-known/oauth-authorization-server");
    const methods = expect.arrayContaining(["client_secret_basic", "api_key"]);
    expect(await response.json()).toMatchObject({
      grant_types_supported: expect.arrayContaining(["password", JWT_BEARER]),
      token_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_methods_supported: methods,
      introspection_endpoint_auth_methods_supported: methods,
    });
  });

  test("the OpenAPI document has the grant's schema, the security scheme and the errors", async () => {
    const document = await (await server.get("/docs/json")).json();
    const $ref = "#/components/schemas/TokenRequest_jwt_bearer";
    const operation = ["paths", "/token", "post"];
    const form = [...operation, "requestBody", "content", "application/x-www-form-urlencoded"];
    expect(document).toHaveProperty(
      [...form, "schema", "discriminator", "mapping", JWT_BEARER],
      $ref,
    );
    expect(document).toHaveProperty(
      [...form, "schema", "oneOf"],
      expect.arrayContaining([{ $ref }]),
    );
    expect(document).toHaveProperty(
      [...operation, "security"],
      expect.arrayContaining([{ api_key: [] }]),
    );
    expect(document).toHaveProperty([...operation, "responses", "400"]);
    expect(JSON.stringify(document)).toContain(`the request does not prove the grant`);
    expect(document).toMatchObject({
      paths: { "/whoami": { post: {} } },
      components: {
        schemas: {
          TokenRequest_jwt_bearer: {
            required: expect.arrayContaining(["grant_type", "assertion"]),
            properties: {
              grant_type: { enum: [JWT_BEARER] },
              assertion: { type: "string", maxLength: 8192 },
            },
          },
        },
        securitySchemes: { api_key: { type: "apiKey", in: "header", name: "X-Api-Key" } },
      },
    });
  });
});

describe("a stranger's routes", () => {
  test("a stranger's route authenticates clients by every registered method", async () => {
    const known = await server.post("/whoami", { client_id: "reports" }, KEY);
    expect(known.status).toBe(200);
    expect(await known.json()).toEqual({ client_id: "reports", method: "api_key" });
    const unknown = await server.post("/whoami", { client_id: "nobody" }, KEY);
    expect(unknown.status).toBe(400);
    expect(await unknown.json()).toMatchObject({
      error: "invalid_client",
      error_description: "the client doesn't exist",
    });
  });

  test("a refusal thrown in a stranger's route is rendered like ours", async () => {
    const response = await server.get("/locked");
    expect(response.status).toBe(400);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(await response.json()).toEqual({
      error: "invalid_scope",
      error_description: "the scopes notes are not allowed or invalid",
      detail: "scope",
      error_uri: `${ISSUER}/docs/errors/scope_refused`,
    });
  });

  test("a stranger's own error is a fault without its message", async () => {
    const response = await server.get("/broken");
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: "server_error", code: 60 });
    expect(text + JSON.stringify(server.log)).not.toContain("hunter2");
  });

  test("another method at a stranger's route is 405", async () => {
    const response = await server.get("/whoami");
    expect(response.status).toBe(405);
    expect(response.headers.get("Allow")).toBe("POST");
  });

  describe("JSON in a stranger's route", () => {
    const send = (body: string) =>
      server.server.handle(
        new Request("http://localhost/notes", {
          method: "POST",
          body,
          headers: { "Content-Type": "application/json" },
        }),
      );

    test("is validated by the route's schema", async () => {
      expect(await (await send('{"text":"hello"}')).json()).toEqual({ length: 5 });
    });

    test.each([
      ["a missing member", "{}", "the parameter text is missing"],
      ["a malformed member", `{"text":"${"secret".repeat(9)}"}`, "the parameter text is malformed"],
      ["a broken document", '{"text":', "the JSON in the body is not well formed"],
    ])("that is wrong is our 400: %s", async (_name, body, description) => {
      const response = await send(body);
      expect(response.status).toBe(400);
      const text = await response.text();
      expect(JSON.parse(text)).toMatchObject({
        error: "invalid_request",
        error_description: description,
      });
      expect(text).not.toContain("secretsecret");
    });
  });
});

describe("attack 87: a plugin's route that is taken stops the start-up", () => {
  const shadow = (name: string, path: string) =>
    definePlugin({ name, routes: () => new Elysia().post(path, () => "mine") });

  test.each([
    ["one of ours", "/token", [core, shadow("shadow", "/token")]],
    ["another plugin's", "/whoami", [core, whoami, shadow("shadow", "/whoami")]],
  ])("%s: POST %s", async (_whose, path, plugins) => {
    await expect(testServer({ plugins })).rejects.toThrow(
      new TypeError(`Plugin "shadow" registers "POST ${path}" again`),
    );
  });

  test("the same path for another method is free", async () => {
    const free = definePlugin({
      name: "free",
      routes: () => new Elysia().get("/token", () => "ok"),
    });
    const server = await testServer({ plugins: [core, free] });
    expect(await (await server.get("/token")).text()).toBe("ok");
  });
});
