import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import {
  type Asked,
  answerOf,
  authorizationTest,
  authorizeQuery,
  authorizeUrl,
  PKCE,
} from "../support/authorization.ts";
import { DATABASES } from "../support/databases.ts";
import { bodyOf, CALLBACK } from "../support/openid.ts";
import { ISSUER, type PostOptions } from "../support/server.ts";

const CLIENTS = [
  { client_id: "spa", redirect_uris: [CALLBACK], scope: "openid" },
  {
    client_id: "par-only",
    client_secret: "s",
    redirect_uris: [CALLBACK],
    scope: "openid",
    require_pushed_authorization_requests: true,
  },
];

/** The credentials of `app`. */
const AS_APP: PostOptions = { basic: ["app", "s"] };

interface Pushed {
  readonly request_uri: string;
  readonly expires_in: number;
}

async function known(database: (typeof DATABASES)[number] = "sqlite") {
  const context = await authorizationTest(database, CLIENTS);
  await context.signIn();
  for (const clientId of ["app", "spa", "par-only"]) await context.agree(["openid"], { clientId });
  const push = (asked: Asked = {}, options: PostOptions = AS_APP) =>
    context.server.post("/par", authorizeQuery(asked), options);
  return {
    ...context,
    push,
    async pushed(asked: Asked = {}, options?: PostOptions) {
      const response = await push(asked, options);
      expect(response.status).toBe(201);
      return (await bodyOf<Pushed>(response)).request_uri;
    },
    open: (request_uri: string, client_id = "app", more: Record<string, string> = {}) =>
      context.browser.open(
        `/authorize?${new URLSearchParams({ client_id, request_uri, ...more })}`,
      ),
  };
}

