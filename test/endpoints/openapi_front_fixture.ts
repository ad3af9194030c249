/** A server, its document, and what the tests of the front channel's documents send. */
import { CALLBACK, signInAs, tokensOf } from "../support/openid.ts";
import { type Form, type PostOptions, type TestServer, testServer } from "../support/server.ts";
import { type Document, documentOf } from "./openapi_document.ts";

/** Parameters of an ordinary authorization request. */
export const ASKED = { response_type: "code", redirect_uri: CALLBACK, scope: "openid" };

/** Id and secret of the client `app`, which may do everything. */
export const BASIC = ["app", "s"] as const;

/** An answer to judge: what it is, its status, and how to get it. */
export type Sample = readonly [name: string, status: number, send: () => Promise<Response>];

/** How JSON is sent. */
export interface JsonOptions {
  readonly method?: string;
  readonly token?: string;
  readonly on?: TestServer;
}

/** What such a test begins with. */
export interface Front {
  readonly server: TestServer;
  readonly document: Document;
  /** Sends a form, as the client `app` unless told otherwise. */
  post(path: string, form: Form, options?: PostOptions): Promise<Response>;
  /** Sends JSON, or a text as it is. */
  json(path: string, value: unknown, options?: JsonOptions): Promise<Response>;
  /** An access token of a user for the client. */
  tokenFor(clientId: string): Promise<string>;
  /** An ID token of that user. */
  idTokenFor(clientId: string): Promise<string>;
}

/** Opens a server with clients of each kind. Awaited at the top of a test file. */
export async function frontServer(): Promise<Front> {
  const server = await testServer({ settings: { registration: "open" } });
  const shared = {
    redirect_uris: [CALLBACK],
    post_logout_redirect_uris: ["https://app.example/"],
    grant_types: ["authorization_code", "refresh_token"],
    scope: "openid email",
  };
  await server.addClient({
    ...shared,
    client_id: "app",
    client_secret: "s",
    grant_types: [...shared.grant_types, "client_credentials"],
    scope: "openid email api1",
    confirmation_codes: true,
  });
  await server.addClient({ ...shared, client_id: "plain", client_secret: "s" });
  await server.addClient({ ...shared, client_id: "spa" });
  await server.addClient({
    ...shared,
    client_id: "signed",
    client_secret: "s",
    userinfo_signed_response_alg: "ES256",
  });
  const ada = await server.addUser({ username: "ada", email: "ada@example.org" });
  const tokensFor = async (clientId: string) => {
    const { session } = await signInAs(server, ada);
    return tokensOf(server, { clientId, session, scope: ["openid", "email"] });
  };
  return {
    server,
    document: await documentOf(server),
    post: (path, form, options = { basic: BASIC }) => server.post(path, form, options),
    json(path, value, { method = "POST", token, on = server } = {}) {
      const body = typeof value === "string" ? value : JSON.stringify(value);
      const request = new Request(`http://localhost${path}`, {
        method,
        ...(method !== "GET" && method !== "DELETE" && { body }),
        headers: {
          "Content-Type": "application/json",
          ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        },
      });
      return on.server.handle(request);
    },
    tokenFor: async (clientId) => (await tokensFor(clientId)).access_token,
    idTokenFor: async (clientId) => (await tokensFor(clientId)).id_token,
  };
}
