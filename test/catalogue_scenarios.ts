/** Requests that must be refused, one or more for each row of the catalogue. */
import type { ErrorCode } from "../src/protocol/catalogue.ts";
import type { Dialect } from "../src/protocol/oauth_error.ts";
import { bodyOf } from "./endpoints/token_fixture.ts";
import { issueTestCode, REDIRECT_URI, RFC7636 } from "./support/codes.ts";
import { basicHeader, type TestServer } from "./support/server.ts";

/** A prepared server, and as whose client a request is sent. */
export interface Walk {
  readonly server: TestServer;
  readonly dialect: Dialect;
}

/** A request, and the client that the refusal may name. */
export interface Sent {
  readonly request: Request;
  readonly client: string;
  /** Headers of the answer that depend on the server, such as a nonce. */
  readonly headers?: Readonly<Record<string, string>>;
}

type Fields = Record<string, string>;
/** Makes a request that must be refused. */
export type Scenario = (walk: Walk) => Sent | Promise<Sent>;

/** How a client of the walk proves itself; `-app` and `-post` have the secret "s". */
interface As {
  readonly client?: string;
  readonly secret?: string;
  readonly by?: "header" | "body" | "nothing";
  readonly path?: string;
  readonly headers?: Fields;
}

/** A form of a client of the walk. */
export function send({ dialect }: Walk, fields: Fields | string, as: As = {}): Sent {
  const { client = "app", secret = "s", by = "header", path = "/token", headers = {} } = as;
  const id = `${dialect}-${client}`;
  const given = by === "body" ? { client_id: id, client_secret: secret } : { client_id: id };
  const body =
    typeof fields === "string"
      ? fields
      : new URLSearchParams(by === "header" ? fields : { ...given, ...fields }).toString();
  const request = new Request(`http://localhost${path}`, {
    method: "POST",
    body,
    headers: {
      "Content-Type": "application/x-www-form-urlencoded",
      ...(by === "header" && { Authorization: basicHeader(id, secret) }),
      ...headers,
    },
  });
  return { request, client: id };
}

const CREDENTIALS = { grant_type: "client_credentials", scope: "api1" };
const CODE = { grant_type: "authorization_code", redirect_uri: REDIRECT_URI };
const PASSWORD = { grant_type: "password", username: "ada", password: "lovelace", scope: "api1" };

const without = (fields: Fields, name: string): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));

/** Redeems a new code of `owner`, changed by `fields`. */
function redeem(fields: Fields, owner = "app", redirectUri = REDIRECT_URI): Scenario {
  return async (walk) => {
    const clientId = `${walk.dialect}-${owner}`;
    const { code } = await issueTestCode(walk.server, {
      clientId,
      redirectUri,
      challenge: RFC7636.challenge,
    });
    return send(walk, { ...CODE, code, code_verifier: RFC7636.verifier, ...fields });
  };
}

/** A refresh token of another client. */
async function foreignToken({ server, dialect }: Walk): Promise<string> {
  const owner = [`${dialect}-other`, "s"] as const;
  const response = await server.post("/token", PASSWORD, { basic: owner });
  return (await bodyOf(response)).refresh_token;
}

/** The same request with the credentials in the header and in the body. */
const bothWays = (fields: Fields, as: As): readonly Scenario[] => [
  (walk) => send(walk, fields, as),
  (walk) => send(walk, fields, { ...as, by: "body" }),
];

const thrown = (ticket: string): readonly Scenario[] => [
  (walk) => send(walk, { grant_type: "test_ticket", ticket }),
];

