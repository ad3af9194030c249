import { describe, expect, test } from "bun:test";
import { rememberConsent } from "../../src/services/consents.ts";
import type { Store } from "../../src/store/store.ts";
import { manage, register } from "../endpoints/registration_fixture.ts";
import { authorizationTest, authorizeUrl, PKCE } from "../support/authorization.ts";
import { DATABASES } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";

/** Pairs of replacements, all within one second of the server's clock. */
const PAIRS = 8;

const CALLBACK = "https://p.example/cb";
const METADATA = {
  redirect_uris: [CALLBACK],
  scope: "openid",
  token_endpoint_auth_method: "none",
};

/** Lets the next read of a client at either instance wait for the other's, so that both see one row. */
function meetAtRead(servers: readonly TestServer[]): void {
  const met = Promise.withResolvers<void>();
  let waiting = servers.length;
  for (const { services } of servers) {
    const { store } = services;
    const findClient = store.findClient;
    Object.assign(store, {
      async findClient(id: string) {
        Object.assign(store, { findClient });
        const found = await findClient(id);
        waiting -= 1;
        if (waiting === 0) met.resolve();
        await met.promise;
        return found;
      },
    });
  }
}

describe.each(DATABASES)("RFC 7592 §2.2 two replacements at once on %s", (database) => {
  test("of each pair that saw the same registration one is made, also within a second", async () => {
    const settings = { registration: "open" } as const;
    const one = await testServer({ database, settings });
    const two = await testServer({ url: one.url, secret: one.secret, settings });
    const { body } = await register(one, METADATA);
    const id = String(body["client_id"]);
    const token = String(body["registration_access_token"]);
    const put = (server: TestServer, client_name: string) =>
      manage(server, "PUT", `/register/${id}`, token, { ...METADATA, client_id: id, client_name });
    for (let pair = 0; pair < PAIRS; pair++) {
      // A copy of what the last pair wrote would make both lose.
      for (const { services } of [one, two]) {
        await services.store.writeParties({ clients: [], users: [] });
      }
      meetAtRead([one, two]);
      const names = [`A${pair}`, `B${pair}`] as const;
      const answers = await Promise.all([put(one, names[0]), put(two, names[1])]);
      const won = answers.map(({ status }) => status === 200);
      expect(won.filter(Boolean), `pair ${pair}`).toHaveLength(1);
      const [stored] = (await one.services.store.listClients()).filter((each) => each.id === id);
      expect(stored?.metadata.client_name).toBe(names[won.indexOf(true)]);
    }
  });
});

describe.each(DATABASES)("consent given while the client changes on %s", (database) => {
  test("is not written when the change comes between its reading and its writing", async () => {
    const settings = { registration: "open" } as const;
    const { server, alice } = await authorizationTest(database, [], { settings });
    const two = await testServer({ url: server.url, secret: server.secret, settings });
    const { body } = await register(server, { ...METADATA, client_name: "Nice" });
    const id = String(body["client_id"]);
    const shown = await server.services.store.findClient(id);
    if (!shown) throw new TypeError("No client");
    const changed = { ...METADATA, client_id: id, client_name: "Bank" };
    const store: Store = {
      ...server.services.store,
      async findConsent(userId, clientId) {
        const found = await server.services.store.findConsent(userId, clientId);
        const token = String(body["registration_access_token"]);
        expect((await manage(two, "PUT", `/register/${id}`, token, changed)).status).toBe(200);
        return found;
      },
    };
    const parties = { userId: alice, clientId: id };
    const agreed = { scope: ["openid"], resource: [] };
    const services = { ...server.services, store };
    expect(await rememberConsent(agreed, parties, services, shown)).toBe(false);
    expect(await two.services.store.findConsent(alice, id)).toBeUndefined();
  });

  test("never outlives the change, whoever of sixteen comes first", async () => {
    const settings = { registration: "open" } as const;
    const { server, browser, alice, signIn } = await authorizationTest(database, [], { settings });
    const two = await testServer({ url: server.url, secret: server.secret, settings });
    await signIn();
    for (let round = 0; round < 16; round++) {
      const { body } = await register(server, { ...METADATA, client_name: "Nice" });
      const id = String(body["client_id"]);
      const token = String(body["registration_access_token"]);
      const page = await browser.open(
        authorizeUrl({
          client_id: id,
          redirect_uri: CALLBACK,
          code_challenge: PKCE.challenge,
          code_challenge_method: "S256",
        }),
      );
      const changed = { ...METADATA, client_id: id, client_name: "Bank" };
      const [answer, put] = await Promise.all([
        browser.submit(page, {}, { button: "allow" }),
        manage(two, "PUT", `/register/${id}`, token, changed),
      ]);
      expect([put.status, answer.status < 400]).toEqual([200, true]);
      expect(await two.services.store.findConsent(alice, id)).toBeUndefined();
    }
  });
});
