import { describe, expect, test } from "bun:test";
import {
  answerOf,
  authorizationTest,
  authorizeQuery,
  authorizeUrl,
  redeem,
} from "../support/authorization.ts";
import { openBrowser } from "../support/browser.ts";
import { DATABASES } from "../support/databases.ts";
import { bodyOf } from "../support/openid.ts";
import { ISSUER } from "../support/server.ts";

describe.each(DATABASES)("RFC 6749 §4.1 authorization endpoint on %s", (database) => {
  test("a user who is signed in and has agreed brings the client a code that it redeems", async () => {
    const { server, browser, signIn, agree, alice } = await authorizationTest(database);
    await signIn();
    await agree(["openid"]);
    const page = await browser.open(authorizeUrl({ nonce: "n" }));
    const { code, ...rest } = answerOf(page);
    expect(rest).toEqual({ state: "st", iss: ISSUER });
    expect(page.hops.map(({ status }) => status)).toEqual([303]);
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("referrer-policy")).toBe("no-referrer");
    const response = await redeem(server, code);
    expect(response.status).toBe(200);
    const { id_token } = await bodyOf<{ id_token: string }>(response);
    const claims = JSON.parse(Buffer.from(id_token.split(".")[1] ?? "", "base64url").toString());
    expect(claims).toMatchObject({ sub: alice, nonce: "n", acr: "urn:tessera:pwd", amr: ["pwd"] });
  });

  test("a stranger is sent to sign in, and his browser is bound by a cookie", async () => {
    const { server } = await authorizationTest(database);
    const response = await server.get(authorizeUrl());
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toMatch(
      /^http:\/\/localhost:3000\/login\?interaction=[0-9a-f-]{36}$/,
    );
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^tessera_browser=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("a browser keeps its cookie, so that two tabs go on side by side", async () => {
    const { server } = await authorizationTest(database);
    const first = await server.get(authorizeUrl());
    const [cookie = ""] = first.headers.getSetCookie().map((line) => line.split(";")[0]);
    const second = await server.get(authorizeUrl(), { cookie });
    expect(second.headers.getSetCookie()).toEqual([]);
    for (const begun of [first, second]) {
      const id = new URL(begun.headers.get("location") ?? "").searchParams.get("interaction");
      const again = await server.get(`/authorize?interaction=${id}`, { cookie });
      expect(again.headers.get("location")).toBe(`${ISSUER}/login?interaction=${id}`);
    }
  });

  test("a cookie that is not ours is replaced", async () => {
    const { server } = await authorizationTest(database);
    const response = await server.get(authorizeUrl(), { cookie: "tessera_browser=known" });
    expect(response.headers.getSetCookie()[0]).toMatch(/^tessera_browser=[A-Za-z0-9_-]{43};/);
  });

  test("consent is asked once and remembered by client and scope", async () => {
    const { browser, signIn } = await authorizationTest(database);
    await signIn();
    const asked = await browser.open(authorizeUrl());
    expect(asked.url.pathname).toBe("/consent");
    const answer = await browser.submit(asked, {}, { button: "allow" });
    expect(answerOf(answer).code).toBeString();
    expect(answer.hops.map(({ status }) => status)).toEqual([303, 303]);
    expect(answerOf(await browser.open(authorizeUrl())).code).toBeString();
    const more = await browser.open(authorizeUrl({ scope: "openid email" }));
    expect(more.url.pathname).toBe("/consent");
    const forced = await browser.open(authorizeUrl({ prompt: "consent" }));
    expect(forced.url.pathname).toBe("/consent");
    expect(answerOf(await browser.submit(forced, {}, { button: "allow" })).code).toBeString();
  });

  test("a user who refuses gives access_denied, and the interaction is over", async () => {
    const { browser, signIn } = await authorizationTest(database);
    await signIn();
    const asked = await browser.open(authorizeUrl());
    const refused = await browser.submit(asked, {}, { button: "refuse" });
    expect(answerOf(refused)).toEqual({
      error: "access_denied",
      error_description: "the user refused",
      state: "st",
      iss: ISSUER,
    });
    const again = await browser.open(asked.url.href.replace("/consent", "/authorize"));
    expect(again.status).toBe(400);
    expect((await browser.open(asked.url.href)).status).toBe(400);
  });

  test("an operator's own client asks nobody, a dynamic one cannot claim to be that", async () => {
    const trusted = {
      client_id: "own",
      redirect_uris: ["https://app.example/callback"],
      scope: "openid",
      client_secret: "s",
      skip_consent: true,
    };
    const { server, browser, signIn } = await authorizationTest(database, [trusted]);
    await signIn();
    expect(answerOf(await browser.open(authorizeUrl({ client_id: "own" }))).code).toBeString();
    const client = await server.services.store.findClient("own");
    if (!client) throw new Error("no client");
    const { metadata, createdAt, updatedAt, notBefore } = client;
    const row = {
      id: "dyn",
      metadata,
      createdAt,
      updatedAt,
      notBefore,
      origin: "dynamic",
    } as const;
    await server.services.store.writeParties({ clients: [{ row, secrets: [] }], users: [] });
    const asked = await browser.open(authorizeUrl({ client_id: "dyn" }));
    expect(asked.url.pathname).toBe("/consent");
  });

  test("parallel requests of one interaction give one code", async () => {
    const { server, browser, signIn, agree } = await authorizationTest(database);
    const login = await browser.open(authorizeUrl());
    const id = login.url.searchParams.get("interaction");
    await signIn();
    await agree(["openid"]);
    const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => server.get(`/authorize?interaction=${id}`, { cookie })),
    );
    const codes = answers.filter((answer) => answer.headers.get("location")?.includes("code="));
    expect(codes).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(19);
  });

  test("an interaction belongs to one browser, lives an hour and ends once", async () => {
    const { server, browser, signIn, agree } = await authorizationTest(database);
    const login = await browser.open(authorizeUrl());
    const url = login.url.href.replace("/login", "/authorize");
    await signIn();
    await agree(["openid"]);
    const other = openBrowser(server);
    for (const [name, value] of browser.cookies)
      if (name.includes("session")) other.cookies.set(name, value);
    expect((await other.open(url)).status).toBe(400);
    other.cookies.set("tessera_browser", "A".repeat(43));
    expect((await other.open(url)).status).toBe(400);
    expect((await browser.open("/authorize?interaction=unknown")).status).toBe(400);
    const later = await browser.open(authorizeUrl({ prompt: "login" }));
    expect(answerOf(await browser.open(url)).code).toBeString();
    const again = await browser.open(url);
    expect(again.status).toBe(400);
    expect(again.text).toContain("This sign-in has expired");
    server.advance(3600);
    const late = await browser.open(later.url.href.replace("/login", "/authorize"));
    expect([late.status, late.text.includes("This sign-in has expired")]).toEqual([400, true]);
  });

  test("attack 75: a post from a client's page is sent back by 303 to GET, when cookies come along", async () => {
    const { browser, signIn, agree } = await authorizationTest(database);
    const waiting = await browser.open(authorizeUrl());
    await signIn();
    await agree(["openid"]);
    const page = await browser.open("/authorize", {
      method: "POST",
      crossSite: true,
      body: authorizeQuery(),
    });
    expect(page.hops.map(({ status }) => status)).toEqual([303, 303]);
    expect(page.hops[0]?.location).toStartWith(`${ISSUER}/authorize?client_id=app&request_uri=urn`);
    expect(answerOf(page).code).toBeString();
    // The other tab's sign-in goes on: its cookie was not replaced.
    const url = waiting.url.href.replace("/login", "/authorize");
    expect(answerOf(await browser.open(url)).code).toBeString();
  });

  test("what is revoked while the user signs in is refused", async () => {
    const { server, browser, signIn, agree } = await authorizationTest(database);
    const { store, now } = server.services;
    const open = async () =>
      (
        await browser.open(authorizeUrl({ scope: "openid email", prompt: "login" }))
      ).url.href.replace("/login", "/authorize");
    const [first, second, third] = [await open(), await open(), await open()];
    await signIn();
    await agree(["openid", "email"]);
    const client = await store.findClient("app");
    if (!client) throw new Error("no client");
    const { metadata, secrets, disabledAt: _, ...row } = client;
    const write = (changed: object) =>
      store.writeParties({
        clients: [
          {
            row: {
              id: row.id,
              origin: row.origin,
              createdAt: row.createdAt,
              updatedAt: now(),
              notBefore: row.notBefore,
              metadata: { ...metadata, ...changed },
            },
            secrets,
            seenAt: row.updatedAt,
          },
        ],
        users: [],
      });
    await write({ scope: "openid" });
    expect(answerOf(await browser.open(first))).toMatchObject({ error: "invalid_scope" });
    await write({ redirect_uris: ["https://elsewhere.example/"] });
    expect((await browser.open(second)).text).toContain("has not registered");
    await store.setClientDisabled("app", now());
    expect((await browser.open(third)).text).toContain("We do not know the application");
  });

  test("a disabled user's session brings no code", async () => {
    const { server, browser, signIn, agree, alice } = await authorizationTest(database);
    await signIn();
    await agree(["openid"]);
    await server.services.store.setUserDisabled(alice, server.services.now());
    expect((await browser.open(authorizeUrl())).url.pathname).toBe("/login");
    const silent = await browser.open(authorizeUrl({ prompt: "none" }));
    expect(answerOf(silent)).toMatchObject({ error: "login_required" });
  });
});
