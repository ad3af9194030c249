import { describe, expect, test } from "bun:test";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";

const APP = "https://app.example";
const OTHER = "https://other.example";

const servers = Object.fromEntries(
  await Promise.all(DATABASES.map(async (name) => [name, await browserAppServer(name)] as const)),
);

describe.each(DATABASES)("Fetch §3.2 CORS for browser apps on %s", (database) => {
  const server = servers[database] as TestServer;
  const preflight = (path: string, origin: string) =>
    server.server.handle(
      new Request(`http://localhost${path}`, {
        method: "OPTIONS",
        headers: { Origin: origin, "Access-Control-Request-Method": "POST" },
      }),
    );
  const allowedOrigin = (response: Response) => response.headers.get("access-control-allow-origin");

  test.each(["/token", "/token/revoke", "/userinfo"])(
    "a preflight to %s passes for the origin of any client, and for no other",
    async (path) => {
      for (const origin of [APP, OTHER]) {
        const response = await preflight(path, origin);
        expect(response.status).toBe(204);
        expect(allowedOrigin(response)).toBe(origin);
        expect(response.headers.get("access-control-allow-headers")).toContain("Authorization");
      }
      expect(allowedOrigin(await preflight(path, "https://evil.example"))).toBeNull();
      expect(allowedOrigin(await preflight(path, `${APP}.evil.example`))).toBeNull();
    },
  );

  test("attack 81: the opaque origin null is nobody's, and credentials are never allowed", async () => {
    expect(allowedOrigin(await preflight("/token", "null"))).toBeNull();
    const named = await server.post(
      "/token",
      { client_id: "spa" },
      { headers: { Origin: "null" } },
    );
    expect(allowedOrigin(named)).toBeNull();
    const known = await preflight("/token", APP);
    expect(known.headers.has("access-control-allow-credentials")).toBe(false);
  });

  test("an answer may be read from the origins of the client that the request names", async () => {
    const ask = (client_id: string, origin: string) =>
      server.post("/token", { grant_type: "password", client_id }, { headers: { Origin: origin } });
    expect(allowedOrigin(await ask("spa", APP))).toBe(APP);
    expect(allowedOrigin(await ask("spa", OTHER))).toBeNull();
    expect(allowedOrigin(await ask("moved", OTHER))).toBe(OTHER);
    expect(allowedOrigin(await ask("moved", APP))).toBeNull();
    expect(allowedOrigin(await ask("nobody", APP))).toBeNull();
    expect((await ask("spa", OTHER)).headers.get("vary")).toContain("Origin");
  });

  test("discovery and keys are open to every page", async () => {
    for (const path of ["/jwks", "/.well-known/oauth-authorization-server"]) {
      const response = await server.get(path, { Origin: "https://any.example" });
      expect(allowedOrigin(response)).toBe("*");
    }
  });

  test("pages and introspection are open to none", async () => {
    expect(allowedOrigin(await server.get("/docs/errors", { Origin: APP }))).toBeNull();
    expect(allowedOrigin(await preflight("/introspect", APP))).toBeNull();
    expect((await preflight("/introspect", APP)).status).toBe(405);
  });

  test("a client that is deleted takes its origins along", async () => {
    await server.addClient({
      client_id: "gone",
      redirect_uris: ["https://gone.example/cb"],
      grant_types: ["authorization_code"],
    });
    expect(allowedOrigin(await preflight("/token", "https://gone.example"))).not.toBeNull();
    await server.services.store.deleteClient("gone");
    expect(allowedOrigin(await preflight("/token", "https://gone.example"))).toBeNull();
  });
});

async function browserAppServer(database: DatabaseName): Promise<TestServer> {
  const server = await testServer({ database });
  const redirect_uris = [`${APP}/callback`];
  const grant_types = ["authorization_code"];
  await server.addClient({ client_id: "spa", redirect_uris, grant_types });
  await server.addClient({
    client_id: "moved",
    redirect_uris,
    grant_types,
    allowed_origins: [OTHER],
  });
  return server;
}
