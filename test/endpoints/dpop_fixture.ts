/** A server whose clients send DPoP proofs, and what tests ask of it. */
import type { Settings } from "../../src/protocol/settings.ts";
import { issueTestCode, REDIRECT_URI, RFC7636, type TestCode } from "../support/codes.ts";
import type { DatabaseName } from "../support/databases.ts";
import { type DpopKey, type ProofParts, proofOf } from "../support/dpop.ts";
import { type PostOptions, type TestServer, testServer } from "../support/server.ts";

/** The members of a token response, or of a refusal. */
export interface TokenBody {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly error?: string;
  readonly error_description?: string;
}

/** An answer with its body read. */
export interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: TokenBody;
}

/** The credentials of the confidential client. */
export const WEB = { basic: ["web", "s"] } as const;

/** The form of the confidential client's own token. */
export const MACHINE = { grant_type: "client_credentials", scope: "api1" };

const REGISTRATION = {
  grant_types: ["authorization_code", "refresh_token", "client_credentials", "password"],
  redirect_uris: [REDIRECT_URI],
  scope: "openid profile api1",
};

/** The clients: `web` is confidential, `spa` public; `bound` and `nonce` registered for more. */
export async function dpopServer(
  database: DatabaseName = "sqlite",
  settings: Partial<Settings> = {},
): Promise<TestServer> {
  const server = await testServer({ database, settings });
  await server.addClient({ client_id: "web", client_secret: "s", ...REGISTRATION });
  await server.addClient({
    client_id: "opaque",
    client_secret: "s",
    ...REGISTRATION,
    token_endpoint_auth_method: "client_secret_post",
    access_token_format: "opaque",
  });
  await server.addClient({ client_id: "spa", ...REGISTRATION });
  await server.addClient({ client_id: "native", ...REGISTRATION });
  await server.addClient({ client_id: "bound", dpop_bound_access_tokens: true, ...REGISTRATION });
  await server.addClient({ client_id: "nonce", require_dpop_nonce: true, ...REGISTRATION });
  return server;
}

/** Sends a form and reads the answer. */
export async function ask(
  server: TestServer,
  form: Record<string, string>,
  options: PostOptions = {},
): Promise<TokenAnswer> {
  const response = await server.post("/token", form, options);
  const body = (await response.json()) as TokenBody;
  return { status: response.status, headers: response.headers, body };
}

/** Asks with a proof of the key made at the server's time; `web` authenticates. */
export async function askAs(
  server: TestServer,
  key: DpopKey,
  form: Record<string, string>,
  parts: ProofParts = {},
): Promise<TokenAnswer> {
  const claims = { iat: server.services.now(), ...parts.claims };
  const headers = { DPoP: await proofOf(key, { ...parts, claims }) };
  return ask(server, form, { headers, ...(form["client_id"] === undefined && WEB) });
}

/** The form that redeems a new code of a public client. */
export async function codeForm(
  server: TestServer,
  clientId: string,
  more: Partial<TestCode> = {},
): Promise<Record<string, string>> {
  const wanted = { clientId, challenge: RFC7636.challenge, ...more };
  const { code } = await issueTestCode(server, wanted);
  return {
    grant_type: "authorization_code",
    client_id: clientId,
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: RFC7636.verifier,
  };
}

/** The form that refreshes for a public client. */
export const refreshForm = (clientId: string, { refresh_token }: TokenBody) => ({
  grant_type: "refresh_token",
  client_id: clientId,
  refresh_token,
});

/** What introspection says to the client `web`, which may ask about its own alone; or to `any`. */
export async function introspect(server: TestServer, token: string) {
  const response = await server.post("/introspect", { token }, WEB);
  return (await response.json()) as Record<string, unknown>;
}
