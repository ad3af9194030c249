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
    expect((await ask(server, THERE)).status).toBe(303);
  });

  test("attack 85: an old copy of the cookie drains no budget but its own", async () => {
    const server = await opened(database, { addressRequestsPerMinute: 2 });
    const alice = await server.addPerson({ username: "alice" });
    const browser = server.openBrowser();
    const signedIn = async () => {
      browser.cookies.delete("tessera_session");
      await signIn(browser, "alice");
      return `tessera_device=${browser.cookies.get("tessera_device")}`;
    };
    const [copy, now] = [await signedIn(), await signedIn()];
    const as = (cookie: string) => () => ask(server, HERE, { Cookie: cookie });
    expect(await statuses(3, as(copy))).toEqual([303, 303, 429]);
    expect(await statuses(3, as(now))).toEqual([303, 303, 429]);
    // A cookie from before the password was changed, or of a user who is gone, makes nobody known.
    const later = await signedIn();
    await server.services.store.setUserNotBefore(alice, server.services.now());
    expect(await statuses(3, as(later))).toEqual([303, 303, 429]);
    expect((await ask(server, HERE)).status).toBe(429);
    server.advance(1);
    const gone = await signedIn();
    await server.services.store.deleteUser(alice);
    expect((await as(gone)()).status).toBe(429);
  });

  test("attack 85: what no browser navigates to is refused, and spends nothing", async () => {
    const server = await opened(database, { addressRequestsPerMinute: 2 });
    const mode = (name: string, site = "cross-site") => ({
      "Sec-Fetch-Mode": name,
      "Sec-Fetch-Site": site,
    });
    for (const name of ["no-cors", "cors", "same-origin", "websocket"]) {
      const refused = await ask(server, HERE, mode(name));
      expect(refused.status).toBe(403);
      expect(await refused.json()).toMatchObject({ error: "access_denied" });
      const posted = await server.post("/authorize", authorizeQuery(), {
        peer: HERE,
        headers: mode(name),
      });
      expect(posted.status).toBe(403);
    }
    expect((await ask(server, HERE, { "Sec-Fetch-Mode": "no-cors" })).status).toBe(403);
    expect((await ask(server, HERE, mode("navigate"))).status).toBe(303);
    // A program, whose runtime tells the mode and knows no sites.
    expect((await ask(server, HERE, { "Sec-Fetch-Mode": "cors" })).status).toBe(303);
    expect((await ask(server, HERE, mode("navigate"))).status).toBe(429);
  });

  test("attack 85: frames of any web page use up no budget but that of frames", async () => {
    const server = await opened(database, { addressRequestsPerMinute: 2 });
    const framed = { "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe" };
    expect(await statuses(3, () => ask(server, HERE, framed))).toEqual([303, 303, 429]);
    const opens = { "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" };
    expect(await statuses(3, () => ask(server, HERE, opens))).toEqual([303, 303, 429]);
  });

  test("attack 85: a posted request counts as whose it is, when its cookies come along", async () => {
    const server = await opened(database, { addressRequestsPerMinute: 2 });
    await server.addPerson({ username: "alice" });
    const browser = server.openBrowser();
    await signIn(browser, "alice");
    const cookie = `tessera_device=${browser.cookies.get("tessera_device")}`;
    const post = async (asked = authorizeQuery()) => {
      const response = await server.post("/authorize", asked, { peer: HERE });
      expect(response.status).toBe(303);
      return new URL(response.headers.get("location") ?? "");
    };
    const follow = async (Cookie: string) => {
      const { pathname, search } = await post();
      const request = new Request(`http://localhost${pathname}${search}`, { headers: { Cookie } });
      return server.server.handle(request, HERE);
    };
    expect(await statuses(3, () => follow(""))).toEqual([303, 303, 429]);
    expect(await statuses(3, () => follow(cookie))).toEqual([303, 303, 429]);
    // It is sealed for its client and its time.
    const { searchParams } = await post();
    const foreign = new URLSearchParams({
      ...Object.fromEntries(searchParams),
      client_id: "other",
    });
    server.advance(60);
    for (const query of [searchParams, foreign]) {
      const late = await server.get(`/authorize?${query}`);
      expect(late.status).toBe(400);
      expect(await late.json()).toMatchObject({ error: "invalid_request_uri" });
    }
    const fresh = await post();
    fresh.searchParams.set("client_id", "other");
    expect((await server.get(`/authorize${fresh.search}`)).status).toBe(400);
    const altered = `${(await post()).searchParams.get("request_uri")?.slice(0, -2)}AA`;
    const query = new URLSearchParams({ client_id: "app", request_uri: altered });
    expect((await server.get(`/authorize?${query}`)).status).toBe(400);
  });

  test("attack 85: posts too long for a URL are stored and count, faulty ones cost nothing", async () => {
    const server = await opened(database, { addressRequestsPerMinute: 2 });
    const long = authorizeQuery({ state: "s".repeat(4096) });
    const post = (asked: string) => server.post("/authorize", asked, { peer: HERE });
    expect((await post(authorizeQuery({ redirect_uri: "https://evil.example" }))).status).toBe(400);
    expect((await post(authorizeQuery({ response_type: "token" }))).status).toBe(303);
    expect(await statuses(3, () => post(authorizeQuery()))).toEqual([303, 303, 303]);
    const [kept] = [await post(long)];
    expect((kept?.headers.get("location") ?? "").length).toBeLessThan(300);
    expect(await statuses(2, () => post(long))).toEqual([303, 429]);
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
