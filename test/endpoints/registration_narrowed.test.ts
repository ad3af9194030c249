import { describe, expect, test } from "bun:test";
import { decodeJwt } from "jose";
import {
  APP,
  answerOf,
  authorizationTest,
  authorizeUrl,
  redeem,
} from "../support/authorization.ts";
import { DATABASES } from "../support/databases.ts";
import type { TestClient } from "../support/server.ts";

const BASIC = { basic: ["app", "s"] } as const;
const SCOPE = "openid email";
const CLAIMS = JSON.stringify({ id_token: { email: null }, userinfo: { email: null } });

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
  readonly scope: string;
}

describe.each(DATABASES)("a registration that is narrowed after a grant on %s", (database) => {
  async function opened() {
    const test = await authorizationTest(database);
    const { server, browser } = test;
    const { store, now } = server.services;
    const user = await store.findUser(test.alice);
    if (!user) throw new TypeError("No alice");
    const row = { ...user, email: "alice@example.org", updatedAt: now() + 1 };
    const write = { row, seenAt: user.updatedAt, identifiers: ["alice"], passwordChanged: false };
    await store.writeParties({ clients: [], users: [write] });
    await test.signIn();
    await test.agree(SCOPE.split(" "));
    return {
      ...test,
      async codeFor(asked: Record<string, string> = {}) {
        return answerOf(await browser.open(authorizeUrl({ scope: SCOPE, ...asked }))).code ?? "";
      },
      narrow: (changes: Partial<TestClient>) => server.addClient({ ...APP, ...changes }),
      refresh: (token: string, scope?: string) =>
        server.post(
          "/token",
          { grant_type: "refresh_token", refresh_token: token, ...(scope && { scope }) },
          BASIC,
        ),
      async userinfo(token: string) {
        const response = await server.get("/userinfo", { Authorization: `Bearer ${token}` });
        expect(response.status).toBe(200);
        return (await response.json()) as Record<string, unknown>;
      },
    };
  }

  const tokensOf = async (response: Response) => {
    expect(response.status).toBe(200);
    return (await response.json()) as Tokens;
  };

  const refusalOf = async (response: Response) => {
    expect(response.status).toBe(400);
    return ((await response.json()) as { error: string }).error;
  };

  test("a scope that is gone gives no claims, whatever the access token says", async () => {
    const { server, codeFor, narrow, userinfo } = await opened();
    const { access_token } = await tokensOf(
      await redeem(server, await codeFor({ claims: CLAIMS })),
    );
    expect(await userinfo(access_token)).toMatchObject({ email: "alice@example.org" });
    await narrow({ scope: "openid" });
    expect(Object.keys(await userinfo(access_token))).toEqual(["sub"]);
    await narrow({});
    expect(await userinfo(access_token)).toMatchObject({ email: "alice@example.org" });
  });

  test("attack 19: it is not granted at refresh, and the token still gives the others", async () => {
    const { server, codeFor, narrow, refresh, userinfo } = await opened();
    const first = await tokensOf(await redeem(server, await codeFor({ claims: CLAIMS })));
    expect(decodeJwt(first.id_token)).toMatchObject({ email: "alice@example.org" });
    await narrow({ scope: "openid" });
    // All or nothing (decisions D3); what was refused is not spent.
    expect(await refusalOf(await refresh(first.refresh_token))).toBe("invalid_scope");
    expect(await refusalOf(await refresh(first.refresh_token, SCOPE))).toBe("invalid_scope");
    const second = await tokensOf(await refresh(first.refresh_token, "openid"));
    expect(second.scope).toBe("openid");
    expect(decodeJwt(second.id_token)["email"]).toBeUndefined();
    expect(Object.keys(await userinfo(second.access_token))).toEqual(["sub"]);
  });

  test("without openid there is neither a new ID token nor a way to it", async () => {
    const { server, codeFor, narrow, refresh } = await opened();
    const first = await tokensOf(await redeem(server, await codeFor()));
    await narrow({ scope: "email" });
    expect(await refusalOf(await refresh(first.refresh_token))).toBe("invalid_scope");
    const second = await tokensOf(await refresh(first.refresh_token, "email"));
    expect(second.id_token).toBeUndefined();
    const headers = { Authorization: `Bearer ${second.access_token}` };
    expect((await server.get("/userinfo", headers)).status).toBe(403);
  });

  test("a code that waits gives nothing of it, and is not spent", async () => {
    const { server, codeFor, narrow } = await opened();
    const code = await codeFor();
    await narrow({ scope: "openid" });
    expect(await refusalOf(await redeem(server, code))).toBe("invalid_scope");
    await narrow({});
    expect((await tokensOf(await redeem(server, code))).scope).toBe(SCOPE);
  });

  test("a redirect URI that is gone takes its codes along", async () => {
    const { server, codeFor, narrow } = await opened();
    const code = await codeFor();
    await narrow({ redirect_uris: ["https://app.example/other"] });
    expect(await refusalOf(await redeem(server, code))).toBe("invalid_grant");
  });

  test("a grant type that is gone is refused, and comes back with the registration", async () => {
    const { server, codeFor, narrow, refresh } = await opened();
    const { refresh_token } = await tokensOf(await redeem(server, await codeFor()));
    const code = await codeFor();
    await narrow({ grant_types: ["authorization_code"] });
    expect(await refusalOf(await refresh(refresh_token))).toBe("unauthorized_client");
    await narrow({ grant_types: ["refresh_token", "client_credentials"] });
    expect(await refusalOf(await redeem(server, code))).toBe("unauthorized_client");
    await narrow({});
    expect((await refresh(refresh_token)).status).toBe(200);
    // A client that lost the grant of refresh tokens meanwhile gets none with its code.
    await narrow({ grant_types: ["authorization_code"] });
    expect((await tokensOf(await redeem(server, code))).refresh_token).toBeUndefined();
  });
});
