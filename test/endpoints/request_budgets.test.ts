import { describe, expect, test } from "bun:test";
import type { Settings } from "../../src/protocol/settings.ts";
import { authorizeQuery, authorizeUrl } from "../support/authorization.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { CALLBACK } from "../support/openid.ts";
import { type TestServer, testServer } from "../support/server.ts";
import { signIn, signInTest } from "../support/sign_in.ts";

const APP = {
  client_id: "app",
  client_secret: "s",
  redirect_uris: [CALLBACK],
  grant_types: ["authorization_code", "client_credentials"],
  scope: "openid api1",
};
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const PUBLIC = { client_id: "public", redirect_uris: [CALLBACK], scope: "openid" };
const HERE = { address: "192.0.2.1" };
const THERE = { address: "192.0.2.2" };

async function opened(database: DatabaseName, settings: Partial<Settings>) {
  const server = await signInTest({ database, settings });
  await server.addClient(APP);
  await server.addClient({ ...APP, client_id: "other" });
  await server.addClient(PUBLIC);
  return server;
}

type Headers = Readonly<Record<string, string>>;

/** `GET /authorize` from an address. */
const ask = ({ server }: TestServer, peer = HERE, headers: Headers = {}) =>
  server.handle(new Request(`http://localhost${authorizeUrl()}`, { headers }), peer);

const pushAs = (server: TestServer, id: string, peer = HERE) => {
  const form = authorizeQuery({ client_id: undefined });
  return server.post("/par", form, { basic: [id, "s"], peer });
};

/** Statuses of so many answers, one after the other. */
async function statuses(count: number, send: () => Promise<Response>): Promise<readonly number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index++) found.push((await send()).status);
  return found;
}

describe.each(DATABASES)("budgets of authorization requests on %s", (database) => {
  test("attack 85: an address gets so many a minute, and then a page that says when", async () => {
    const server = await opened(database, { addressRequestsPerMinute: 3 });
    expect(await statuses(3, () => ask(server))).toEqual([303, 303, 303]);
    server.advance(20);
    const refused = await ask(server, HERE, { Accept: "text/html" });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "40"]);
    expect(refused.headers.get("location")).toBeNull();
    expect(await refused.text()).toContain("Please try again in a minute.");
    const plain = await ask(server);
    expect(await plain.json()).toMatchObject({
      error: "temporarily_unavailable",
      error_description: "too many requests, try again later",
    });
    expect(await statuses(3, () => ask(server, THERE))).toEqual([303, 303, 303]);
    server.advance(40);
    expect((await ask(server)).status).toBe(303);
  });

  test("attack 85: requests sent at once, to two instances, are no more than in turn", async () => {
    const one = await opened(database, { addressRequestsPerMinute: 5 });
    const two = await testServer({
      url: one.url,
      secret: one.secret,
      settings: { addressRequestsPerMinute: 5 },
    });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => ask(index % 2 === 0 ? one : two)),
    );
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
  });

  test("attack 85: all addresses of an IPv6 network count as one, forged headers as none", async () => {
    const server = await opened(database, { addressRequestsPerMinute: 2 });
    const from = (host: number) => ({ address: `2001:db8:1:1::${host}` });
    const forged = { "X-Forwarded-For": "198.51.100.7" };
    expect((await ask(server, from(1))).status).toBe(303);
    expect((await ask(server, from(2), forged)).status).toBe(303);
    expect((await ask(server, from(3), forged)).status).toBe(429);
  });

  test("attack 85: whoever has signed in is not kept out by strangers behind his address", async () => {
    const server = await opened(database, { addressRequestsPerMinute: 2 });
    await server.addPerson({ username: "alice" });
    const browser = server.openBrowser();
    await signIn(browser, "alice");
    const device = `tessera_device=${browser.cookies.get("tessera_device")}`;
    expect(await statuses(3, () => ask(server))).toEqual([303, 303, 429]);
    const known = () => ask(server, HERE, { Cookie: device });
    expect(await statuses(3, known)).toEqual([303, 303, 429]);
    // Every browser of his counts as him, so that signing in again makes no new budget.
    const second = server.openBrowser();
    await signIn(second, "alice");
    const other = `tessera_device=${second.cookies.get("tessera_device")}`;
    expect((await ask(server, THERE, { Cookie: other })).status).toBe(429);
    expect((await ask(server, THERE)).status).toBe(303);
  });

  test("attack 85: posted requests count, and faulty ones write nothing and cost nothing", async () => {
    const server = await opened(database, { addressRequestsPerMinute: 2 });
    const post = (asked: string) => server.post("/authorize", asked, { peer: HERE });
    expect((await post(authorizeQuery({ redirect_uri: "https://evil.example" }))).status).toBe(400);
    expect((await post(authorizeQuery({ response_type: "token" }))).status).toBe(303);
    expect(await statuses(3, () => post(authorizeQuery()))).toEqual([303, 303, 429]);
  });

  test("a pushed request that comes too early is still there afterwards", async () => {
    const server = await opened(database, { addressRequestsPerMinute: 1 });
    expect((await ask(server)).status).toBe(303);
    server.advance(30);
    const pushed = await pushAs(server, "app");
    const { request_uri } = (await pushed.json()) as { request_uri: string };
    const query = new URLSearchParams({ client_id: "app", request_uri });
    const url = `http://localhost/authorize?${query}`;
    expect((await server.server.handle(new Request(url), HERE)).status).toBe(429);
    server.advance(30);
    expect((await server.server.handle(new Request(url), HERE)).status).toBe(303);
  });

  test("attack 85: a confidential client pushes on its own budget, wherever it is", async () => {
    const limits = { addressRequestsPerMinute: 1, clientRequestsPerMinute: 3 };
    const server = await opened(database, limits);
    expect(await statuses(2, () => pushAs(server, "app", HERE))).toEqual([201, 201]);
    expect((await pushAs(server, "app", THERE)).status).toBe(201);
    const refused = await pushAs(server, "app", THERE);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "60"]);
    expect((await pushAs(server, "other", THERE)).status).toBe(201);
    // Anybody can name a client at /authorize, which does not touch what the client may push.
    expect((await ask(server, HERE)).status).toBe(303);
    const form = authorizeQuery({ client_id: undefined });
    const guess = () => server.post("/par", form, { basic: ["other", "x"] });
    expect(await statuses(3, guess)).toEqual([401, 401, 401]);
    expect((await pushAs(server, "other", THERE)).status).toBe(201);
  });

  test("attack 85: a public client's pushes count by address", async () => {
    const server = await opened(database, { addressRequestsPerMinute: 2 });
    const challenge = { code_challenge: CHALLENGE, code_challenge_method: "S256" };
    const form = authorizeQuery({ client_id: "public", ...challenge });
    const push = (peer: typeof HERE) => server.post("/par", form, { peer });
    expect(await statuses(3, () => push(HERE))).toEqual([201, 201, 429]);
    expect((await push(THERE)).status).toBe(201);
  });
});

