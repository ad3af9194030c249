import { describe, expect, test } from "bun:test";
import {
  type Client,
  definePlugin,
  type Issuance,
  type Plugin,
  type Spent,
  t,
} from "../../src/plugin.ts";
import { ISSUER, type TestServer, testServer } from "../support/server.ts";

const PREFIX = "https://stranger.example/";
const never = () => new Promise<never>(() => {});

/** What a well-behaved grant would prove. */
const proven = (more: Partial<Issuance> = {}): Issuance => ({
  subject: "alice",
  scope: ["api1"],
  authorization: "new",
  refresh: false,
  ...more,
});

/** Grants of a stranger, by the last part of their name, and what each of them does. */
const misdeeds: Record<string, () => Promise<Issuance>> = {
  well: async () => proven(),
  throws: async () => {
    throw new Error("select secret from stranger");
  },
  throws_at_once: () => {
    throw new RangeError("select secret from stranger");
  },
  throws_text: async () => {
    throw "select secret from stranger";
  },
  hangs: never,
  proves_nothing: async () => undefined as never,
  proves_nothing_for_another: async () => proven({ authorization: "none" }),
  hangs_spending: async () => proven({ spend: never }),
  throws_spending: async () => proven({ spend: () => Promise.reject(new Error("secret")) }),
  hangs_refused: async () => proven({ scope: ["unregistered"], refused: never }),
  spends_nothing: async () => proven({ spend: async (): Promise<Spent> => ({}) }),
};

/** What a plugin may not say of a token, whether or not the server says it too. */
const STOLEN = {
  iss: "https://evil.example",
  sub: "mallory",
  aud: "https://evil.example",
  client_id: "mallory",
  scope: "admin",
  iat: 1,
  nbf: 1,
  exp: 9_999_999_999,
  jti: "chosen",
  authorization_id: "another's",
  auth_time: 1,
  amr: ["hwk"],
  acr: "gold",
  cnf: { jkt: "mallory" },
  sid: "another's",
  active: false,
  token_type: "N_A",
  username: "root",
};

const stranger: Plugin = definePlugin({
  name: "stranger",
  grants: [
    ...Object.entries(misdeeds).map(([name, prove]) => ({
      grantType: PREFIX + name,
      source: "stranger",
      clients: "any" as const,
      params: t.Object({}),
      prove,
    })),
    ...(["opaque", "jwt"] as const).map((name) => ({
      grantType: PREFIX + name,
      source: "stranger",
      clients: "any" as const,
      params: t.Object({}),
      prove: async ({ client }: { readonly client: Client }) =>
        proven({
          subject: client.id,
          authorization: "none",
          claims: { ...STOLEN, tenant: "blue" },
          extra: {
            ...{ access_token: "chosen", token_type: "N_A", expires_in: 1, scope: "admin" },
            ...{ refresh_token: "chosen", id_token: "chosen", issued_token_type: "urn:x" },
          },
        }),
    })),
  ],
  clientAuth: ["throwing", "throwing_text", "hanging"].map((name) => ({
    name,
    source: "stranger",
    evidence: "presented" as const,
    params: t.Object({ [`${name}_credential`]: t.String() }),
    claim: (_request, params) =>
      params.has(`${name}_credential`) ? { clientId: name, credential: name } : undefined,
    verify: async () => {
      if (name === "throwing") throw new Error("select secret from stranger");
      if (name === "throwing_text") throw "select secret from stranger";
      return never();
    },
  })),
});

const { core } = await import("../../src/server.ts");
const server = await testServer({
  plugins: [core, stranger],
  settings: { pluginTimeoutSeconds: 0.02 },
});
const grants = [...Object.keys(misdeeds), "opaque", "jwt"].map((name) => PREFIX + name);
for (const format of ["opaque", "at+jwt"] as const) {
  await server.addClient({
    client_id: format,
    client_secret: "client-secret-text",
    grant_types: [...grants, "client_credentials", "refresh_token"],
    scope: "api1",
    access_token_format: format,
  });
}
for (const method of ["throwing", "throwing_text", "hanging"]) {
  await server.addClient({
    client_id: method,
    token_endpoint_auth_method: method,
    grant_types: ["client_credentials"],
    scope: "api1",
  });
}

