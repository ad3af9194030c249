/** The plugin that README shows, tried. */
import { afterAll, describe, expect, test } from "bun:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { core } from "../src/server.ts";
import { jwtBearer } from "./readme_plugin.ts";
import { ISSUER, START, testServer } from "./support/server.ts";

const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const PARTNER = "https://partner.example";

const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "ES256" }] };
const host = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => Response.json(jwks) });
afterAll(() => host.stop(true));

const server = await testServer({ plugins: [core, jwtBearer(PARTNER, new URL(host.url))] });
await server.addClient({
  client_id: "app",
  client_secret: "s3cret",
  grant_types: [GRANT_TYPE],
  scope: "api1",
});
const BASIC = { basic: ["app", "s3cret"] } as const;

/** Sends an assertion of the partner. */
async function exchange(claims: Record<string, unknown> = {}): Promise<Response> {
  const assertion = await new SignJWT({
    iss: PARTNER,
    sub: "ada",
    aud: ISSUER,
    exp: START + 60,
    ...claims,
  })
    .setProtectedHeader({ alg: "ES256", kid: "1" })
    .sign(privateKey);
  return server.post("/token", { grant_type: GRANT_TYPE, assertion, scope: "api1" }, BASIC);
}

describe("README's plugin", () => {
  test("is the one that the type checker and these tests see, in at most 26 lines", async () => {
    const [, plugin = ""] =
      /^```ts\n([\s\S]*?)^```$/m.exec(await Bun.file("README.md").text()) ?? [];
    expect(plugin).toBe(await Bun.file("test/readme_plugin.ts").text());
    expect(plugin.trimEnd().split("\n").length).toBeLessThanOrEqual(26);
    const imports = [...plugin.matchAll(/from "([^"]+)"/g)].map(([, name]) => name ?? "");
    expect(imports).toEqual(["jose", "../src/plugin.ts"]);
  });

  test("gives a real token for the partner's assertion", async () => {
    const response = await exchange();
    expect(response.status).toBe(200);
    const { access_token: token } = (await response.json()) as { access_token: string };
    const introspected = await server.post("/introspect", { token }, BASIC);
    expect(await introspected.json()).toMatchObject({
      active: true,
      sub: `${PARTNER}#ada`,
      scope: "api1",
    });
  });

  test.each([
    { iss: "https://other.example" },
    { aud: "https://other.example" },
    { exp: START - 1 },
    { exp: undefined },
    { sub: undefined },
  ])("refuses %p", async (claims) => {
    expect(await (await exchange(claims)).json()).toMatchObject({ error: "invalid_grant" });
  });

  test("is in the discovery document", async () => {
    const metadata = await (await server.get("/.well-known/oauth-authorization-server")).json();
    expect((metadata as { grant_types_supported: string[] }).grant_types_supported).toContain(
      GRANT_TYPE,
    );
  });
});
