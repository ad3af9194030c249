import { describe, expect, test } from "bun:test";
import type { Settings } from "../../src/protocol/settings.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";

const APP = { client_secret: "s", grant_types: ["client_credentials"], scope: "api1" };

async function opened(database: DatabaseName, settings: Partial<Settings>) {
  const server = await testServer({ database, settings });
  for (const client_id of ["app", "other"]) await server.addClient({ ...APP, client_id });
  return server;
}

describe.each(DATABASES)("introspection of the tokens of others on %s", (database) => {
  async function tokenOf(server: TestServer, id = "app"): Promise<string> {
    const form = { grant_type: "client_credentials", scope: "api1" };
    const response = await server.post("/token", form, { basic: [id, "s"] });
    return ((await response.json()) as { access_token: string }).access_token;
  }

  const introspect = (server: TestServer, token: string, id = "app") =>
    server.post("/introspect", { token }, { basic: [id, "s"] });

  const isInactive = async (response: Response) =>
    response.status === 200 && Bun.deepEquals(await response.json(), { active: false });

  test("attack 55: a client may ask so often a minute about tokens of others", async () => {
    const server = await opened(database, { foreignTokensPerMinute: 4 });
    const token = await tokenOf(server);
    for (let index = 0; index < 4; index++) {
      expect(await isInactive(await introspect(server, token, "other"))).toBe(true);
    }
    server.advance(15);
    const refused = await introspect(server, token, "other");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "45"]);
    expect(await refused.json()).toMatchObject({ error: "temporarily_unavailable" });
    // Its own tokens are answered all the while.
    const own = await tokenOf(server, "other");
    expect(await (await introspect(server, own, "other")).json()).toMatchObject({ active: true });
    expect(await (await introspect(server, token)).json()).toMatchObject({ active: true });
    server.advance(45);
    expect(await isInactive(await introspect(server, token, "other"))).toBe(true);
  });

  test("attack 55: neither ended tokens of its own nor forged ones are a scan", async () => {
    const server = await opened(database, { foreignTokensPerMinute: 1 });
    const revoked = await tokenOf(server);
    await server.post("/token/revoke", { token: revoked }, { basic: ["app", "s"] });
    const expired = await tokenOf(server);
    server.advance(server.services.settings.accessTokenLifetimeSeconds);
    const { secret, now } = server.services;
    const swept = secret.mintOpaque("access", now()).text;
    for (const token of [revoked, expired, swept, "tsa_x", "x", `${expired}x`]) {
      for (let index = 0; index < 3; index++) {
        expect(await isInactive(await introspect(server, token))).toBe(true);
      }
    }
  });

  test("attack 55: asked at once, at two instances, it is no more", async () => {
    const settings = { foreignTokensPerMinute: 5 };
    const one = await opened(database, settings);
    const two = await testServer({ url: one.url, secret: one.secret, settings });
    const token = await tokenOf(one);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        introspect(index % 2 === 0 ? one : two, token, "other"),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
  });

  test("attack 55: who is not authenticated spends nothing", async () => {
    const server = await opened(database, { foreignTokensPerMinute: 1 });
    const token = await tokenOf(server);
    for (let index = 0; index < 3; index++) {
      const wrong = await server.post("/introspect", { token }, { basic: ["other", "wrong"] });
      expect(wrong.status).toBe(401);
    }
    expect((await introspect(server, token, "other")).status).toBe(200);
  });
});
