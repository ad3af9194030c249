/** What the tests of dynamic registration share. */
import type { Settings } from "../../src/protocol/settings.ts";
import type { DatabaseName } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";

/** A redirect URI that may be registered. */
export const CALLBACK = "https://app.example/callback";

/** A resource that is open to dynamic clients. */
export const RESOURCE = "https://mcp.example/api";

/** A server with registration in a mode. */
export function openRegistration(
  database: DatabaseName,
  registration: Settings["registration"],
  settings: Partial<Settings> = {},
): Promise<TestServer> {
  const registrationResources = [RESOURCE];
  return testServer({ database, settings: { registration, registrationResources, ...settings } });
}

/** Registers a client from one network address. */
export async function register(server: TestServer, metadata: object | string, token?: string) {
  const request = new Request("http://localhost/register", {
    method: "POST",
    body: typeof metadata === "string" ? metadata : JSON.stringify(metadata),
    headers: {
      "Content-Type": "application/json",
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    },
  });
  const response = await server.server.handle(request, { address: "192.0.2.7" });
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body };
}

/** Reads, replaces or deletes a registration. */
export function manage(
  server: TestServer,
  method: "GET" | "PUT" | "DELETE",
  path: string,
  token: string,
  body?: object,
): Promise<Response> {
  return server.server.handle(
    new Request(`http://localhost${path}`, {
      method,
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
      ...(method === "PUT" && { body: JSON.stringify(body ?? {}) }),
    }),
  );
}
