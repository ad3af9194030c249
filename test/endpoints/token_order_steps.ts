/** Requests in which everything is wrong at first, and what is repaired from step to step. */
import { expect } from "bun:test";
import { REDIRECT_URI } from "../support/codes.ts";
import type { DatabaseName } from "../support/databases.ts";
import { type PostOptions, type TestServer, testServer } from "../support/server.ts";

/** One request, and the message that it gets; undefined is a success. */
export interface Step {
  readonly form: Record<string, string>;
  readonly as?: PostOptions;
  readonly path?: string;
  readonly says: string | undefined;
}

/** Sends every step and compares all messages at once, so that a failure shows the whole order. */
export async function expectOrder(server: TestServer, steps: readonly Step[]): Promise<void> {
  const said: (string | undefined)[] = [];
  for (const { form, as, path = "/token" } of steps) {
    const response = await server.post(path, form, as);
    const text = await response.text();
    said.push(response.status === 200 ? undefined : JSON.parse(text).error_description);
  }
  expect(said).toEqual(steps.map(({ says }) => says));
}

const JSON_BODY = { headers: { "Content-Type": "application/json" } };
/** An unknown client. */
export const STRANGER = { basic: ["stranger", "wrong"] } as const;
/** A known client with a wrong secret. */
export const FORGETFUL = { basic: ["narrow", "wrong"] } as const;
/** A client without any grant type. */
export const NARROW = { basic: ["narrow", "s"] } as const;
/** A client that may use every grant. */
export const APP = { basic: ["app", "s"] } as const;

/** The first steps of every endpoint with a form: unreadable, then its own first parameter. */
export const unreadable = (path?: string): Step => ({
  form: {},
  as: { ...STRANGER, ...JSON_BODY },
  ...(path !== undefined && { path }),
  says: "no parameter in body request",
});

/** Client authentication and grant type: the same place in every grant. */
export function authentication(form: Record<string, string>): readonly Step[] {
  return [
    { form, as: STRANGER, says: "the client doesn't exist" },
    { form, as: FORGETFUL, says: "the client cannot be authenticated with secret basic" },
    {
      form,
      as: NARROW,
      says: `the client narrow doesn't support the grant type ${form["grant_type"]}`,
    },
  ];
}

/** The first steps of the token endpoint. */
export const grantTypeSteps: readonly Step[] = [
  unreadable(),
  { form: {}, as: STRANGER, says: "the parameter grant_type is missing" },
  { form: { grant_type: "x" }, as: STRANGER, says: "the grant type is not supported" },
];

/** A server with a client for every step: one that may all, one that may nothing. */
export async function openOrderServer(database: DatabaseName): Promise<TestServer> {
  const server = await testServer({ database });
  const app = {
    client_id: "app",
    client_secret: "s",
    redirect_uris: [REDIRECT_URI],
    scope: "api1",
    grant_types: ["password", "client_credentials", "refresh_token", "authorization_code"],
  };
  await server.addClient(app);
  await server.addClient({ ...app, client_id: "other" });
  await server.addClient({ ...app, client_id: "narrow", grant_types: [], response_types: [] });
  await server.addClient({ ...app, client_id: "silent", response_types: [] });
  await server.addClient({ ...app, client_id: "public", token_endpoint_auth_method: "none" });
  await server.addUser({ username: "ada", password: "lovelace" });
  return server;
}
