/** Whatever the server answers is documented: its status, its error and its members. */
import { describe, expect, test } from "bun:test";
import { METADATA_PATH } from "../../src/protocol/server_metadata.ts";
import { issueTestCode, REDIRECT_URI } from "../support/codes.ts";
import { type Form, type PostOptions, testServer } from "../support/server.ts";
import { documentOf, expectForeseen } from "./openapi_document.ts";

// At the top of the file, where servers stay open until the file ends.
const server = await testServer({ settings: { loginFailuresMax: 1 } });
const broken = await testServer();
const leaving = await testServer();
await broken.close();
await leaving.server.drain();

const document = await documentOf(server);
const BASIC = ["app", "s3cret"] as const;
const GRANT_TYPES = ["password", "client_credentials", "refresh_token", "authorization_code"];

const common = { client_secret: "s3cret", grant_types: GRANT_TYPES, redirect_uris: [REDIRECT_URI] };
await server.addClient({ client_id: "app", ...common, scope: "api1 api2" });
await server.addClient({
  client_id: "post",
  ...common,
  token_endpoint_auth_method: "client_secret_post",
  access_token_format: "opaque",
  scope: "api1",
});
await server.addClient({ client_id: "taler", ...common, scope: "api1", profile: "challenger" });
await server.addClient({
  client_id: "spa",
  grant_types: ["password", "client_credentials"],
  scope: "api1",
});
await server.addUser({ username: "alice", password: "wonderland" });

const ALICE = { grant_type: "password", username: "alice", password: "wonderland", scope: "api1" };
const MACHINE = { grant_type: "client_credentials", scope: "api1" };

async function tokens(form: Form, options: PostOptions = { basic: BASIC }) {
  const response = await server.post("/token", form, options);
  return (await response.json()) as { access_token: string; refresh_token: string };
}

async function code(clientId = "app"): Promise<Record<string, string>> {
  const issued = await issueTestCode(server, { clientId });
  return { grant_type: "authorization_code", code: issued.code, redirect_uri: REDIRECT_URI };
}

/** An answer to judge: what it is, its status, and how to get it. */
type Sample = readonly [name: string, status: number, send: () => Promise<Response>];

const post = (path: string, form: Form, options: PostOptions = { basic: BASIC }) =>
  server.post(path, form, options);

const atToken: readonly Sample[] = [
  ["client_credentials", 200, () => post("/token", MACHINE)],
  ["password", 200, () => post("/token", ALICE)],
  ["authorization_code", 200, async () => post("/token", { ...(await code()), scope: "api1" })],
  [
    "refresh_token",
    200,
    async () => {
      const { refresh_token } = await tokens(ALICE);
      return post("/token", { grant_type: "refresh_token", refresh_token });
    },
  ],
  [
    "an opaque token by client_secret_post",
    200,
    () => post("/token", { ...MACHINE, client_id: "post", client_secret: "s3cret" }, {}),
  ],
  ["no form", 400, () => post("/token", "{}", { headers: { "Content-Type": "text/plain" } })],
  ["a broken form", 400, () => post("/token", "grant_type=%zz")],
  ["a large form", 400, () => post("/token", { a: "x".repeat(70_000) })],
  ["65 parameters", 400, () => post("/token", "a=1&".repeat(65))],
  ["a repeated parameter", 400, () => post("/token", "scope=a&scope=b")],
  ["a parameter in the URL", 400, () => post("/token?scope=a", MACHINE)],
  ["no grant type", 400, () => post("/token", {})],
  ["an unknown grant type", 400, () => post("/token", { grant_type: "magic" })],
  ["no user name", 400, () => post("/token", { grant_type: "password" })],
  ["a long scope", 400, () => post("/token", { ...MACHINE, scope: "a".repeat(5000) })],
  ["a refused scope", 400, () => post("/token", { ...MACHINE, scope: "admin" })],
  ["a scope twice", 400, () => post("/token", { ...MACHINE, scope: "api1 api1" })],
  ["a refused resource", 400, () => post("/token", { ...MACHINE, resource: "https://x.example" })],
  ["no scope and no default", 400, () => post("/token", { grant_type: "client_credentials" })],
  ["an unknown client", 400, () => post("/token", { ...MACHINE, client_id: "nobody" }, {})],
  ["a client without its secret", 400, () => post("/token", { ...MACHINE, client_id: "app" }, {})],
  ["a wrong secret by Basic", 401, () => post("/token", MACHINE, { basic: ["app", "x"] })],
  ["an unknown client by Basic", 401, () => post("/token", MACHINE, { basic: ["nobody", "x"] })],
  [
    "a broken Authorization header",
    400,
    () => post("/token", MACHINE, { headers: { Authorization: "Basic !" } }),
  ],
  ["two methods", 400, () => post("/token", { ...MACHINE, client_secret: "s3cret" })],
  ["two clients", 400, () => post("/token", { ...MACHINE, client_id: "post" })],
  ["a public client with a secret", 401, () => post("/token", ALICE, { basic: ["spa", "s3cret"] })],
  [
    "a public client without the right",
    400,
    () => post("/token", { ...MACHINE, client_id: "spa" }, {}),
  ],
  ["an unknown code", 400, async () => post("/token", { ...(await code()), code: "x" })],
  [
    "a malformed redirect URI",
    400,
    async () => post("/token", { ...(await code()), redirect_uri: "x" }),
  ],
  [
    "another redirect URI",
    400,
    async () => post("/token", { ...(await code()), redirect_uri: `${REDIRECT_URI}/` }),
  ],
  ["a stranger's code", 400, async () => post("/token", await code("taler"))],
  [
    "a verifier without challenge",
    400,
    async () => post("/token", { ...(await code()), code_verifier: "x" }),
  ],
  [
    "an unknown refresh token",
    400,
    () => post("/token", { grant_type: "refresh_token", refresh_token: "x" }),
  ],
  ["a wrong password", 400, () => post("/token", { ...ALICE, username: "nobody" })],
  [
    "too many of them",
    429,
    async () => {
      await post("/token", { ...ALICE, username: "mallory" });
      return post("/token", { ...ALICE, username: "mallory" });
    },
  ],
  ["a wrong secret, challenger", 401, () => post("/token", MACHINE, { basic: ["taler", "x"] })],
  [
    "an unknown code, challenger",
    401,
    async () => post("/token", { ...(await code()), code: "x" }, { basic: ["taler", "s3cret"] }),
  ],
  ["a dead store", 500, () => broken.post("/token", MACHINE, { basic: BASIC })],
  ["a server that is leaving", 503, () => leaving.post("/token", MACHINE, { basic: BASIC })],
];

