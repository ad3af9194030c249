import { describe, expect, test } from "bun:test";
import { issueTestCode, REDIRECT_URI, RFC7636, type TestCode } from "../support/codes.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { ISSUER, START, testServer } from "../support/server.ts";
import { bodyOf, CODE_REFUSED, claimsOf, expectRefusal, onEachDatabase } from "./token_fixture.ts";

const API = "https://api.example/";

async function openServer(database: DatabaseName) {
  const server = await testServer({ database });
  const app = {
    client_id: "app",
    client_secret: "s",
    scope: "openid api1 api2",
    grant_types: ["authorization_code", "refresh_token"],
    redirect_uris: [REDIRECT_URI],
    allowed_resources: [API, `${API}v2`],
  };
  await server.addClient(app);
  await server.addClient({ ...app, client_id: "brief", grant_types: ["authorization_code"] });
  const ada = await server.addUser({ username: "ada" });
  return { server, ada };
}

const servers = await onEachDatabase(openServer);

describe.each(DATABASES)("RFC 6749 §4.1.3 authorization_code grant on %s", (database) => {
  const { server, ada } = servers[database];
  const issue = (wanted: Partial<TestCode> = {}) =>
    issueTestCode(server, { clientId: "app", userId: ada, ...wanted });
  const redeem = (code: string, { as = "app", ...form }: Record<string, string> = {}) =>
    server.post(
      "/token",
      { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI, ...form },
      { basic: [as, "s"] },
    );

  test("the response and its access token say what the user granted", async () => {
    const issued = await issue({
      scope: ["openid", "api1"],
      authTime: START - 300,
      amr: ["pwd", "otp"],
    });
    const response = await redeem(issued.code);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("pragma")).toBe("no-cache");
    const body = await bodyOf(response);
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 3600,
      scope: "openid api1",
      refresh_token: expect.stringMatching(/^tsr_/),
      id_token: expect.any(String),
    } as never);
    expect(claimsOf(body.access_token)).toEqual({
      iss: ISSUER,
      sub: ada,
      aud: ISSUER,
      client_id: "app",
      scope: "openid api1",
      iat: START,
      exp: START + 3600,
      jti: expect.any(String),
      authorization_id: issued.authorizationId,
      auth_time: START - 300,
      acr: "urn:tessera:pwd",
      amr: ["pwd", "otp"],
    });
  });

  test("nonce and auth_time stay with the authorization, for ID tokens to come", async () => {
    const { code, authorizationId } = await issue({ nonce: "n-0S6_WzA2Mj", authTime: START - 10 });
    expect((await redeem(code)).status).toBe(200);
    const row = await server.services.store.findAuthorization(authorizationId);
    expect([row?.nonce, row?.authTime, row?.userId]).toEqual(["n-0S6_WzA2Mj", START - 10, ada]);
  });

  test("a client that is not registered for refresh_token gets none", async () => {
    const { code } = await issue({ clientId: "brief" });
    expect(Object.keys(await bodyOf(await redeem(code, { as: "brief" })))).not.toContain(
      "refresh_token",
    );
  });

  test("the scope is the one of the authorization; a scope sent here changes nothing", async () => {
    const { code } = await issue({ scope: ["api1"] });
    expect((await bodyOf(await redeem(code, { scope: "api2" }))).scope).toBe("api1");
  });

  test("RFC 8707 §2.2: a resource may be narrowed to one granted before, never widened", async () => {
    const { code } = await issue({ resource: [API, `${API}v2`] });
    const widened = await redeem(code, { resource: "https://other.example/" });
    expect((await bodyOf(widened, 400)).error).toBe("invalid_target");
    const body = await bodyOf(await redeem(code, { resource: API }));
    expect(claimsOf(body.access_token)["aud"]).toBe(API);
  });

  test("a code works once, and a refused scope or resource has not spent it", async () => {
    const { code } = await issue({ scope: ["gone"] });
    expect((await bodyOf(await redeem(code), 400)).error).toBe("invalid_scope");
    const row = await server.services.store.findCode(
      server.services.secret.readOpaque(code)?.key ?? "",
    );
    expect(row?.code.consumedAt).toBeNull();
    const good = await issue();
    expect((await redeem(good.code)).status).toBe(200);
    await expectRefusal(await redeem(good.code), CODE_REFUSED);
  });

  test("a forged, cut, padded or foreign kind of code is unknown", async () => {
    const { code } = await issue();
    const { secret, now } = server.services;
    const flipped = `${code.slice(0, -1)}${code.endsWith("A") ? "B" : "A"}`;
    const forms = [
      flipped,
      code.slice(0, -1),
      `${code}A`,
      `${code}=`,
      code.toUpperCase(),
      code.replace("tsc_", "tsr_"),
      secret.mintOpaque("code", now()).text,
      secret.mintOpaque("refresh", now()).text,
      "x",
    ];
    for (const form of forms) await expectRefusal(await redeem(form), CODE_REFUSED);
    expect((await redeem(code)).status).toBe(200);
  });

  test("a code of a user who was disabled since gives nothing", async () => {
    const { store, now } = server.services;
    const user = await server.addUser({ username: `leaver-${database}` });
    const { code } = await issue({ userId: user });
    await store.setUserDisabled(user, now());
    await expectRefusal(await redeem(code), CODE_REFUSED);
  });

  test("a code whose authorization was revoked meanwhile gives nothing", async () => {
    const { code, authorizationId } = await issue();
    await server.services.store.revokeAuthorization(authorizationId, START);
    await expectRefusal(await redeem(code), CODE_REFUSED);
  });
});

describe.each(DATABASES)("attack 11: life of a code on %s", (database) => {
  test("a code lives sixty seconds, and reading it never makes it live longer", async () => {
    const { server, ada } = await openServer(database);
    const wanted = { clientId: "app", userId: ada, challenge: RFC7636.challenge };
    const [early, late] = [
      await issueTestCode(server, wanted),
      await issueTestCode(server, wanted),
    ];
    const form = { grant_type: "authorization_code", redirect_uri: REDIRECT_URI };
    const redeem = (code: string, verifier: string = RFC7636.verifier) =>
      server.post("/token", { ...form, code, code_verifier: verifier }, { basic: ["app", "s"] });

    for (let second = 0; second < 59; second++) {
      const refusal = await bodyOf(await redeem(late.code, RFC7636.challenge), 400);
      expect(refusal.error_description).toBe("the code verifier is not correct");
      server.advance(1);
    }
    const body = await bodyOf(await redeem(early.code));
    expect(body.expires_in).toBe(3600);
    server.advance(1);
    await expectRefusal(await redeem(late.code), [
      400,
      "invalid_grant",
      "the authorization code is obsolete",
    ]);
  });
});
