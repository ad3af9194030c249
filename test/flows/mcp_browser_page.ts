/** The browser-based MCP client of `mcp_browser.test.ts`, bundled for the browser. */
import { auth, type OAuthClientProvider } from "@modelcontextprotocol/sdk/client/auth.js";

/** What the page knows of its browser: the globals that the runtime's own types lack. */
interface Window {
  readonly location: { assign(address: string): void };
  readonly sessionStorage: {
    getItem(name: string): string | null;
    setItem(name: string, value: string): void;
  };
}

/** The client's metadata, and what the page is to do with it. */
export interface McpAppSettings {
  readonly serverUrl: string;
  readonly redirectUrl: string;
}

const { location, sessionStorage } = globalThis as unknown as Window;

/** A value that outlives the trip to the server's pages. */
function kept<T>(name: string) {
  return {
    read(): T | undefined {
      const text = sessionStorage.getItem(name);
      return text === null ? undefined : (JSON.parse(text) as T);
    },
    write: (value: T) => sessionStorage.setItem(name, JSON.stringify(value)),
  };
}

type Client = Awaited<ReturnType<OAuthClientProvider["clientInformation"]>>;
type Tokens = Awaited<ReturnType<OAuthClientProvider["tokens"]>>;

const client = kept<Client>("client");
const tokens = kept<Tokens>("tokens");
const verifier = kept<string>("verifier");

function provider({ redirectUrl }: McpAppSettings): OAuthClientProvider {
  return {
    redirectUrl,
    clientMetadata: {
      client_name: "An MCP client in a page",
      redirect_uris: [redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    state: () => "a-state-of-the-page",
    clientInformation: client.read,
    saveClientInformation: client.write,
    tokens: tokens.read,
    saveTokens: tokens.write,
    redirectToAuthorization: ({ href }) => location.assign(href),
    saveCodeVerifier: verifier.write,
    codeVerifier: () => verifier.read() ?? "",
  };
}

const app = {
  authorize: (settings: McpAppSettings) =>
    auth(provider(settings), { serverUrl: settings.serverUrl }),

  async comeBack(settings: McpAppSettings, authorizationCode: string) {
    await auth(provider(settings), { serverUrl: settings.serverUrl, authorizationCode });
    return tokens.read();
  },

  /** Refreshes, since there is a refresh token by now. */
  async refresh(settings: McpAppSettings) {
    await auth(provider(settings), { serverUrl: settings.serverUrl });
    return tokens.read();
  },

  async present(address: string, token: string) {
    const { status } = await fetch(address, { headers: { Authorization: `Bearer ${token}` } });
    return status;
  },
};

Object.assign(globalThis, { app });
