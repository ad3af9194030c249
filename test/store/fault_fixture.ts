/** A server whose database is about to fail, and what it must answer then. */
import { expect } from "bun:test";
import { issueTestCode, REDIRECT_URI } from "../support/codes.ts";
import type { DatabaseName } from "../support/databases.ts";
import { ISSUER, type TestServer, type TestServerOptions, testServer } from "../support/server.ts";
import { FAULT_TEXT } from "./faults.ts";

const BASIC = ["app", "app-secret-text"] as const;

/** Opens a server with the client `app`; a short timeout makes it impatient with locks. */
export async function openServer(
  database: DatabaseName,
  options: Pick<TestServerOptions, "url" | "statementTimeoutMs"> = {},
): Promise<TestServer> {
  const server = await testServer({ database, ...options });
  await server.addClient({
    client_id: "app",
    client_secret: "app-secret-text",
    grant_types: ["authorization_code", "refresh_token", "client_credentials"],
    redirect_uris: [REDIRECT_URI],
    scope: "api1",
    access_token_format: "opaque",
  });
  return server;
}

/** Bodies of the faults of a store. */
export const FAULTS = {
  read: {
    error: "server_error",
    error_description: "The service failed to fetch information from its database.",
    code: 53,
    hint: "The service failed to fetch information from its database.",
    error_uri: `${ISSUER}/docs/errors/store_read_failed`,
  },
  write: {
    error: "server_error",
    error_description: "The service failed to store information in its database.",
    code: 52,
    hint: "The service failed to store information in its database.",
    error_uri: `${ISSUER}/docs/errors/store_write_failed`,
  },
  late: {
    error: "temporarily_unavailable",
    error_description: "the database did not answer in time",
    error_uri: `${ISSUER}/docs/errors/store_timed_out`,
  },
} as const;

/** Sends a form as the client. */
export const post = (server: TestServer, path: string, form: Record<string, string>) =>
  server.post(path, form, { basic: BASIC });

/** Expects exactly the specified fault: status, headers against caches, and every member of the body. */
export async function expectFault(
  answer: Promise<Response>,
  kind: keyof typeof FAULTS,
): Promise<void> {
  const { status, headers, ...response } = await answer.then(async (r) => ({
    status: r.status,
    headers: r.headers,
    text: await r.text(),
  }));
  expect(JSON.parse(response.text)).toEqual(FAULTS[kind]);
  expect(status).toBe(kind === "late" ? 503 : 500);
  expect(headers.get("retry-after")).toBe(kind === "late" ? "1" : null);
  expect(headers.get("content-type")).toStartWith("application/json");
  expect([headers.get("cache-control"), headers.get("pragma")]).toEqual(["no-store", "no-cache"]);
}

/** Attack 83: neither SQL, nor a driver's message, nor what the request carried may be written down. */
export function expectSilentLog(server: TestServer, ...carried: readonly string[]): void {
  const written = JSON.stringify(server.log);
  expect(server.log.filter(({ event }) => event === "request.failed").length).toBeGreaterThan(0);
  for (const text of [FAULT_TEXT, "app-secret-text", ...carried])
    expect(written).not.toContain(text);
  expect(written).not.toMatch(/insert into|update "|select |delete from|params|hidden_/i);
}

/** Tokens of a new authorization. */
export async function issue(server: TestServer): Promise<{ access: string; refresh: string }> {
  const { code } = await issueTestCode(server, { clientId: "app" });
  const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI };
  const body = await bodyOf(post(server, "/token", form));
  return { access: String(body["access_token"]), refresh: String(body["refresh_token"]) };
}

/** The JSON object of an answer. */
export async function bodyOf(answer: Promise<Response>): Promise<Record<string, unknown>> {
  return (await (await answer).json()) as Record<string, unknown>;
}

/** Whether the token is live; anything but an answer to that throws. */
export async function isActive(server: TestServer, token: string): Promise<boolean> {
  const { active } = await bodyOf(post(server, "/introspect", { token }));
  if (typeof active !== "boolean") throw new TypeError("Introspection failed");
  return active;
}

/** The form of a refresh request. */
export const refreshing = (token: string) => ({
  grant_type: "refresh_token",
  refresh_token: token,
});