describe.each(DATABASES)("introspection of tokens that are not active on %s", (database) => {
  async function tokenOf(server: TestServer): Promise<string> {
    const form = { grant_type: "client_credentials", scope: "api1" };
    const response = await server.post("/token", form, { basic: ["app", "s"] });
    return ((await response.json()) as { access_token: string }).access_token;
  }

  const introspect = (server: TestServer, token: string, id = "app") =>
    server.post("/introspect", { token }, { basic: [id, "s"] });

  test("attack 55: a client gets so many such answers a minute, and live ones all the while", async () => {
    const server = await opened(database, { inactiveAnswersPerMinute: 4 });
    const token = await tokenOf(server);
    expect(await statuses(6, () => introspect(server, token))).toEqual(Array(6).fill(200));
    // Another's token, one that was never issued, and one that is revoked are the same.
    await server.addClient({ ...APP, client_id: "stranger" });
    expect(await (await introspect(server, token, "stranger")).json()).toEqual({ active: false });
    expect(await statuses(4, () => introspect(server, "tsa_x"))).toEqual(Array(4).fill(200));
    server.advance(15);
    const refused = await introspect(server, "tsa_x");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "45"]);
    expect(await refused.json()).toMatchObject({ error: "temporarily_unavailable" });
    expect(await (await introspect(server, token)).json()).toMatchObject({ active: true });
    expect(await statuses(3, () => introspect(server, token, "stranger"))).toEqual([200, 200, 200]);
    expect((await introspect(server, token, "stranger")).status).toBe(429);
    server.advance(45);
    expect(await (await introspect(server, "tsa_x")).json()).toEqual({ active: false });
  });

  test("attack 55: asked at once, at two instances, it is no more", async () => {
    const settings = { inactiveAnswersPerMinute: 5 };
    const one = await opened(database, settings);
    const two = await testServer({ url: one.url, secret: one.secret, settings });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => introspect(index % 2 === 0 ? one : two, "tsa_x")),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
  });

  test("attack 55: who is not authenticated spends nothing", async () => {
    const server = await opened(database, { inactiveAnswersPerMinute: 1 });
    for (let index = 0; index < 3; index++) {
      const wrong = await server.post("/introspect", { token: "x" }, { basic: ["app", "wrong"] });
      expect(wrong.status).toBe(401);
    }
    expect((await introspect(server, "tsa_x")).status).toBe(200);
  });
});
