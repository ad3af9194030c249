import { describe, expect, test } from "bun:test";
import { issueTestCode, REDIRECT_URI } from "../support/codes.ts";
import { ISSUER } from "../support/server.ts";
import { MATRIX, openWorld, RESOURCE, tokensIn, type World } from "./revocation_fixture.ts";

const worlds = new Map<string, World>();
for (const row of MATRIX) worlds.set(row.join(), await openWorld(row));

describe.each(MATRIX)("RFC 7662: introspection on %s, %s access tokens", (database, format) => {
  const world = worlds.get([database, format].join());
  if (!world) throw new TypeError(database);
  const { server, post, issue, issueToItself, introspect, refresh } = world;
  const { now, settings } = server.services;

  test("tells the owner what a user's access token is", async () => {
    const userId = await server.addUser({ username: crypto.randomUUID() });
    const { code, authorizationId } = await issueTestCode(server, {
      clientId: "app",
      userId,
      scope: ["api1", "api2"],
      amr: ["pwd", "otp"],
      authTime: now() - 60,
    });
    const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI };
    const { access } = await tokensIn(await post("app", "/token", form));
    const body = await introspect(access);
    expect(body).toEqual({
      active: true,
      token_type: "Bearer",
      iss: ISSUER,
      sub: userId,
      aud: ISSUER,
      client_id: "app",
      scope: "api1 api2",
      iat: now(),
      exp: now() + settings.accessTokenLifetimeSeconds,
      jti: body["jti"],
      authorization_id: authorizationId,
      auth_time: now() - 60,
      acr: "urn:tessera:pwd",
      amr: ["pwd", "otp"],
    });
    expect(String(body["jti"])).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("tells the owner what his own token is, and no user's name with it", async () => {
    await server.addUser({ username: "app" });
    const body = await introspect(await issueToItself());
    expect(Object.keys(body).sort()).toEqual(
      [
        "active",
        "aud",
        "client_id",
        "exp",
        "iat",
        "iss",
        "jti",
        "scope",
        "sub",
        "token_type",
      ].sort(),
    );
    expect([body["sub"], body["client_id"], body["scope"]]).toEqual(["app", "app", "api1"]);
  });

  test("a refresh token is active while it is the head, and what was spent is not", async () => {
    const { refresh: first } = await issue();
    const body = await introspect(first);
    expect(body).toMatchObject({ active: true, token_type: "refresh_token", client_id: "app" });
    expect(body["exp"]).toBe(now() + settings.refreshTokenIdleSeconds);
    const { refresh: second } = await tokensIn(await refresh(first));
    expect(await introspect(first)).toEqual({ active: false });
    expect(await introspect(second)).toMatchObject({ active: true });
  });

  test("expiry ends a token in its second", async () => {
    const { access, refresh: head } = await issue();
    server.advance(settings.accessTokenLifetimeSeconds - 1);
    expect(await introspect(access)).toMatchObject({ active: true });
    server.advance(1);
    expect(await introspect(access)).toEqual({ active: false });
    server.advance(settings.refreshTokenIdleSeconds - settings.accessTokenLifetimeSeconds - 1);
    expect(await introspect(head)).toMatchObject({ active: true });
    server.advance(1);
    expect(await introspect(head)).toEqual({ active: false });
  });

  test("attack 55: who neither owns the token nor is its audience sees exactly active false", async () => {
    const general = await issue();
    const forResource = await issue({ resource: RESOURCE });
    const itself = await issueToItself();
    const mayKnow: Record<string, readonly string[]> = {
      app: [general.access, general.refresh, forResource.access, forResource.refresh, itself],
      admin: [general.access, general.refresh, forResource.access, forResource.refresh, itself],
      rs: [forResource.access],
      other: [],
    };
    for (const [caller, known] of Object.entries(mayKnow)) {
      for (const token of [...(mayKnow["app"] ?? []), "unknown"]) {
        const response = await post(caller, "/introspect", { token });
        const text = await response.text();
        if (known.includes(token)) expect(JSON.parse(text)).toMatchObject({ active: true });
        else expect(text).toBe('{"active":false}');
      }
    }
  });

  test("the resource is matched as a whole, and a client whose id is in the audience is in it", async () => {
    const { access } = await issue({ resource: RESOURCE });
    const near = [RESOURCE.slice(0, -1), `${RESOURCE}v1`, RESOURCE.toUpperCase(), "https://api"];
    for (const [index, resource] of near.entries()) {
      const client = { client_id: `near-${index}`, client_secret: `near-${index}-secret` };
      await server.addClient({ ...client, resource });
      expect(await introspect(access, client.client_id)).toEqual({ active: false });
    }
    await server.addClient({ client_id: RESOURCE, client_secret: `${RESOURCE}-secret` });
    expect(await introspect(access, RESOURCE)).toMatchObject({ active: true, aud: RESOURCE });
  });

  test("attack 56: no answer may be kept, active or not", async () => {
    const { access } = await issue();
    for (const token of [access, "unknown"]) {
      const { headers } = await post("app", "/introspect", { token });
      expect([headers.get("cache-control"), headers.get("pragma")]).toEqual([
        "no-store",
        "no-cache",
      ]);
    }
    await post("app", "/token/revoke", { token: access });
    expect(await introspect(access)).toEqual({ active: false });
  });

  test("a hint, right or wrong, changes nothing", async () => {
    const { access, refresh: head } = await issue();
    for (const token_type_hint of ["access_token", "refresh_token", "refresh", "pwned"]) {
      for (const token of [access, head]) {
        const response = await post("app", "/introspect", { token, token_type_hint });
        expect(await response.json()).toMatchObject({ active: true });
      }
    }
  });

  test("a public client, or one that fails to prove itself, learns nothing", async () => {
    const { access } = await issue();
    const asked = await server.post("/introspect", { token: access, client_id: "spa" });
    const [status, body] = [asked.status, await asked.text()];
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).not.toContain("active");
    const wrong = await server.post("/introspect", { token: access }, { basic: ["app", "wrong"] });
    expect([wrong.status, (await wrong.text()).includes("active")]).toEqual([401, false]);
    const nobody = await server.post("/introspect", { token: access });
    expect([nobody.status, (await nobody.text()).includes("active")]).toEqual([400, false]);
  });

  test("a code is no token: introspecting it neither shows nor spends it", async () => {
    const { code } = await issueTestCode(server, { clientId: "app" });
    for (const caller of ["app", "admin"]) {
      expect(await introspect(code, caller)).toEqual({ active: false });
    }
    const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI };
    expect((await post("app", "/token", form)).status).toBe(200);
  });
});
