import { describe, expect, test } from "bun:test";
import { decodeJwt } from "jose";
import { defineClientAuth, defineGrant, definePlugin, type Issuance, t } from "../../src/plugin.ts";
import { core } from "../../src/server.ts";
import { testServer } from "../support/server.ts";

describe("attack 87: a client authentication method that answers more than it is asked", () => {
  test("cannot put another client, or another method, in the place of the one it verified", async () => {
    const method = defineClientAuth<string>({
      name: "chatty",
      source: "test",
      evidence: "presented",
      params: t.Object({ chatty_token: t.String() }),
      claim: (_request, params) => {
        const credential = params.get("chatty_token");
        const found = { clientId: params.get("client_id") ?? "", credential: credential ?? "" };
        return credential === undefined ? undefined : { ...found, method: { name: "none" } };
      },
      verify: async () => ({ client: { id: "rich", scopes: ["api1"] } }) as object,
    });
    const plugins = [core, definePlugin({ name: "chatty", clientAuth: [method] })];
    const server = await testServer({ plugins });
    const grant_types = ["client_credentials"];
    await server.addClient({ client_id: "rich", client_secret: "s", grant_types, scope: "api1" });
    await server.addClient({
      client_id: "poor",
      token_endpoint_auth_method: "chatty",
      grant_types,
      scope: "api2",
    });
    const ask = (scope: string) =>
      server.post("/token", {
        grant_type: "client_credentials",
        scope,
        client_id: "poor",
        chatty_token: "x",
      });
    expect((await ask("api1")).status).toBe(400);
    const given = (await (await ask("api2")).json()) as { access_token: string };
    expect(decodeJwt(given.access_token)["client_id"]).toBe("poor");
  });
});

describe("attack 87: a grant that proves nonsense", () => {
  const own = { subject: "c", scope: ["api1"], authorization: "none", refresh: false } as const;
  const nonsense: [string, unknown][] = [
    ["nothing", undefined],
    ["no subject", { ...own, subject: undefined }],
    ["an empty subject", { ...own, subject: "" }],
    ["a text for scopes", { ...own, scope: "api1" }],
    ["another client", { ...own, subject: "other" }],
    ["an empty audience", { ...own, audience: [] }],
    ["a text for an audience", { ...own, audience: "https://api.example" }],
    ["a life without end", { ...own, lifetimeSeconds: 86_401 }],
    ["no life", { ...own, lifetimeSeconds: 0 }],
  ];
  test.each(nonsense)("%s is our fault, and gives no token", async (_name, issuance) => {
    const response = await grantOf(issuance as Issuance);
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ error: "server_error" });
  });

  test("members that the protocol owns are dropped from claims and response", async () => {
    const claims = JSON.parse('{"__proto__":{"cnf":1},"cnf":{"jkt":"x"},"sid":"y","tier":"gold"}');
    const extra = JSON.parse('{"__proto__":{"x":1},"error":"x","id_token":"y","hint":"kept"}');
    const response = await grantOf({ ...own, claims, extra });
    const body = (await response.json()) as Record<string, unknown>;
    expect(Object.keys(body).sort()).toEqual([
      "access_token",
      "expires_in",
      "hint",
      "scope",
      "token_type",
    ]);
    const payload = decodeJwt(String(body["access_token"]));
    expect(payload["tier"]).toBe("gold");
    for (const name of ["cnf", "sid", "__proto__"])
      expect(Object.hasOwn(payload, name)).toBe(false);
  });

  test("audience and life are the grant's, where it says them", async () => {
    const response = await grantOf({ ...own, audience: ["rs"], lifetimeSeconds: 7_200 });
    const body = (await response.json()) as { access_token: string; expires_in: number };
    expect(body.expires_in).toBe(7_200);
    expect(decodeJwt(body.access_token).aud).toBe("rs");
  });

  test("two plugins that claim one name of a grant stop the start-up", async () => {
    const of = (grantType: string, aliases: string[]) =>
      definePlugin({
        name: grantType,
        grants: [
          defineGrant({
            grantType,
            aliases,
            source: "test",
            clients: "any",
            params: t.Object({}),
            prove: async () => own,
          }),
        ],
      });
    const plugins = [core, of("one", ["shared"]), of("two", ["shared"])];
    await expect(testServer({ plugins })).rejects.toThrow('Two plugins register "shared"');
  });

  test("claims that make the token too long to be revoked are our fault", async () => {
    const response = await grantOf({ ...own, claims: { essay: "x".repeat(20_000) } });
    expect(response.status).toBe(500);
  });

  async function grantOf(issuance: Issuance): Promise<Response> {
    const grant = defineGrant({
      grantType: "urn:example:nonsense",
      source: "test",
      clients: "any",
      params: t.Object({}),
      prove: async () => issuance,
    });
    const plugins = [core, definePlugin({ name: "nonsense", grants: [grant] })];
    const server = await testServer({ plugins });
    const grant_types = ["urn:example:nonsense"];
    await server.addClient({ client_id: "c", client_secret: "s", grant_types, scope: "api1" });
    return server.post("/token", { grant_type: "urn:example:nonsense" }, { basic: ["c", "s"] });
  }
});