/** What brings each row out. Rows of one condition that arrives in two ways have two requests. */
export const SCENARIOS: { readonly [K in ErrorCode]?: readonly Scenario[] } = {
  grant_type_missing: [(walk) => send(walk, {}), (walk) => send(walk, { grant_type: " " })],
  username_missing: [(walk) => send(walk, without(PASSWORD, "username"))],
  password_missing: [(walk) => send(walk, without(PASSWORD, "password"))],
  scope_missing: [
    (walk) => send(walk, without(PASSWORD, "scope")),
    (walk) => send(walk, without(CREDENTIALS, "scope")),
  ],
  refresh_token_missing: [(walk) => send(walk, { grant_type: "refresh_token" })],
  code_missing: [(walk) => send(walk, CODE)],
  token_missing: [
    (walk) => send(walk, {}, { path: "/token/revoke" }),
    (walk) => send(walk, {}, { path: "/introspect" }),
  ],
  parameter_missing: [(walk) => send(walk, { grant_type: "test_ticket" })],
  redirect_uri_missing: [(walk) => send(walk, { grant_type: "authorization_code", code: "x" })],
  redirect_uri_malformed: [(walk) => send(walk, { ...CODE, code: "x", redirect_uri: "/callback" })],
  body_unreadable: ["/token", "/token/revoke", "/introspect"].map(
    (path) => (walk: Walk) => send(walk, "{}", { path, headers: { "Content-Type": "text/json" } }),
  ),
  body_malformed: [(walk) => send(walk, "grant_type=%zz")],
  json_malformed: [
    (walk) =>
      send(walk, "{", { path: "/test/json", headers: { "Content-Type": "application/json" } }),
  ],
  body_too_large: [(walk) => send(walk, `grant_type=${"a".repeat(65_536)}`)],
  too_many_parameters: [(walk) => send(walk, "a=1&".repeat(65))],
  parameter_malformed: [(walk) => send(walk, { ...PASSWORD, username: "a".repeat(321) })],
  parameter_repeated: [(walk) => send(walk, "grant_type=password&grant_type=password")],
  parameter_in_url: [(walk) => send(walk, CREDENTIALS, { path: "/token?client_secret=s" })],
  authorization_header_malformed: [
    (walk) => send(walk, CREDENTIALS, { headers: { Authorization: "Basic &&&" } }),
  ],
  client_methods_several: [(walk) => send(walk, { ...CREDENTIALS, client_secret: "s" })],
  client_id_mismatch: [(walk) => send(walk, { ...CREDENTIALS, client_id: "another" })],
  method_invalid: [
    ({ dialect }) => ({ request: new Request("http://localhost/token"), client: dialect }),
  ],
  endpoint_unknown: [(walk) => send(walk, {}, { path: "/nowhere" })],
  client_unknown: bothWays(CREDENTIALS, { client: "disabled" }),
  client_secret_basic_failed: [
    (walk) => send(walk, CREDENTIALS, { secret: "wrong" }),
    (walk) => send(walk, CREDENTIALS, { by: "nothing" }),
  ],
  client_secret_post_failed: [
    (walk) => send(walk, CREDENTIALS, { client: "post", secret: "wrong", by: "body" }),
  ],
  client_unauthenticated: [
    (walk) => send(walk, CREDENTIALS, { client: "plugged", by: "nothing" }),
    (walk) =>
      send(walk, CREDENTIALS, {
        client: "plugged",
        by: "nothing",
        headers: { Authorization: `Test ${walk.dialect}-plugged` },
      }),
  ],
  client_public: bothWays(CREDENTIALS, { client: "public" }),
  grant_type_unsupported: [(walk) => send(walk, { grant_type: "implicit" })],
  grant_type_refused: bothWays(CREDENTIALS, { client: "post" }).slice(1),
  response_type_refused: [(walk) => send(walk, { ...CODE, code: "x" }, { client: "silent" })],
  caller_public: [
    (walk) => send(walk, { token: "x" }, { path: "/introspect", client: "public", by: "nothing" }),
  ],
  credentials_incorrect: [(walk) => send(walk, { ...PASSWORD, username: "byron" })],
  scope_refused: [(walk) => send(walk, { ...CREDENTIALS, scope: "api1 api8 api9" })],
  scope_repeated: [(walk) => send(walk, { ...CREDENTIALS, scope: "api1 api1" })],
  resource_refused: [(walk) => send(walk, { ...CREDENTIALS, resource: "https://other.example/" })],
  refresh_token_incorrect: [
    (walk) => send(walk, { grant_type: "refresh_token", refresh_token: "x" }),
  ],
  refresh_token_foreign: [
    async (walk) =>
      send(walk, { grant_type: "refresh_token", refresh_token: await foreignToken(walk) }),
  ],
  code_incorrect: [(walk) => send(walk, { ...CODE, code: "x" })],
  code_foreign: [redeem({}, "other")],
  code_redirect_uri_mismatch: [redeem({ redirect_uri: `${REDIRECT_URI}/` })],
  code_redirect_uri_unregistered: [
    redeem({ redirect_uri: "https://app.example/gone" }, "app", "https://app.example/gone"),
  ],
  code_verifier_incorrect: [
    redeem({ code_verifier: RFC7636.challenge }),
    redeem({ code_verifier: "" }),
  ],
  code_expired: [
    async (walk) => {
      const sent = await redeem({})(walk);
      walk.server.advance(60);
      return sent;
    },
  ],
  token_foreign: [
    async (walk) => send(walk, { token: await foreignToken(walk) }, { path: "/token/revoke" }),
  ],
  token_unknown: [(walk) => send(walk, { token: "x" }, { path: "/token/revoke" })],
  too_many_attempts: [
    async (walk) => {
      const guess = { ...PASSWORD, username: `${walk.dialect}-nobody`, password: "x" };
      for (let i = 0; i < 2; i++) await walk.server.server.handle(send(walk, guess).request);
      return send(walk, guess);
    },
  ],
  too_many_requests: [
    async (walk) => {
      const token = await foreignToken(walk);
      const scan = () => send(walk, { token }, { path: "/introspect" });
      await walk.server.server.handle(scan().request);
      return scan();
    },
  ],
  server_busy: thrown("busy"),
  grant_unproven: thrown("wrong"),
  fault: thrown("throw"),
  store_timed_out: thrown("store_timed_out"),
  metrics_refused: [
    ({ dialect }) => ({ request: new Request("http://localhost/metrics"), client: dialect }),
  ],
};

/** The same for rows that need a server whose tables `codes` and `access_tokens` are gone. */
export const BROKEN_STORE: typeof SCENARIOS = {
  store_read_failed: [
    (walk) => {
      const { secret, now } = walk.server.services;
      return send(walk, { ...CODE, code: secret.mintOpaque("code", now()).text });
    },
  ],
  store_write_failed: [(walk) => send(walk, CREDENTIALS, { client: "opaque" })],
};

/** The same for a server that is shutting down. */
export const DRAINING: typeof SCENARIOS = {
  draining: [(walk) => send(walk, CREDENTIALS)],
};
