/** Whatever the front channel answers is documented: its status, its error and its members. */
import { describe, expect, test } from "bun:test";
import { CALLBACK } from "../support/openid.ts";
import { testServer } from "../support/server.ts";
import { expectForeseen } from "./openapi_document.ts";
import { ASKED, BASIC, frontServer, type Sample } from "./openapi_front_fixture.ts";

// At the top of the file, where servers stay open until the file ends.
const { server, document, post, json, idTokenFor } = await frontServer();
const broken = await testServer();
const leaving = await testServer();
await broken.close();
await leaving.server.drain();

const atPush: readonly Sample[] = [
  ["a request", 201, () => post("/par", ASKED)],
  ["no client", 400, () => post("/par", ASKED, {})],
  ["a wrong secret", 401, () => post("/par", ASKED, { basic: ["app", "x"] })],
  ["no redirect URI", 400, () => post("/par", { ...ASKED, redirect_uri: "" })],
  ["a malformed one", 400, () => post("/par", { ...ASKED, redirect_uri: "/x" })],
  ["another one", 400, () => post("/par", { ...ASKED, redirect_uri: `${CALLBACK}/` })],
  ["no response type", 400, () => post("/par", { redirect_uri: CALLBACK })],
  ["another response type", 400, () => post("/par", { ...ASKED, response_type: "token" })],
  ["another response mode", 400, () => post("/par", { ...ASKED, response_mode: "web_message" })],
  ["a refused scope", 400, () => post("/par", { ...ASKED, scope: "admin" })],
  ["a scope twice", 400, () => post("/par", { ...ASKED, scope: "openid openid" })],
  ["no scope", 400, () => post("/par", { ...ASKED, scope: "" })],
  ["a refused resource", 400, () => post("/par", { ...ASKED, resource: "https://x.example" })],
  ["no challenge", 400, () => post("/par", { ...ASKED, client_id: "spa" }, {})],
  ["a request object", 400, () => post("/par", { ...ASKED, request: "x" })],
  ["a reference", 400, () => post("/par", { ...ASKED, request_uri: "urn:x" })],
  ["a bad age", 400, () => post("/par", { ...ASKED, max_age: "soon" })],
  ["a parameter in the URL", 400, () => post("/par?state=x", ASKED)],
  ["JSON", 400, () => json("/par", ASKED)],
  ["another method", 405, () => server.get("/par")],
  ["a dead store", 500, () => broken.post("/par", ASKED, { basic: BASIC })],
  ["a server that is leaving", 503, () => leaving.post("/par", ASKED, { basic: BASIC })],
];

const atCode: readonly Sample[] = [
  ["an address", 200, () => post("/code", { email: "ada@example.org" })],
  ["a number that nobody has", 200, () => post("/code", { phone_number: "+41791234567" })],
  [
    "JSON",
    200,
    async () =>
      server.server.handle(
        new Request("http://localhost/code", {
          method: "POST",
          body: JSON.stringify({ email: "x@example.org" }),
          headers: {
            "Content-Type": "application/json",
            Authorization: `Basic ${btoa("app:s")}`,
          },
        }),
      ),
  ],
  ["broken JSON", 400, () => json("/code", "{")],
  ["no address", 400, () => post("/code", {})],
  ["two addresses", 400, () => post("/code", { email: "a@b.c", phone_number: "+41791234567" })],
  ["no mail address", 400, () => post("/code", { email: "-x" })],
  [
    "a client without the right",
    400,
    () => post("/code", { email: "a@b.c" }, { basic: ["plain", "s"] }),
  ],
  ["a public client", 400, () => post("/code", { email: "a@b.c", client_id: "spa" }, {})],
  ["a wrong secret", 401, () => post("/code", { email: "a@b.c" }, { basic: ["app", "x"] })],
  [
    "too many",
    429,
    async () => {
      for (let i = 0; i < 3; i++) await post("/code", { email: "often@example.org" });
      return post("/code", { email: "often@example.org" });
    },
  ],
  ["another method", 405, () => server.get("/code")],
  ["a dead store", 500, () => broken.post("/code", { email: "a@b.c" }, { basic: BASIC })],
];

const OPERATIONS: Record<string, readonly Sample[]> = {
  "POST /par": atPush,
  "POST /code": atCode,
  "GET /authorize": [
    [
      "a request",
      303,
      () => server.get(`/authorize?${new URLSearchParams({ ...ASKED, client_id: "app" })}`),
    ],
    ["no client", 400, () => server.get("/authorize")],
    ["an unknown client", 400, () => server.get("/authorize?client_id=x")],
    ["no redirect URI", 400, () => server.get("/authorize?client_id=app")],
    [
      "a foreign one",
      400,
      () => server.get("/authorize?client_id=app&redirect_uri=https://x.example"),
    ],
    ["an unknown interaction", 400, () => server.get("/authorize?interaction=x")],
    [
      "an unknown pushed request",
      400,
      () => server.get("/authorize?client_id=app&request_uri=urn:ietf:params:oauth:request_uri:x"),
    ],
    ["a broken query", 400, () => server.get("/authorize?client_id=%zz")],
    ["a client twice", 400, () => server.get("/authorize?client_id=app&client_id=app")],
    ["a dead store", 500, () => broken.get("/authorize?client_id=app")],
  ],
  "POST /authorize": [
    ["a request", 303, () => post("/authorize", { ...ASKED, client_id: "app" }, {})],
    ["JSON", 400, () => json("/authorize", ASKED)],
    ["a broken form", 400, () => post("/authorize", "client_id=%zz", {})],
    ["no client", 400, () => post("/authorize", {}, {})],
  ],
  "GET /logout": [
    ["nobody signed in", 200, () => server.get("/logout")],
    [
      "a client without a hint",
      200,
      () => server.get("/logout?client_id=app&post_logout_redirect_uri=https://app.example/"),
    ],
    [
      "back to the client",
      303,
      async () =>
        server.get(
          `/logout?id_token_hint=${await idTokenFor("app")}&post_logout_redirect_uri=https://app.example/`,
        ),
    ],
    ["a broken query", 400, () => server.get("/logout?state=%zz")],
    [
      "a client and another's hint",
      400,
      async () => server.get(`/logout?client_id=plain&id_token_hint=${await idTokenFor("app")}`),
    ],
    ["a dead store", 500, () => broken.get("/logout?client_id=app")],
    [
      "elsewhere",
      400,
      () => server.get("/logout?client_id=app&post_logout_redirect_uri=https://x.example/"),
    ],
    ["an old page", 400, () => server.get("/logout?request=x")],
    ["a parameter twice", 400, () => server.get("/logout?state=a&state=b")],
    ["a long state", 400, () => server.get(`/logout?state=${"a".repeat(3000)}`)],
  ],
  "POST /logout": [
    ["nobody signed in", 303, () => post("/logout", {}, {})],
    ["another site's form", 403, () => post("/logout", { request: "x" }, {})],
    ["a parameter in the URL", 400, () => post("/logout?state=x", {}, {})],
    ["a broken form", 400, () => post("/logout", "state=%zz", {})],
    ["JSON", 400, () => json("/logout", {})],
  ],
};

describe.each(Object.entries(OPERATIONS))("%s answers as documented", (operation, samples) => {
  test.each(samples)("%s: %i", async (_name, status, send) => {
    const response = await send();
    expect(response.status).toBe(status);
    await expectForeseen(document, response, operation);
  });
});