const live = async (form: Form = ALICE) => (await tokens(form)).access_token;

const atRevocation: readonly Sample[] = [
  ["a token", 200, async () => post("/token/revoke", { token: await live() })],
  ["no token", 400, () => post("/token/revoke", {})],
  ["an unknown token", 400, () => post("/token/revoke", { token: "x" })],
  [
    "a stranger's token",
    400,
    async () => post("/token/revoke", { token: await live() }, { basic: ["taler", "s3cret"] }),
  ],
  ["a wrong secret", 401, () => post("/token/revoke", { token: "x" }, { basic: ["app", "x"] })],
  ["a dead store", 500, () => broken.post("/token/revoke", { token: "x" }, { basic: BASIC })],
  ["a server that is leaving", 503, () => leaving.post("/token/revoke", { token: "x" })],
];

const atIntrospection: readonly Sample[] = [
  ["a user's token", 200, async () => post("/introspect", { token: await live() })],
  ["a machine's token", 200, async () => post("/introspect", { token: await live(MACHINE) })],
  [
    "an opaque token",
    200,
    async () => {
      const credentials = { client_id: "post", client_secret: "s3cret" };
      const { access_token: token } = await tokens({ ...ALICE, ...credentials }, {});
      return post("/introspect", { token, ...credentials }, {});
    },
  ],
  [
    "a refresh token",
    200,
    async () => post("/introspect", { token: (await tokens(ALICE)).refresh_token }),
  ],
  ["an unknown token", 200, () => post("/introspect", { token: "x" })],
  ["no token", 400, () => post("/introspect", {})],
  ["a public caller", 400, () => post("/introspect", { token: "x", client_id: "spa" }, {})],
  ["a wrong secret", 401, () => post("/introspect", { token: "x" }, { basic: ["app", "x"] })],
  ["a dead store", 500, () => broken.post("/introspect", { token: "x" }, { basic: BASIC })],
  ["a server that is leaving", 503, () => leaving.post("/introspect", { token: "x" })],
];

const FORMS: Record<string, readonly Sample[]> = {
  "/token": atToken,
  "/token/revoke": atRevocation,
  "/introspect": atIntrospection,
};

describe.each(Object.entries(FORMS))("POST %s answers as documented", (path, samples) => {
  test.each(samples)("%s: %i", async (_name, status, send) => {
    const response = await send();
    expect(response.status).toBe(status);
    await expectForeseen(document, response, `POST ${path}`);
  });

  test("another method: 405", async () => {
    const response = await server.get(path);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
    await expectForeseen(document, response, `POST ${path}`);
  });

  test("a disabled client of the profile challenger: 404", async () => {
    const own = await testServer();
    await own.addClient({ client_id: "off", ...common, profile: "challenger" });
    await own.services.store.setClientDisabled("off", own.services.now());
    const form = { ...MACHINE, token: "x" };
    const response = await own.post(path, form, { basic: ["off", "s3cret"] });
    expect(response.status).toBe(404);
    await expectForeseen(document, response, `POST ${path}`);
    await own.close();
  });
});

describe("GET operations answer as documented", () => {
  const local = (path: string) =>
    server.server.handle(new Request(`http://localhost${path}`), { address: "127.0.0.1" });
  const rows: readonly (readonly [path: string, status: number, send: () => Promise<Response>])[] =
    [
      [METADATA_PATH, 200, () => local(METADATA_PATH)],
      ["/jwks", 200, () => local("/jwks")],
      ["/health/live", 200, () => local("/health/live")],
      ["/health/live", 200, () => leaving.get("/health/live")],
      ["/health/ready", 200, () => local("/health/ready")],
      ["/health/ready", 503, () => broken.get("/health/ready")],
      ["/metrics", 200, () => local("/metrics")],
      ["/metrics", 403, () => server.get("/metrics")],
      ["/docs/errors", 200, () => local("/docs/errors")],
      ["/docs/errors/{name}", 200, () => local("/docs/errors/fault")],
      ["/docs/errors/{name}", 404, () => local("/docs/errors/nothing")],
    ];

  test.each(rows)("%s: %i", async (path, status, send) => {
    const response = await send();
    expect(response.status).toBe(status);
    await expectForeseen(document, response, `GET ${path}`);
  });

  test.each([...new Set(rows.map(([path]) => path))])("%s by DELETE: 405", async (path) => {
    const url = `http://localhost${path.replace("{name}", "fault")}`;
    const response = await server.server.handle(new Request(url, { method: "DELETE" }));
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD");
    await expectForeseen(document, response, `GET ${path}`);
  });
});
