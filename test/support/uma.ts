/** A resource server, a client and people, for the tests of UMA. */
import { expect } from "bun:test";
import { type TestServer, type TestServerOptions, testServer } from "./server.ts";

/** The resource server. */
export const PHOTOS = ["photos", "photos-secret"] as const;
/** Another resource server. */
export const BANK = ["bank", "bank-secret"] as const;
/** The client, registered for the grant by the first seed's name. */
export const PRINTER = ["printer", "printer-secret"] as const;
/** Another client, registered for the grant by the name of UMA 2.0. */
export const VIEWER = ["viewer", "viewer-secret"] as const;

/** Both names of the one grant. */
export const GRANT = {
  seed: "uma_ticket",
  uma2: "urn:ietf:params:oauth:grant-type:uma-ticket",
} as const;
/** A family of names. */
export type Family = keyof typeof GRANT;
/** Both families. */
export const FAMILIES = ["seed", "uma2"] as const;
/** The format of claim tokens. */
export const ID_TOKEN = "http://openid.net/specs/openid-connect-core-1_0.html#IDToken";

const PASSWORD = "correct horse";
/** Its hash at the least cost that argon2id has: the tests get some hundred tokens by password. */
const passwordHash = await Bun.password.hash(PASSWORD, {
  algorithm: "argon2id",
  memoryCost: 8,
  timeCost: 1,
});

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what the tests read out of bodies they then compare.
  readonly body: any;
}

/** A server with people and clients, and what they do. */
export interface UmaServer extends TestServer {
  /** Ids of Ada, who owns, and Bob, who asks. */
  readonly ada: string;
  readonly bob: string;
  /** Calls the protection API with an access token. */
  call(method: string, path: string, how?: Call): Promise<Answer>;
  /** An access token for the protection API: the client's own, or a user's. */
  pat(client?: Credentials, username?: string): Promise<string>;
  /** An ID token of a user at a client. */
  idToken(username: string, client?: Credentials): Promise<string>;
  /** Registers a resource and returns its id. */
  resource(token: string, family?: Family, changes?: object): Promise<string>;
  /** Writes a policy of one rule and returns its id. */
  policy(token: string, resourceId: string, rule?: object, family?: Family): Promise<string>;
  /** Asks for a ticket. */
  ticket(token: string, resourceId: string, family?: Family, scopes?: string[]): Promise<string>;
  /** Redeems a ticket. */
  redeem(ticket: string, family: Family, how?: Redemption): Promise<Answer>;
  introspect(token: string, client?: Credentials): Promise<Answer>;
}

/** Id and secret. */
export type Credentials = readonly [id: string, secret: string];

interface Call {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

interface Redemption {
  readonly client?: Credentials;
  readonly form?: Record<string, string>;
}

/** Reads an answer. */
export async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  const body = text === "" ? undefined : JSON.parse(text);
  return { status: response.status, headers: response.headers, body };
}

/** Opens it. */
export async function umaServer(options: TestServerOptions = {}): Promise<UmaServer> {
  const server = await testServer(options);
  const common = { scope: "uma_protection openid view print" };
  const grant_types = ["client_credentials", "password"];
  await server.addClient({
    client_id: PHOTOS[0],
    client_secret: PHOTOS[1],
    grant_types,
    resource: ["https://photos.example"],
    ...common,
  });
  await server.addClient({ client_id: BANK[0], client_secret: BANK[1], grant_types, ...common });
  for (const [[id, secret], family] of [
    [PRINTER, "seed"],
    [VIEWER, "uma2"],
  ] as const) {
    await server.addClient({
      client_id: id,
      client_secret: secret,
      grant_types: ["password", GRANT[family]],
      scope: "openid view print",
    });
  }
  const [ada, bob] = [
    await server.addUser({ username: "ada", passwordHash }),
    await server.addUser({ username: "bob", passwordHash, email: "bob@example.com" }),
  ];
  const token = async (client: Credentials, form: Record<string, string>) => {
    const { status, body } = await readAnswer(await server.post("/token", form, { basic: client }));
    expect([status, body]).toEqual([200, body]);
    return body;
  };
  const asUser = (username: string) => ({ grant_type: "password", username, password: PASSWORD });
  const call: UmaServer["call"] = async (method, path, { token: bearer, body, headers } = {}) =>
    readAnswer(
      await server.server.handle(
        new Request(`http://localhost${path}`, {
          method,
          headers: {
            ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
            ...(body !== undefined && { "Content-Type": "application/json" }),
            ...headers,
          },
          ...(body !== undefined && {
            body: typeof body === "string" ? body : JSON.stringify(body),
          }),
        }),
      ),
    );
  const created = async (path: string, bearer: string, body: object) => {
    const answer = await call("POST", path, { token: bearer, body });
    expect([answer.status, answer.body]).toEqual([201, answer.body]);
    return answer.body;
  };
  return {
    ...server,
    ada,
    bob,
    call,
    async pat(client = PHOTOS, username) {
      const form = username === undefined ? { grant_type: "client_credentials" } : asUser(username);
      return (await token(client, { ...form, scope: "uma_protection" })).access_token;
    },
    idToken: async (username, client = PRINTER) =>
      (await token(client, { ...asUser(username), scope: "openid" })).id_token,
    async resource(bearer, family = "seed", changes = {}) {
      const scopes = ["view", "print"];
      const named = family === "seed" ? { name: "Album", scopes } : { resource_scopes: scopes };
      return (await created("/rs/resource_set", bearer, { ...named, ...changes }))._id;
    },
    async policy(bearer, resourceId, rule = {}, family = "seed") {
      const ids = { [family === "seed" ? "resource_set_ids" : "resource_ids"]: [resourceId] };
      const rules = [{ scopes: ["view"], ...rule }];
      return (await created("/policies", bearer, { ...ids, rules })).policy;
    },
    async ticket(bearer, resourceId, family = "seed", scopes = ["view"]) {
      const asked =
        family === "seed"
          ? { resource_set_id: resourceId, scopes }
          : { resource_id: resourceId, resource_scopes: scopes };
      const answer = await created("/perm", bearer, asked);
      return answer[family === "seed" ? "ticket_id" : "ticket"];
    },
    redeem: async (ticket, family, { client = PRINTER, form = {} } = {}) =>
      readAnswer(
        await server.post(
          "/token",
          { grant_type: GRANT[family], ticket, ...form },
          { basic: client },
        ),
      ),
    introspect: async (rpt, client = PHOTOS) =>
      readAnswer(await server.post("/introspect", { token: rpt }, { basic: client })),
  };
}
