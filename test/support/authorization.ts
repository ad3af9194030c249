/** A client, a user and his browser, for tests of the authorization endpoint. */
import { expect } from "bun:test";
import { type Browser, openBrowser, type Page } from "./browser.ts";
import type { DatabaseName } from "./databases.ts";
import { CALLBACK, signInAs } from "./openid.ts";
import { type TestClient, type TestServer, type TestServerOptions, testServer } from "./server.ts";

/** Resource that the client `app` may ask tokens for, and one more. */
export const RESOURCES = ["https://api.example", "https://files.example/v1"] as const;

/** Verifier and S256 challenge of RFC 7636 Appendix B. */
export const PKCE = {
  verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
  challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
} as const;

/** A confidential client with everything that tests of `/authorize` ask for. */
export const APP: TestClient = {
  client_id: "app",
  client_secret: "s",
  client_name: "The <App>",
  redirect_uris: [CALLBACK],
  grant_types: ["authorization_code", "refresh_token"],
  scope: "openid email offline_access",
  allowed_resources: [...RESOURCES],
};

/** What such a test begins with. */
export interface AuthorizationTest {
  readonly server: TestServer;
  readonly browser: Browser;
  /** Id of alice, who is nowhere signed in yet. */
  readonly alice: string;
  /** Signs alice, or another user, in without pages. */
  signIn(userId?: string, amr?: readonly string[]): Promise<void>;
  /** Lets the user's earlier consent stand for scopes and resources. */
  agree(scope: readonly string[], options?: AgreeOptions): Promise<void>;
}

interface AgreeOptions {
  readonly clientId?: string;
  readonly resource?: readonly string[];
}

/** A server with the client `app`, more clients, and alice with an empty browser. */
export async function authorizationTest(
  database: DatabaseName,
  clients: readonly TestClient[] = [],
  options: TestServerOptions = {},
): Promise<AuthorizationTest> {
  const server = await testServer({ database, ...options });
  for (const client of [APP, ...clients]) await server.addClient(client);
  const alice = await server.addUser({ username: "alice", password: "correct horse" });
  const browser = openBrowser(server);
  return {
    server,
    browser,
    alice,
    async signIn(userId = alice, amr = ["pwd"]) {
      const { cookie } = await signInAs(server, userId, amr);
      const [name = "", value = ""] = cookie.split("=");
      browser.cookies.set(name, value);
    },
    async agree(scope, { clientId = "app", resource = [] } = {}) {
      const { store, now } = server.services;
      const times = { createdAt: now(), updatedAt: now() };
      const seen = await store.findConsent(alice, clientId);
      await store.writeConsent({ userId: alice, clientId, scope, resource, ...times }, seen);
    },
  };
}

/** Registers a client for other scopes, as its administrator may at any time. */
export async function reregister(
  server: Pick<TestServer, "services">,
  clientId: string,
  scope: string,
): Promise<void> {
  const { store, now } = server.services;
  const client = await store.findClient(clientId);
  if (!client) throw new Error("no client");
  const { id, metadata, origin, createdAt, notBefore, updatedAt: seenAt } = client;
  const row = { id, origin, createdAt, notBefore, metadata: { ...metadata, scope } };
  await store.writeParties({
    clients: [{ row: { ...row, updatedAt: now() }, seenAt, secrets: undefined }],
    users: [],
  });
}

/** Parameters of a request; a list is a repeated one, undefined leaves one out. */
export type Asked = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Path and query of an ordinary request by `app`, with what a test adds. */
export function authorizeUrl(asked: Asked = {}): string {
  return `/authorize?${authorizeQuery(asked)}`;
}

/** The same as a form or query. */
export function authorizeQuery(asked: Asked = {}): string {
  const ordinary = {
    response_type: "code",
    client_id: "app",
    redirect_uri: CALLBACK,
    scope: "openid",
    state: "st",
  };
  const pairs = Object.entries({ ...ordinary, ...asked }).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  return new URLSearchParams(pairs).toString();
}

/** What a client may be answered. */
export interface Answer {
  readonly code?: string;
  readonly error?: string;
  readonly error_description?: string;
  readonly state?: string;
  readonly iss?: string;
}

/** The answer in a redirect to the client; the test fails where there is none. */
export function answerOf(page: Page): Answer {
  expect(page.url.href.startsWith("https://app.example/"), `${page.url} ${page.text}`).toBe(true);
  expect(page.status).toBe(303);
  const text = page.url.hash === "" ? page.url.search.slice(1) : page.url.hash.slice(1);
  return Object.fromEntries(new URLSearchParams(text));
}

/** Redeems the code of an answer as `app`. */
export function redeem(
  server: TestServer,
  code: string | undefined,
  form: Record<string, string> | [string, string][] = {},
): Promise<Response> {
  const more = Array.isArray(form) ? form : Object.entries(form);
  return server.post(
    "/token",
    [
      ["grant_type", "authorization_code"],
      ["code", code ?? ""],
      ["redirect_uri", CALLBACK],
      ...more,
    ],
    { basic: ["app", "s"] },
  );
}
