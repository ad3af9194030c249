/** Whatever OpenID Connect's endpoints and registration answer is documented. */
import { describe, expect, test } from "bun:test";
import { OPENID_METADATA_PATH } from "../../src/protocol/server_metadata.ts";
import { testServer } from "../support/server.ts";
import { expectForeseen, operationOf } from "./openapi_document.ts";
import { frontServer, type Sample } from "./openapi_front_fixture.ts";

// At the top of the file, where servers stay open until the file ends.
const { server, document, post, json, tokenFor } = await frontServer();
const closed = await testServer({ settings: { registration: "token" } });
const broken = await testServer({ settings: { registration: "open" } });
await broken.close();

/** A client's own token. */
async function machine(): Promise<string> {
  const response = await post("/token", { grant_type: "client_credentials", scope: "api1" });
  return ((await response.json()) as { access_token: string }).access_token;
}

const info = (token: string) => server.get("/userinfo", { Authorization: `Bearer ${token}` });

const atUserinfo: readonly Sample[] = [
  ["a token", 200, async () => info(await tokenFor("app"))],
  ["no token", 401, () => server.get("/userinfo")],
  ["an unknown token", 401, () => info("x")],
  ["a token without openid", 403, async () => info(await machine())],
  ["a token in the URL", 400, () => server.get("/userinfo?access_token=x")],
  ["another method", 405, () => json("/userinfo", {}, { method: "PUT" })],
];

const atUserinfoForm: readonly Sample[] = [
  ["a token", 200, async () => post("/userinfo", { access_token: await tokenFor("app") }, {})],
  ["no token", 401, () => post("/userinfo", {}, {})],
  [
    "two tokens",
    400,
    () => post("/userinfo", { access_token: "x" }, { headers: { Authorization: "Bearer x" } }),
  ],
  ["a token twice", 400, () => post("/userinfo", "access_token=x&access_token=y", {})],
  ["a broken form", 400, () => post("/userinfo", "access_token=%zz", {})],
  ["a large form", 400, () => post("/userinfo", { access_token: "x".repeat(70_000) }, {})],
];

const METADATA = { redirect_uris: ["https://new.example/cb"] };

const registered = async () =>
  (await (await json("/register", METADATA)).json()) as Record<string, string>;

/** Does something to a fresh registration with its own token. */
async function manage(method: string, change?: (known: Record<string, string>) => unknown) {
  const known = await registered();
  const token = known["registration_access_token"] ?? "";
  return json(`/register/${known["client_id"]}`, change?.(known), { method, token });
}

const atRegister: readonly Sample[] = [
  ["a client", 201, () => json("/register", METADATA)],
  [
    "a public client",
    201,
    () => json("/register", { ...METADATA, token_endpoint_auth_method: "none" }),
  ],
  ["a bad redirect URI", 400, () => json("/register", { redirect_uris: ["javascript:x"] })],
  ["a refused scope", 400, () => json("/register", { ...METADATA, scope: "admin" })],
  ["no JSON", 400, () => json("/register", "{")],
  ["no token where one is needed", 401, () => json("/register", METADATA, { on: closed })],
  ["a wrong one", 401, () => json("/register", METADATA, { on: closed, token: "x" })],
  ["another method", 405, () => server.get("/register")],
  ["a dead store", 500, () => json("/register", METADATA, { on: broken })],
];

const OPERATIONS: Record<string, readonly Sample[]> = {
  "GET /userinfo": atUserinfo,
  "POST /userinfo": atUserinfoForm,
  "POST /register": atRegister,
  "GET /register/{id}": [
    ["its client", 200, () => manage("GET")],
    ["a wrong token", 401, () => json("/register/x", undefined, { method: "GET", token: "x" })],
  ],
  "PUT /register/{id}": [
    ["new metadata", 200, () => manage("PUT", ({ client_id }) => ({ ...METADATA, client_id }))],
    ["another id", 400, () => manage("PUT", () => ({ ...METADATA, client_id: "x" }))],
    ["a wrong token", 401, () => json("/register/x", {}, { method: "PUT", token: "x" })],
  ],
  "DELETE /register/{id}": [
    ["its client", 204, () => manage("DELETE")],
    ["a wrong token", 401, () => json("/register/x", undefined, { method: "DELETE" })],
  ],
  [`GET ${OPENID_METADATA_PATH}`]: [["the metadata", 200, () => server.get(OPENID_METADATA_PATH)]],
};

describe.each(Object.entries(OPERATIONS))("%s answers as documented", (operation, samples) => {
  test.each(samples)("%s: %i", async (_name, status, send) => {
    const response = await send();
    expect(response.status).toBe(status);
    await expectForeseen(document, response, operation);
  });
});

test("signed userinfo is announced in words, and comes as application/jwt", async () => {
  const response = await info(await tokenFor("signed"));
  expect(response.headers.get("content-type")).toBe("application/jwt");
  const { description } = operationOf(document, "GET", "/userinfo") as { description?: string };
  expect(description).toContain("application/jwt");
});
