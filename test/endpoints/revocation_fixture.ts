/** What the tests of revocation and introspection share: clients, their tokens, and questions about them. */
import { expect } from "bun:test";
import type { Settings } from "../../src/protocol/settings.ts";
import { issueTestCode, REDIRECT_URI } from "../support/codes.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";

/** How access tokens are written down. */
export type Format = "opaque" | "at+jwt";

/** Every database with every format, for `describe.each`. */
export const MATRIX: readonly (readonly [DatabaseName, Format])[] = DATABASES.flatMap((database) =>
  (["opaque", "at+jwt"] as const).map((format) => [database, format] as const),
);

/** The resource that tokens may be asked for. */
export const RESOURCE = "https://api.example/";

/** Access and refresh token of one authorization. */
export interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

/** A server with clients, and their tokens. */
export interface World {
  readonly server: TestServer;
  readonly format: Format;
  /** Sends a form as a confidential client, by Basic; its secret is its id and `-secret`. */
  post(client: string, path: string, form: Record<string, string>): Promise<Response>;
  /** Tokens of a new authorization of the client `app`, for a user where one is named. */
  issue(wanted?: { userId?: string; resource?: string }): Promise<Tokens>;
  /** An access token of the client `app` for itself. */
  issueToItself(): Promise<string>;
  refresh(token: string): Promise<Response>;
  /** What the owner is told of a token. */
  introspect(token: string, client?: string): Promise<Record<string, unknown>>;
  isActive(token: string): Promise<boolean>;
}

/** Opens a server with the clients `app`, `other`, `rs`, `admin` and the public `spa`. */
export async function openWorld(
  [database, format]: readonly [DatabaseName, Format],
  settings: Partial<Settings> = {},
): Promise<World> {
  const server = await testServer({ database, settings });
  await server.addClient(appMetadata(format));
  await server.addClient({
    ...appMetadata(format),
    client_id: "other",
    client_secret: "other-secret",
  });
  await server.addClient({ client_id: "rs", client_secret: "rs-secret", resource: RESOURCE });
  await server.addClient({
    client_id: "admin",
    client_secret: "admin-secret",
    introspect_any: true,
  });
  const { client_secret: _, ...spa } = appMetadata(format);
  const grants = { grant_types: ["authorization_code", "refresh_token"] };
  await server.addClient({ ...spa, ...grants, client_id: "spa" });

  const post: World["post"] = (client, path, form) =>
    server.post(path, form, { basic: [client, `${client}-secret`] });
  const introspect: World["introspect"] = async (token, client = "app") => {
    const response = await post(client, "/introspect", { token });
    expect(response.status).toBe(200);
    return (await response.json()) as Record<string, unknown>;
  };
  return {
    server,
    format,
    post,
    introspect,
    async issue({ userId, resource } = {}) {
      const resources = resource === undefined ? [] : [resource];
      const { code } = await issueTestCode(server, {
        clientId: "app",
        userId,
        resource: resources,
      });
      const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI };
      return tokensIn(await post("app", "/token", form));
    },
    async issueToItself() {
      const form = { grant_type: "client_credentials", scope: "api1" };
      return (await tokensIn(await post("app", "/token", form))).access;
    },
    refresh: (token) =>
      post("app", "/token", { grant_type: "refresh_token", refresh_token: token }),
    async isActive(token) {
      const body = await introspect(token);
      if (body["active"] !== true) expect(body).toEqual({ active: false });
      return body["active"] === true;
    },
  };
}

/** Registration of the client `app`. */
export function appMetadata(format: Format) {
  return {
    client_id: "app",
    client_secret: "app-secret",
    grant_types: ["authorization_code", "refresh_token", "client_credentials"],
    redirect_uris: [REDIRECT_URI],
    scope: "api1 api2",
    allowed_resources: [RESOURCE],
    access_token_format: format,
  };
}

/** The tokens of a successful answer. */
export async function tokensIn(response: Response): Promise<Tokens> {
  const text = await response.text();
  expect(`${response.status} ${text}`).toStartWith("200 {");
  const { access_token, refresh_token = "" } = JSON.parse(text);
  return { access: access_token, refresh: refresh_token };
}
