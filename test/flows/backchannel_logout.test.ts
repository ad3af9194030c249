/** A client's own server is told, over a socket, that its user signed out in a browser. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { answerOf, authorizeUrl, redeem } from "../support/authorization.ts";
import { openBrowser } from "../support/browser.ts";
import { DATABASES, type DatabaseName, freePort } from "../support/databases.ts";
import { bodyOf, CALLBACK, type Tokens } from "../support/openid.ts";
import { type RelyingParty, relyingParty } from "../support/relying_party.ts";
import { signIn, signInTest } from "../support/sign_in.ts";

setDefaultTimeout(60_000);

const AFTER = "https://app.example/goodbye";
const EVENT = "http://schemas.openid.net/event/backchannel-logout";

/** A server on a port, with a pairwise client whose server is the relying party, and alice signed in for it. */
async function begin(database: DatabaseName, party: RelyingParty, settings: object = {}) {
  const issuer = `http://localhost:${await freePort()}`;
  const server = await signInTest({
    database,
    issuer,
    settings: { outgoingPrivateHosts: ["127.0.0.1"], ...settings },
  });
  const listener = Bun.serve({
    port: new URL(issuer).port,
    hostname: "localhost",
    fetch: (request) => server.server.handle(request),
  });
  afterAll(() => listener.stop(true));
  await server.addClient({
    client_id: "app",
    client_secret: "s",
    redirect_uris: [CALLBACK],
    post_logout_redirect_uris: [AFTER],
    grant_types: ["authorization_code", "refresh_token"],
    scope: "openid",
    subject_type: "pairwise",
    skip_consent: true,
    backchannel_logout_uri: party.uri,
    backchannel_logout_session_required: true,
  });
  await server.addPerson({ username: "alice" });
  const browser = openBrowser(
    { server: { handle: (request) => fetch(request, { redirect: "manual" }) } },
    issuer,
  );
  const login = await browser.open(authorizeUrl({ nonce: "n-0S6_WzA2Mj" }));
  const page = await signIn(browser, "alice", { page: login });
  const tokens = await bodyOf<Tokens>(redeem(server, answerOf(page).code));
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const rules = {
    issuer,
    audience: "app",
    currentDate: new Date(server.services.now() * 1000),
  };
  return {
    server,
    browser,
    tokens,
    verify: (token: string, typ: string) => jwtVerify(token, keys, { ...rules, typ }),
    logout: `/logout?${new URLSearchParams({
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: AFTER,
    })}`,
  };
}

/** What the audit log has of tokens that were not taken. */
async function undelivered({ server }: Awaited<ReturnType<typeof begin>>) {
  const rows = await server.services.store.listAuditRows(50);
  return rows.filter(({ event }) => event === "logout.undelivered").map(({ details }) => details);
}

describe.each(DATABASES)("OpenID Connect Back-Channel Logout over sockets on %s", (database) => {
  test("discovery announces it, and the receiver can verify everything that §2.6 asks for", async () => {
    const party = relyingParty();
    const test = await begin(database, party);
    const { issuer } = test.server.services;
    const discovery = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
    expect(discovery).toMatchObject({
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    });
    const { payload: signedIn } = await test.verify(test.tokens.id_token, "JWT");
    const page = await test.browser.open(test.logout);
    expect(page.hops).toEqual([{ status: 303, location: AFTER }]);
    expect(party.types).toEqual(["application/x-www-form-urlencoded"]);
    expect(party.tokens).toHaveLength(1);
    const { payload, protectedHeader } = await test.verify(party.tokens[0] ?? "", "logout+jwt");
    expect(protectedHeader).toEqual({
      alg: "RS256",
      typ: "logout+jwt",
      kid: expect.any(String) as unknown as string,
    });
    expect(payload).toEqual({
      iss: issuer,
      aud: "app",
      sub: String(signedIn.sub),
      sid: String(signedIn["sid"]),
      iat: test.server.services.now(),
      exp: test.server.services.now() + 120,
      jti: expect.any(String) as unknown as string,
      events: { [EVENT]: {} },
    });
    // §2.4: a nonce would let it pass for an ID token, whose nonce was not empty.
    expect(signedIn["nonce"]).toBe("n-0S6_WzA2Mj");
    expect("nonce" in payload).toBe(false);
    await expect(test.verify(party.tokens[0] ?? "", "JWT")).rejects.toThrow("typ");
    const user = await test.server.services.store.findUserByIdentifier("alice");
    expect(JSON.stringify([payload, signedIn])).not.toContain(user?.id ?? "-");
    expect(await undelivered(test)).toEqual([]);
  });

  test("signing out everywhere tells it of each session, with another jti and sid each", async () => {
    const party = relyingParty();
    const test = await begin(database, party);
    const elsewhere = openBrowser(test.server, test.server.services.issuer);
    const login = await elsewhere.open(authorizeUrl());
    const page = await signIn(elsewhere, "alice", { page: login });
    await redeem(test.server, answerOf(page).code);
    const account = await test.browser.open("/account");
    const index = account.forms.findIndex(({ buttons }) =>
      buttons.some(({ value }) => value === "sign_out_all"),
    );
    await test.browser.submit(account, {}, { form: index, button: "sign_out_all" });
    expect(party.tokens).toHaveLength(2);
    const told = await Promise.all(party.tokens.map((token) => test.verify(token, "logout+jwt")));
    for (const claim of ["jti", "sid"]) {
      expect(new Set(told.map(({ payload }) => payload[claim])).size).toBe(2);
    }
    expect(new Set(told.map(({ payload }) => payload.sub)).size).toBe(1);
  });
});

describe("OpenID Connect Back-Channel Logout §2.8 a receiver that does not take it", () => {
  test("and never answers: the user is signed out and back while it still thinks", async () => {
    const never = Promise.withResolvers<Response>();
    const party = relyingParty(() => never.promise);
    const test = await begin("sqlite", party, { outgoingTimeoutSeconds: 1 });
    const page = await test.browser.open(test.logout);
    expect(page.hops).toEqual([{ status: 303, location: AFTER }]);
    expect(test.browser.cookies.has("tessera_session")).toBe(false);
    const bearer = { Authorization: `Bearer ${test.tokens.access_token}` };
    expect((await test.server.get("/userinfo", bearer)).status).toBe(401);
    expect((await test.browser.open("/account")).url.pathname).toBe("/login");
    never.resolve(new Response(null, { status: 204 }));
  });

  test.each([
    ["refuses", () => Response.json({ error: "invalid_request" }, { status: 400 }), "status 400"],
    ["fails", () => new Response("down", { status: 503 }), "status 503"],
  ] as const)(
    "but %s: the log says so, and it is sent once, not again",
    async (_, answer, reason) => {
      const party = relyingParty(answer);
      const test = await begin("sqlite", party);
      expect((await test.browser.open(test.logout)).hops).toHaveLength(1);
      expect(await undelivered(test)).toMatchObject([{ reason }]);
      // Neither the sweep, nor another sign-in and sign-out, sends the old one.
      test.server.advance(3600);
      await test.server.services.store.sweepExpired(test.server.services.now());
      await test.browser.open(test.logout);
      expect(party.tokens).toHaveLength(1);
    },
  );
});
