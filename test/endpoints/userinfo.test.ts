import { describe, expect, test } from "bun:test";
import type { ClaimsRequest } from "../../src/protocol/authorization_types.ts";
import { ID_TOKEN_ALGORITHMS } from "../../src/protocol/client_metadata.ts";
import { DPOP_ALGORITHMS } from "../../src/protocol/dpop.ts";
import { DATABASES } from "../support/databases.ts";
import { bodyOf, tokensOf, verified } from "../support/openid.ts";
import { ISSUER } from "../support/server.ts";
import { bearer, begin, challengeOf } from "../support/userinfo_fixture.ts";

describe.each(DATABASES)("OpenID Connect Core §5.3 userinfo on %s", (database) => {
  test("gives the claims of the granted scopes, and the subject of the ID token", async () => {
    const scope = ["openid", "profile", "email", "phone", "address", "role"];
    const { server, userId, tokens } = await begin({ scope }, { database });
    const response = await server.get("/userinfo", bearer(tokens.access_token));
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-type")).toStartWith("application/json");
    expect(await bodyOf<object>(response)).toEqual({
      sub: userId,
      name: "Ann Example",
      preferred_username: "ann",
      updated_at: server.services.now(),
      email: "ann@example.com",
      email_verified: true,
      phone_number: "+4930123456",
      phone_number_verified: true,
      address: { locality: "Berlin" },
      role: ["admin"],
    });
  });

  test("opaque tokens work like JWTs, by header and by form", async () => {
    const client = { access_token_format: "opaque" } as const;
    const { server, userId, tokens } = await begin({}, { client, database });
    const claims = { sub: userId, email: "ann@example.com", email_verified: true };
    const token = tokens.access_token;
    expect(await bodyOf<object>(server.get("/userinfo", bearer(token)))).toEqual(claims);
    expect(await bodyOf<object>(server.post("/userinfo", { access_token: token }))).toEqual(claims);
  });

  test.each(["at+jwt", "opaque"] as const)(
    "attack 47: a revoked access token (%s) is refused at once, and so is one whose family ended",
    async (format) => {
      const client = { access_token_format: format };
      const { server, session, tokens } = await begin({}, { client, database });
      const other = await tokensOf(server, { clientId: "app", session, scope: ["openid"] });
      const status = async (token: string) => (await server.get("/userinfo", bearer(token))).status;
      const revoke = (token: string) =>
        server.post("/token/revoke", { token }, { basic: ["app", "s"] });
      expect([await status(tokens.access_token), await status(other.access_token)]).toEqual([
        200, 200,
      ]);
      await revoke(tokens.access_token);
      expect([await status(tokens.access_token), await status(other.access_token)]).toEqual([
        401, 200,
      ]);
      await revoke(other.refresh_token);
      expect(await status(other.access_token)).toBe(401);
    },
  );
});

describe("OpenID Connect Core §5.5 claims parameter at userinfo", () => {
  const wished: ClaimsRequest = {
    userinfo: { name: { essential: true }, phone_number: null, email: { value: "other" } },
    id_token: { role: null },
  };

  test("its userinfo member adds single claims, the id_token member none", async () => {
    const { server, userId, tokens } = await begin({ scope: ["openid"], claims: wished });
    expect(await bodyOf<object>(server.get("/userinfo", bearer(tokens.access_token)))).toEqual({
      sub: userId,
      name: "Ann Example",
      phone_number: "+4930123456",
      email: "ann@example.com",
    });
  });

  test("claims outside the client's registered scopes stay here", async () => {
    const { server, userId, tokens } = await begin(
      { scope: ["openid"], claims: wished },
      { client: { scope: "openid phone" } },
    );
    expect(await bodyOf<object>(server.get("/userinfo", bearer(tokens.access_token)))).toEqual({
      sub: userId,
      phone_number: "+4930123456",
    });
  });
});

