/** Whom introspection tells the name that the user signs in by, which is the same at every client. */
import { describe, expect, test } from "bun:test";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { addPerson, bodyOf, CALLBACK, signInAs, tokensOf } from "../support/openid.ts";
import { type TestClient, type TestServer, testServer } from "../support/server.ts";
import { register } from "./registration_fixture.ts";

const RESOURCE = "https://api.example/";

const APP = {
  client_secret: "s",
  grant_types: ["authorization_code", "refresh_token"],
  redirect_uris: [CALLBACK],
  scope: "openid profile email",
  allowed_resources: [RESOURCE],
} satisfies Omit<TestClient, "client_id">;

/** A public and a pairwise client of the administrator, two that may introspect, and ann. */
async function begin(database: DatabaseName) {
  const server = await testServer({ database, settings: { registration: "open" } });
  await server.addClient({ ...APP, client_id: "app" });
  await server.addClient({ ...APP, client_id: "pair", subject_type: "pairwise" });
  await server.addClient({ client_id: "rs", client_secret: "s", resource: RESOURCE });
  await server.addClient({ client_id: "any", client_secret: "s", introspect_any: true });
  const { session } = await signInAs(server, await addPerson(server, { username: "ann" }));
  return { server, session };
}

/** What a caller is told of an access token. */
async function told(server: TestServer, token: string, [id, secret = "s"]: readonly string[]) {
  const answer = server.post("/introspect", { token }, { basic: [id ?? "", secret] });
  return bodyOf<Record<string, unknown>>(answer);
}

describe.each(DATABASES)("RFC 7662 §2.2 username on %s", (database) => {
  test("a client is told it of its own token with the scope profile, and not without", async () => {
    const { server, session } = await begin(database);
    for (const clientId of ["app", "pair"]) {
      for (const [scope, username] of [
        [["openid", "profile"], "ann"],
        [["openid", "email"], undefined],
      ] as const) {
        const { access_token: token } = await tokensOf(server, { clientId, session, scope });
        const body = await told(server, token, [clientId]);
        expect([body["active"], body["username"]], `${clientId} ${scope}`).toEqual([
          true,
          username,
        ]);
      }
    }
  });

  test("a client that registered itself cannot undo its pairwise subjects by it", async () => {
    const { server, session } = await begin(database);
    const { body } = await register(server, {
      redirect_uris: [CALLBACK],
      subject_type: "pairwise",
      scope: "openid profile",
    });
    const [clientId, secret] = [String(body["client_id"]), String(body["client_secret"])];
    const bare = await tokensOf(server, { clientId, secret, session, scope: ["openid"] });
    const state = await told(server, bare.access_token, [clientId, secret]);
    expect(state["active"]).toBe(true);
    expect(JSON.stringify(state)).not.toContain("ann");
    const scope = ["openid", "profile"];
    const full = await tokensOf(server, { clientId, secret, session, scope });
    expect(await told(server, full.access_token, [clientId, secret])).toMatchObject({
      username: "ann",
    });
  });

  test("resource servers and who may introspect any are told it, but not of a pairwise subject", async () => {
    const { server, session } = await begin(database);
    const wanted = { session, scope: ["openid"], resource: [RESOURCE] };
    for (const [clientId, username] of [
      ["app", "ann"],
      ["pair", undefined],
    ] as const) {
      const { access_token: token } = await tokensOf(server, { ...wanted, clientId });
      for (const caller of ["rs", "any"]) {
        const body = await told(server, token, [caller]);
        expect([body["active"], body["username"]], `${caller} of ${clientId}`).toEqual([
          true,
          username,
        ]);
      }
      expect(await told(server, token, [clientId])).not.toHaveProperty("username");
    }
  });

  test("nobody is told it where the operator has users go by another name, or the scope is withdrawn", async () => {
    const { server } = await begin(database);
    const claims = { preferred_username: "Annie" };
    const other = await addPerson(server, { username: "ann@home", claims });
    const { session } = await signInAs(server, other);
    const scope = ["openid", "profile"];
    const one = await tokensOf(server, { clientId: "app", session, scope });
    expect(await told(server, one.access_token, ["app"])).not.toHaveProperty("username");
    const { session: anns } = await signInAs(server, await addPerson(server, { username: "eve" }));
    const two = await tokensOf(server, { clientId: "app", session: anns, scope });
    expect(await told(server, two.access_token, ["app"])).toMatchObject({ username: "eve" });
    await server.addClient({ ...APP, client_id: "app", scope: "openid" });
    const after = await told(server, two.access_token, ["app"]);
    expect(after["active"]).toBe(true);
    expect(after).not.toHaveProperty("username");
  });
});