describe.each(DATABASES)("RFC 9126 pushed authorization requests on %s", (database) => {
  test("a pushed request is named, kept for a minute and answered", async () => {
    const { push, open } = await known(database);
    const response = await push({ nonce: "n", ...{ state: "pushed" } });
    expect(response.status).toBe(201);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const { request_uri, expires_in } = await bodyOf<Pushed>(response);
    expect(request_uri).toMatch(/^urn:ietf:params:oauth:request_uri:[A-Za-z0-9_-]{43}$/);
    expect(expires_in).toBe(60);
    const answer = answerOf(await open(request_uri));
    expect(answer).toEqual({ code: expect.any(String), state: "pushed", iss: ISSUER });
  });

  test("attack 77: it serves once, also when many ask at once", async () => {
    const { pushed, open } = await known(database);
    const request_uri = await pushed();
    const pages = await Promise.all(Array.from({ length: 10 }, () => open(request_uri)));
    expect(pages.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(pages.filter(({ status }) => status === 400)).toHaveLength(9);
    expect((await open(request_uri)).text).toContain("invalid_request_uri");
  });

  test("another client cannot use it, nor spend it", async () => {
    const { pushed, open } = await known(database);
    const request_uri = await pushed();
    const stolen = await open(request_uri, "spa");
    expect([stolen.status, stolen.text.includes("invalid_request_uri")]).toEqual([400, true]);
    expect(answerOf(await open(request_uri)).code).toBeString();
  });

  test("it is dead after sixty seconds", async () => {
    const { server, pushed, open } = await known(database);
    const [first, second] = [await pushed(), await pushed()];
    server.advance(59);
    expect(answerOf(await open(first)).code).toBeString();
    server.advance(1);
    expect((await open(second)).status).toBe(400);
  });

  test("attack 84: the store sees a hash", async () => {
    const { server, pushed } = await known(database);
    const request_uri = await pushed();
    const hash = createHash("sha256").update(request_uri).digest("hex");
    const { store } = server.services;
    expect(await store.findRecord(`pushed_request:${hash}`)).toBeDefined();
    expect(await store.findRecord(`pushed_request:${request_uri}`)).toBeUndefined();
  });
});

const shared = await known();

describe("RFC 9126 §2.1 who may push what", () => {
  test("parameters beside request_uri do not change what was pushed", async () => {
    const { pushed, open } = await known();
    const request_uri = await pushed({ state: "pushed" });
    const more = { state: "other", scope: "openid email", redirect_uri: "https://evil.example/" };
    expect(answerOf(await open(request_uri, "app", more)).state).toBe("pushed");
  });

  test("a public client pushes with PKCE and its id", async () => {
    const { pushed, open } = await known();
    const asked = {
      client_id: "spa",
      code_challenge: PKCE.challenge,
      code_challenge_method: "S256",
    };
    expect(answerOf(await open(await pushed(asked, {}), "spa")).code).toBeString();
  });

  test("a client that must push is refused without, and served with", async () => {
    const { browser, pushed, open } = await known();
    const plain = await browser.open(authorizeUrl({ client_id: "par-only" }));
    expect(answerOf(plain).error).toBe("invalid_request");
    const options = { basic: ["par-only", "s"] } as const;
    const request_uri = await pushed({ client_id: "par-only" }, options);
    expect(answerOf(await open(request_uri, "par-only")).code).toBeString();
  });

  test("a post to /authorize takes a pushed request too", async () => {
    const { browser, pushed } = await known();
    const body = { client_id: "app", request_uri: await pushed() };
    const page = await browser.open("/authorize", { method: "POST", crossSite: true, body });
    expect(answerOf(page).code).toBeString();
  });

  test("a client registered since for another redirect URI gets nothing", async () => {
    const { server, pushed, open } = await known();
    const request_uri = await pushed();
    await server.addClient({
      client_id: "app",
      client_secret: "t",
      redirect_uris: ["https://new.example/"],
      scope: "openid",
    });
    const page = await open(request_uri);
    expect([page.status, page.text.includes("has not registered")]).toEqual([400, true]);
  });

  const rows: readonly (readonly [string, Asked, PostOptions, number, string])[] = [
    ["no credentials", {}, {}, 400, "invalid_client"],
    ["a wrong secret", {}, { basic: ["app", "x"] }, 401, "invalid_client"],
    ["an unknown client", { client_id: "x" }, { basic: ["x", "s"] }, 401, "invalid_client"],
    ["another client's id", { client_id: "spa" }, AS_APP, 400, "invalid_request"],
    [
      "attack 77: request_uri",
      { request_uri: "https://evil.example/" },
      AS_APP,
      400,
      "invalid_request",
    ],
    ["attack 77: request", { request: "a.b.c" }, AS_APP, 400, "request_not_supported"],
    [
      "attack 5: a foreign redirect_uri",
      { redirect_uri: "https://evil.example/" },
      AS_APP,
      400,
      "invalid_request",
    ],
    ["no redirect_uri", { redirect_uri: undefined }, AS_APP, 400, "invalid_request"],
    ["no response_type", { response_type: undefined }, AS_APP, 400, "invalid_request"],
    ["another response_type", { response_type: "token" }, AS_APP, 400, "unsupported_response_type"],
    ["a foreign scope", { scope: "admin" }, AS_APP, 400, "invalid_scope"],
    ["a foreign resource", { resource: "https://x.example" }, AS_APP, 400, "invalid_target"],
    ["a repeated parameter", { nonce: ["a", "b"] }, AS_APP, 400, "invalid_request"],
    ["prompt=none with another", { prompt: "none login" }, AS_APP, 400, "invalid_request"],
    ["a hint that is no ID token", { id_token_hint: "x" }, AS_APP, 400, "invalid_request"],
    ["no challenge of a public client", { client_id: "spa" }, {}, 400, "invalid_request"],
  ];

  test.each(rows)("%s is refused at once", async (_, asked, options, status, error) => {
    const { push } = shared;
    const response = await push(asked, options);
    expect([response.status, response.headers.get("location")]).toEqual([status, null]);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toMatchObject({ error, error_description: expect.any(String) });
  });

  test("attack 36: parameters in the URL are refused", async () => {
    const { server } = await known();
    const response = await server.post(`/par?${authorizeQuery()}`, authorizeQuery(), {
      basic: ["app", "s"],
    });
    expect(await response.json()).toMatchObject({ error: "invalid_request" });
  });

  test("a body that is no form is refused (message 28)", async () => {
    const { push } = await known();
    const headers = { "Content-Type": "application/json" };
    const response = await push({}, { basic: ["app", "s"], headers });
    expect(await response.json()).toMatchObject({
      error_description: "no parameter in body request",
    });
  });

  test("GET is 405", async () => {
    const { server } = await known();
    const response = await server.get("/par");
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });
});
