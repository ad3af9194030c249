/** A server with the strangers' plugins, and the partner whose assertions their grant accepts. */
import { afterAll } from "bun:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { core } from "../../src/server.ts";
import type { DatabaseName } from "../support/databases.ts";
import { ISSUER, START, type TestServer, testServer } from "../support/server.ts";
import { apiKeys } from "./stranger_client_auth.ts";
import { jwtBearer } from "./stranger_grant.ts";
import { whoami } from "./stranger_routes.ts";

/** The grant type of the stranger's grant. */
export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** The issuer of the partner's assertions. */
export const PARTNER = "https://partner.example";

/** The credential of the client `reports`. */
export const KEY = { headers: { "X-Api-Key": "key-1" } };

/** A server with three strangers beside the core, its client `reports`, and a partner. */
export interface StrangeServer extends TestServer {
  /** An assertion of the partner about its user ada. */
  assertion(claims?: Record<string, unknown>): Promise<string>;
  /** Posts to `/token` for the client `reports`, by the stranger's grant unless the form says otherwise. */
  exchange(form: Record<string, string>): Promise<Response>;
}

/** Opens the server, and the partner's JWK Set on a real port. */
export async function strangeServer(database: DatabaseName): Promise<StrangeServer> {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "partner-1", alg: "ES256" }] };
  const keyHost = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => Response.json(jwks) });
  afterAll(() => keyHost.stop(true));
  const partner = jwtBearer({ [PARTNER]: new URL("/jwks", keyHost.url) });
  const server = await testServer({ database, plugins: [core, partner, apiKeys, whoami] });
  await server.addClient({
    client_id: "reports",
    client_secret: "key-1",
    token_endpoint_auth_method: "api_key",
    grant_types: [JWT_BEARER, "client_credentials", "refresh_token"],
    scope: "read write",
  });
  return {
    ...server,
    assertion: (claims = {}) =>
      new SignJWT({
        iss: PARTNER,
        sub: "ada",
        aud: ISSUER,
        jti: crypto.randomUUID(),
        exp: START + 60,
        ...claims,
      })
        .setProtectedHeader({ alg: "ES256", kid: "partner-1" })
        .sign(privateKey),
    exchange: (form) =>
      server.post("/token", { grant_type: JWT_BEARER, client_id: "reports", ...form }, KEY),
  };
}

/** The members of a token response that the next request needs. */
export async function tokensOf(response: Response) {
  return (await response.json()) as {
    readonly access_token: string;
    readonly refresh_token: string;
  };
}