describe("OpenID Connect Core §5.3.2 signed userinfo", () => {
  test.each(ID_TOKEN_ALGORITHMS)("%s, with issuer and audience", async (algorithm) => {
    const client = { userinfo_signed_response_alg: algorithm };
    const { server, userId, tokens } = await begin({}, { client });
    const response = await server.get("/userinfo", bearer(tokens.access_token));
    expect(response.headers.get("content-type")).toBe("application/jwt");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const { payload, alg } = await verified(server, await response.text(), { audience: "app" });
    expect(alg).toBe(algorithm);
    expect(payload).toEqual({
      iss: ISSUER,
      aud: "app",
      sub: userId,
      email: "ann@example.com",
      email_verified: true,
    });
  });
});

describe("RFC 6750 bearer tokens at userinfo", () => {
  test("no token at all: 401, and a challenge without an error", async () => {
    const { server } = await begin();
    const attempts = [
      server.get("/userinfo"),
      server.get("/userinfo", { Authorization: "Basic YTpi" }),
      server.get("/userinfo", { Authorization: "Bearer" }),
      server.post("/userinfo", ""),
      server.post("/userinfo", "{}", { headers: { "Content-Type": "application/json" } }),
    ];
    for (const response of await Promise.all(attempts)) {
      expect(response.status).toBe(401);
      expect(challengeOf(response)).toBe(
        `Bearer realm="${ISSUER}", scope="openid", DPoP algs="${DPOP_ALGORITHMS.join(" ")}"`,
      );
    }
  });

  test("a token that is not valid: 401 invalid_token", async () => {
    const { server, tokens } = await begin();
    server.advance(3600);
    for (const token of [tokens.access_token, "garbage", "a.b.c", "x".repeat(20_000)]) {
      const response = await server.get("/userinfo", bearer(token));
      expect(response.status).toBe(401);
      expect(challengeOf(response)).toBe(
        `Bearer realm="${ISSUER}", error="invalid_token", error_description="the access token is not valid", scope="openid"`,
      );
      expect(await bodyOf<object>(response)).toMatchObject({ error: "invalid_token" });
    }
  });

  test("a token without openid: 403 insufficient_scope that names it", async () => {
    const { server, tokens } = await begin({ scope: ["email"] });
    const response = await server.get("/userinfo", bearer(tokens.access_token));
    expect(response.status).toBe(403);
    expect(challengeOf(response)).toBe(
      `Bearer realm="${ISSUER}", error="insufficient_scope", error_description="the access token lacks the scope openid", scope="openid"`,
    );
  });

  test("a token in header and form: 400 invalid_request", async () => {
    const { server, tokens } = await begin();
    const { access_token } = tokens;
    const headers = bearer(access_token);
    const response = await server.post("/userinfo", { access_token }, { headers });
    expect(response.status).toBe(400);
    expect(challengeOf(response)).toContain('error="invalid_request"');
  });

  test("a token in the URL is refused, whatever else the request has", async () => {
    const { server, tokens } = await begin();
    const path = `/userinfo?access_token=${tokens.access_token}`;
    const attempts = [
      server.get(path),
      server.get(path, bearer(tokens.access_token)),
      server.post(path, { access_token: tokens.access_token }),
      server.post(path, "{}", { headers: { "Content-Type": "application/json" } }),
    ];
    for (const response of await Promise.all(attempts)) {
      expect(response.status).toBe(400);
      const body = await bodyOf<Record<string, string>>(response);
      expect(body).toMatchObject({ error: "invalid_request", detail: "access_token" });
      expect(JSON.stringify(body)).not.toContain(tokens.access_token);
    }
  });

  test("the scheme is read without case, and HEAD like GET", async () => {
    const { server, tokens } = await begin();
    const Authorization = `bEaReR ${tokens.access_token}`;
    expect((await server.get("/userinfo", { Authorization })).status).toBe(200);
    const head = new Request("http://localhost/userinfo", {
      method: "HEAD",
      headers: { Authorization },
    });
    expect((await server.server.handle(head)).status).toBe(200);
  });
});
