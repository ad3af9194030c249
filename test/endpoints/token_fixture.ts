/** What the tests of the token endpoint share: requests, refusals, rows. */
import { expect, setDefaultTimeout } from "bun:test";
import { SQL } from "bun";
import type { DatabaseName } from "../support/databases.ts";
import type { PostOptions, TestServer } from "../support/server.ts";

/** Time that a test of the file may take, in milliseconds: some send thousands of requests. */
const PATIENCE_MS = 120_000;

/**
 * Opens the same server on each database. Test files await it at their top, where no test's
 * time runs and where the server stays open until the file ends.
 */
export async function onEachDatabase<T>(
  open: (database: DatabaseName) => Promise<T>,
): Promise<Record<DatabaseName, T>> {
  setDefaultTimeout(PATIENCE_MS);
  return { sqlite: await open("sqlite"), postgres: await open("postgres") };
}

/** Members of token and introspection responses and refusals, as far as tests read them. */
export interface Body {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope: string;
  readonly active: boolean;
  readonly exp: number;
  readonly error: string;
  readonly error_description: string;
  readonly detail?: string;
}

/** The JSON object of an answer that must have the status. */
export async function bodyOf(response: Response, status = 200): Promise<Body> {
  const text = await response.text();
  expect(`${response.status} ${text}`).toStartWith(`${status} {`);
  return JSON.parse(text);
}

/** Expects a refusal by its status, `error` and `error_description`. */
export async function expectRefusal(
  response: Response,
  [status, error, description]: readonly [status: number, error: string, description: string],
): Promise<void> {
  const body = await bodyOf(response, status);
  expect([body.error, body.error_description]).toEqual([error, description]);
}

/** Message 24 of the seed. */
export const REFRESH_REFUSED = [400, "invalid_grant", "the refresh token is not valid"] as const;

/** Message 27 of the seed. */
export const CODE_REFUSED = [
  400,
  "invalid_grant",
  "the authorization code is not correct",
] as const;

/** A resource server that may introspect every token. */
export const RESOURCE_SERVER = {
  client_id: "rs",
  client_secret: "rs-secret",
  grant_types: [],
  introspect_any: true,
};

/** Whether the server calls the token active; the client {@linkcode RESOURCE_SERVER} asks. */
export async function isActive(server: TestServer, token: string): Promise<boolean> {
  const response = await server.post("/introspect", { token }, { basic: ["rs", "rs-secret"] });
  const body = await bodyOf(response);
  if (!body.active) expect(body).toEqual({ active: false } as Body);
  return body.active;
}

/** Sends a refresh token. */
export function refresh(
  server: TestServer,
  refreshToken: string,
  { form = {}, ...options }: PostOptions & { form?: Record<string, string> } = {},
): Promise<Response> {
  return server.post(
    "/token",
    { grant_type: "refresh_token", refresh_token: refreshToken, ...form },
    options,
  );
}

/** The claims of a JWT, unverified. */
export function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
}

/** Runs one statement beside the server, as an operator with a shell would. */
export async function sql(url: string, statement: string): Promise<readonly unknown[]> {
  return beside(url, (client) => client.unsafe(statement));
}

async function beside<T>(url: string, run: (client: SQL) => Promise<T>): Promise<T> {
  const client = new SQL({ url: url.replace(/^sqlite:(?=\/)/, "sqlite://"), max: 1 });
  try {
    return await run(client);
  } finally {
    await client.close();
  }
}

/** Every table whose rows decide what a later request may do; the audit log only tells. */
const STATE_TABLES = [
  "clients",
  "client_secrets",
  "users",
  "user_identifiers",
  "authorizations",
  "codes",
  "access_tokens",
  "refresh_tokens",
  "revoked_tokens",
  "keys",
  "records",
  "throttles",
];

/** All rows of the database as text, to be compared before and after. */
export async function stateOf(url: string): Promise<string> {
  return beside(url, async (client) => {
    const rows: unknown[] = [];
    for (const table of STATE_TABLES) {
      rows.push([table, await client.unsafe(`SELECT * FROM ${table} ORDER BY 1, 2`)]);
    }
    return JSON.stringify(rows);
  });
}

/** Events of the audit log, newest first. */
export async function eventsOf({ services }: TestServer): Promise<readonly string[]> {
  const rows = await services.store.listAuditRows(1_000);
  return rows.map((row) => row.event);
}

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
