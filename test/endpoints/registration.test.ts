import { describe, expect, test } from "bun:test";
import { DATABASES } from "../support/databases.ts";
import type { TestServer } from "../support/server.ts";
import { CALLBACK, openRegistration, RESOURCE, register } from "./registration_fixture.ts";

const servers = Object.fromEntries(
  await Promise.all(
    DATABASES.map(async (name) => [name, await openRegistration(name, "open")] as const),
  ),
);

describe.each(DATABASES)("RFC 7591 §3 dynamic registration on %s", (database) => {
  const server = servers[database] as TestServer;

  test("a client gets an id, a secret, a token of its own, and its metadata back", async () => {
    const { status, body, headers } = await register(server, {
      redirect_uris: [CALLBACK],
      client_name: "App",
      a_word_nobody_knows: 1,
    });
    expect(status).toBe(201);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toMatchObject({
      redirect_uris: [CALLBACK],
      client_name: "App",
      token_endpoint_auth_method: "client_secret_basic",
      grant_types: ["authorization_code"],
      response_types: ["code"],
      client_secret_expires_at: 0,
      scope: "openid profile email offline_access",
      default_scope: "openid profile email offline_access",
      allowed_resources: [RESOURCE],
    });
    expect(body).not.toHaveProperty("a_word_nobody_knows");
    expect(String(body["client_secret"])).toHaveLength(43);
    const [id, secret] = [String(body["client_id"]), String(body["client_secret"])];
    const used = await server.post("/introspect", { token: "x" }, { basic: [id, secret] });
    expect(await used.json()).toEqual({ active: false });
  });

  test("a public client gets no secret", async () => {
    const { status, body } = await register(server, {
      redirect_uris: ["http://127.0.0.1/callback"],
      token_endpoint_auth_method: "none",
    });
    expect(status).toBe(201);
    expect(body).not.toHaveProperty("client_secret");
    expect(body).not.toHaveProperty("client_secret_expires_at");
  });

  const refused: [string, Record<string, unknown>, string, string][] = [
    [
      "javascript:",
      { redirect_uris: ["javascript:alert(1)"] },
      "invalid_redirect_uri",
      "redirect_uris",
    ],
    ["data:", { redirect_uris: ["data:text/html,x"] }, "invalid_redirect_uri", "redirect_uris"],
    ["a fragment", { redirect_uris: [`${CALLBACK}#x`] }, "invalid_redirect_uri", "redirect_uris"],
    [
      "plain http",
      { redirect_uris: ["http://app.example/cb"] },
      "invalid_redirect_uri",
      "redirect_uris",
    ],
    ...[
      "view-source:x",
      "mailto:a@b.example",
      "https:evil.example/cb",
      `${CALLBACK}?code=1`,
      "https://",
      "https://a b/",
      "https://[x/",
      "https://a:99999/",
    ].map((uri): [string, Record<string, unknown>, string, string] => [
      uri,
      { redirect_uris: [uri] },
      "invalid_redirect_uri",
      "redirect_uris",
    ]),
    [
      "a name that turns the text around",
      { redirect_uris: [CALLBACK], client_name: "App\u202egro.knab" },
      "invalid_client_metadata",
      "client_name",
    ],
    [
      "a weaker challenge method",
      { redirect_uris: [CALLBACK], code_challenge_methods: ["plain"] },
      "invalid_client_metadata",
      "code_challenge_methods",
    ],
    ["no redirect URI", {}, "invalid_redirect_uri", "redirect_uris"],
    ["a number", { redirect_uris: [1] }, "invalid_redirect_uri", "redirect_uris[0]"],
    [
      "a foreign scope",
      { redirect_uris: [CALLBACK], scope: "admin" },
      "invalid_client_metadata",
      "scope",
    ],
    [
      "the password grant",
      { redirect_uris: [CALLBACK], grant_types: ["password"] },
      "invalid_client_metadata",
      "grant_types",
    ],
    [
      "client_credentials",
      { redirect_uris: [CALLBACK], grant_types: ["client_credentials"] },
      "invalid_client_metadata",
      "grant_types",
    ],
    [
      "an unknown method",
      { redirect_uris: [CALLBACK], token_endpoint_auth_method: "magic" },
      "invalid_client_metadata",
      "token_endpoint_auth_method",
    ],
    [
      "uma_owner_delegation",
      { redirect_uris: [CALLBACK], uma_owner_delegation: true },
      "invalid_client_metadata",
      "uma_owner_delegation",
    ],
    [
      "introspect_any",
      { redirect_uris: [CALLBACK], introspect_any: true },
      "invalid_client_metadata",
      "introspect_any",
    ],
    [
      "skip_consent",
      { redirect_uris: [CALLBACK], skip_consent: true },
      "invalid_client_metadata",
      "skip_consent",
    ],
    [
      "to be a resource",
      { redirect_uris: [CALLBACK], resource: RESOURCE },
      "invalid_client_metadata",
      "resource",
    ],
    [
      "a foreign resource",
      { redirect_uris: [CALLBACK], allowed_resources: ["https://x.example/"] },
      "invalid_client_metadata",
      "allowed_resources",
    ],
    [
      "token as response type",
      { redirect_uris: [CALLBACK], response_types: ["token"] },
      "invalid_client_metadata",
      "response_types",
    ],
  ];
  test.each(refused)("attacks 6 and 78: %s is refused", async (_name, metadata, error, detail) => {
    const { status, body } = await register(server, metadata);
    expect({ status, error: body["error"], detail: body["detail"] }).toEqual({
      status: 400,
      error,
      detail,
    });
  });

  test.each(["[]", "null", "{", "1", "", '{"redirect_uris":'])(
    "a body of %p is refused",
    async (text) => {
      const response = await server.server.handle(
        new Request("http://localhost/register", {
          method: "POST",
          body: text,
          headers: { "Content-Type": "application/json" },
        }),
      );
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: "invalid_request", code: 22 });
    },
  );

  test("attack 80: prototype members of the body reach nothing", async () => {
    const text = `{"redirect_uris":["${CALLBACK}"],"__proto__":{"introspect_any":true},"constructor":{"prototype":{"x":1}}}`;
    const { status, body } = await register(server, text);
    expect(status).toBe(201);
    expect(body).not.toHaveProperty("introspect_any");
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });
});
