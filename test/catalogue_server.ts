/** The server on which the whole catalogue is walked. */
import { Elysia } from "elysia";
import { defineClientAuth, defineGrant, definePlugin, OAuthError, t } from "../src/plugin.ts";
import type { Dialect } from "../src/protocol/oauth_error.ts";
import { core, uma } from "../src/server.ts";
import { assertionClients } from "./catalogue_assertion_table.ts";
import { REDIRECT_URI } from "./support/codes.ts";
import type { DatabaseName } from "./support/databases.ts";
import { type TestServer, testServer } from "./support/server.ts";

const plugin = definePlugin({
  name: "test",
  grants: [
    defineGrant({
      grantType: "test_ticket",
      source: "this test",
      clients: "any",
      params: t.Object({ ticket: t.String() }),
      async prove({ params }) {
        if (params.ticket === "throw") throw new Error("a secret of the plugin");
        if (params.ticket === "wrong") {
          throw new OAuthError("grant_unproven", { values: ["test_ticket"] });
        }
        const code = params.ticket === "busy" ? "server_busy" : "store_timed_out";
        throw new OAuthError(code, { headers: { "Retry-After": "1" } });
      },
    }),
  ],
  clientAuth: [
    defineClientAuth<string>({
      name: "test_header",
      source: "this test",
      evidence: "presented",
      params: t.Object({}),
      claim(request) {
        const [, clientId] = /^Test (.+)$/.exec(request.headers.get("authorization") ?? "") ?? [];
        return clientId === undefined ? undefined : { clientId, credential: clientId };
      },
      verify: async () => false,
    }),
  ],
  routes: () => new Elysia().post("/test/json", ({ body }) => body, { parse: "json" }),
});

/** Both dialects (decisions D2). */
export const DIALECTS: readonly Dialect[] = ["oauth", "challenger"];

/** A server that can be brought to every refusal: per dialect one client of each kind. */
export async function openCatalogueServer(database: DatabaseName): Promise<TestServer> {
  const settings = {
    loginFailuresMax: 2,
    foreignTokensPerMinute: 1,
    registration: "open",
  } as const;
  const server = await testServer({ database, plugins: [core, uma(), plugin], settings });
  await server.addUser({ username: "ada", password: "lovelace" });
  const grace = { username: "grace", password: "hopper", email: "grace@example.org" };
  // Nobody delivers her codes.
  await server.services.store.setSecondFactor(await server.addUser(grace), "email");
  for (const profile of DIALECTS) {
    const app = {
      client_secret: "s",
      profile,
      grant_types: [
        "password",
        "client_credentials",
        "refresh_token",
        "authorization_code",
        "test_ticket",
        "uma_ticket",
      ],
      redirect_uris: [REDIRECT_URI],
      scope: "api1",
    };
    const { client_secret: _, ...open } = app;
    const post = "client_secret_post";
    await server.addClient({ ...app, client_id: `${profile}-app` });
    await server.addClient({ ...app, client_id: `${profile}-other` });
    await server.addClient({ ...app, client_id: `${profile}-disabled` });
    await server.addClient({
      ...app,
      client_id: `${profile}-opaque`,
      access_token_format: "opaque",
    });
    await server.addClient({ ...app, client_id: `${profile}-silent`, response_types: [] });
    await server.addClient({ ...app, client_id: `${profile}-web`, scope: "openid api1" });
    await server.addClient({
      ...app,
      client_id: `${profile}-pushing`,
      require_pushed_authorization_requests: true,
    });
    await server.addClient({ ...open, client_id: `${profile}-public` });
    await server.addClient({
      ...app,
      client_id: `${profile}-post`,
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: post,
    });
    await server.addClient({
      ...app,
      client_id: `${profile}-plugged`,
      token_endpoint_auth_method: "test_header",
    });
    for (const client of assertionClients(profile)) await server.addClient({ ...app, ...client });
    const keeper = { ...app, scope: "api1 uma_protection" };
    await server.addClient({ ...keeper, client_id: `${profile}-uma` });
    await server.addClient({
      ...keeper,
      client_id: `${profile}-delegated`,
      uma_owner_delegation: true,
    });
    await server.services.store.setClientDisabled(`${profile}-disabled`, server.services.now());
  }
  return server;
}