const ask = (at: TestServer, grant: string, client = "at+jwt") =>
  at.post("/token", { grant_type: PREFIX + grant }, { basic: [client, "client-secret-text"] });

const FAULT = {
  error: "server_error",
  error_description: "The HTTP server experienced an internal invariant failure (bug).",
  code: 60,
  error_uri: `${ISSUER}/docs/errors/fault`,
};

async function expectFault(answer: Promise<Response>): Promise<void> {
  const response = await answer;
  expect(response.status).toBe(500);
  const { hint, ...body } = (await response.json()) as Record<string, unknown>;
  expect(body).toEqual(FAULT);
  expect(typeof hint).toBe("string");
}

describe("attack 87: a plugin that misbehaves", () => {
  test.each(Object.keys(misdeeds).filter((name) => /^(throws|hangs|proves_nothing)/.test(name)))(
    "in its grant (%s) is a fault of ours, told without its words, and harms nobody else",
    async (name) => {
      await expectFault(ask(server, name));
      expect((await ask(server, "well")).status).toBe(200);
      const form = { grant_type: "client_credentials", scope: "api1" };
      const basic = ["at+jwt", "client-secret-text"] as const;
      expect((await server.post("/token", form, { basic })).status).toBe(200);
    },
  );

  test.each(["throwing", "throwing_text", "hanging"])(
    "in its client authentication (%s) lets nobody in",
    async (method) => {
      const credentials = { [`${method}_credential`]: "credential-text" };
      await expectFault(
        server.post("/token", {
          grant_type: "client_credentials",
          scope: "api1",
          ...credentials,
        }),
      );
      await expectFault(server.post("/introspect", { token: "x", ...credentials }));
      await expectFault(server.post("/token/revoke", { token: "x", ...credentials }));
    },
  );

  test("leaves nothing of its words, and nothing of the request, in log and audit", async () => {
    await expectFault(ask(server, "throws"));
    const rows = await server.services.store.listAuditRows(1000);
    const written = JSON.stringify([server.log, rows]);
    for (const text of ["select secret", "client-secret-text", "credential-text"]) {
      expect(written).not.toContain(text);
    }
  });

  test("that spends and gives nothing back gets its token", async () => {
    expect((await ask(server, "spends_nothing")).status).toBe(200);
  });
});

describe("attack 87: a plugin that states what only the protocol may", () => {
  test.each(["opaque", "at+jwt"])("is not heard in tokens of format %s", async (format) => {
    const response = await ask(server, format === "opaque" ? "opaque" : "jwt", format);
    const body = (await response.json()) as Record<string, unknown>;
    expect(Object.keys(body).sort()).toEqual(
      ["access_token", "expires_in", "issued_token_type", "scope", "token_type"].sort(),
    );
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 3600, scope: "api1" });
    const token = String(body["access_token"]);
    expect(token).not.toBe("chosen");
    const told = await server.post(
      "/introspect",
      { token },
      { basic: [format, "client-secret-text"] },
    );
    const { jti, ...claims } = (await told.json()) as Record<string, unknown>;
    expect(claims).toEqual({
      active: true,
      token_type: "Bearer",
      iss: ISSUER,
      sub: format,
      aud: ISSUER,
      client_id: format,
      scope: "api1",
      iat: server.services.now(),
      exp: server.services.now() + 3600,
      tenant: "blue",
    });
    expect(jti).not.toBe("chosen");
    if (format === "opaque") return;
    const payload = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    const { active: _, token_type: __, ...rest } = claims;
    expect(payload).toEqual({ ...rest, jti });
  });
});

describe("attack 87: two plugins of one name", () => {
  test.each([
    ["plugin", [core, { name: "core" }]],
    ["stranger's plugin", [core, stranger, { ...stranger, grants: [], clientAuth: [] }]],
    ["grant", [core, { name: "x", grants: core.grants.slice(0, 1) }]],
    [
      "client authentication method",
      [core, { name: "x", clientAuth: core.clientAuth.slice(0, 1) }],
    ],
  ] as const)("refuse the start: %s", async (_what, plugins) => {
    await expect(testServer({ plugins: [...plugins] })).rejects.toThrow(TypeError);
  });
});
