/** A protected resource as the MCP specification has it, and a client's memory of its registration. */
import { afterAll } from "bun:test";
import type { OAuthClientProvider } from "@modelcontextprotocol/sdk/client/auth.js";
import { basicHeader } from "../support/server.ts";
import { SECRET } from "./parties.ts";

/** A resource server on loopback. */
export interface ProtectedResource {
  /** Its identifier, which is the address of its one endpoint. */
  readonly resource: string;
  /** Names the authorization server, before anybody asks. */
  trust(issuer: string): void;
  /** What its last introspection answered. */
  lastIntrospection(): Introspection | undefined;
}

/** What the resource server reads of an introspection answer (RFC 7662 §2.2). */
export interface Introspection {
  readonly active: boolean;
  readonly aud?: string | readonly string[];
  readonly client_id?: string;
  readonly scope?: string;
  readonly sub?: string;
}

/** Which scopes the resource announces (RFC 9728 §2), if any. */
export interface ResourceOptions {
  readonly scopes?: readonly string[];
}

/** The client id by which resource servers introspect; its secret is {@linkcode SECRET}. */
export const RESOURCE_SERVER = "resource-server";

const OPEN = { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*" } as const;

/** Serves a resource until the test file ends: its metadata (RFC 9728), and `/mcp` for bearers. */
export function protectedResource({ scopes }: ResourceOptions = {}): ProtectedResource {
  let issuer = "";
  let last: Introspection | undefined;
  const answer = (status: number) => new Response(null, { status, headers: OPEN });

  async function judge(request: Request): Promise<Response> {
    const token = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
    last = token === undefined ? undefined : await introspect(token, issuer);
    return answer(last?.active === true && last.aud === resource ? 204 : 401);
  }

  function metadata(): Response {
    const announced = scopes && { scopes_supported: scopes };
    const document = { resource, authorization_servers: [issuer], ...announced };
    return Response.json(document, { headers: OPEN });
  }

  const listener = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    routes: {
      "/mcp": { GET: judge },
      "/.well-known/oauth-protected-resource/mcp": { GET: metadata },
    },
    // Preflights, and addresses that the SDK tries.
    fetch: ({ method }) => answer(method === "OPTIONS" ? 204 : 404),
  });
  afterAll(() => listener.stop(true));
  const resource = `http://127.0.0.1:${listener.port}/mcp`;
  return {
    resource,
    trust(address) {
      issuer = address;
    },
    lastIntrospection: () => last,
  };
}

async function introspect(token: string, issuer: string): Promise<Introspection> {
  const response = await fetch(`${issuer}/introspect`, {
    method: "POST",
    headers: { Authorization: basicHeader(RESOURCE_SERVER, SECRET) },
    body: new URLSearchParams({ token }),
  });
  return (await response.json()) as Introspection;
}

/** A provider, what it keeps, and the address that the SDK wanted the user to be sent to. */
export interface McpClient {
  readonly provider: OAuthClientProvider;
  readonly kept: Partial<Kept>;
}

/** What a client remembers between the SDK's calls. */
interface Kept {
  client: Awaited<ReturnType<OAuthClientProvider["clientInformation"]>>;
  tokens: Awaited<ReturnType<OAuthClientProvider["tokens"]>>;
  verifier: string;
  address: URL;
}

/** Where the client of these tests gets its codes: a loopback address, as desktop clients have. */
export const MCP_CALLBACK = "http://127.0.0.1:33418/callback";

/** `state` of every request. */
export const MCP_STATE = "a-state-of-the-client";

/** A client that keeps everything in memory. */
export function mcpClient(
  authMethod: "none" | "client_secret_basic" | "client_secret_post",
): McpClient {
  const kept: Partial<Kept> = {};
  const provider: OAuthClientProvider = {
    redirectUrl: MCP_CALLBACK,
    clientMetadata: {
      client_name: "An MCP client",
      redirect_uris: [MCP_CALLBACK],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: authMethod,
    },
    state: () => MCP_STATE,
    clientInformation: () => kept.client,
    saveClientInformation(client) {
      kept.client = client;
    },
    tokens: () => kept.tokens,
    saveTokens(tokens) {
      kept.tokens = tokens;
    },
    redirectToAuthorization(address) {
      kept.address = address;
    },
    saveCodeVerifier(verifier) {
      kept.verifier = verifier;
    },
    codeVerifier: () => kept.verifier ?? "",
  };
  return { provider, kept };
}
