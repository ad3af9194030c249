import { describe, expect, test } from "bun:test";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { type TestClient, type TestServer, testServer } from "../support/server.ts";

const BASIC = { basic: ["c", "s"] } as const;
const RESOURCE = "https://r.example/a";

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

describe.each(DATABASES)("decisions D5: what is withdrawn while it is used on %s", (database) => {
  test("a sign-in that began with the old password does not outlive the change", async () => {
    const server = await open(database);
    const id = await server.addUser({ username: "alice", password: "old" });
    server.advance(5);
    const { store, passwords } = server.services;
    const begun = server.post("/token", passwordForm({}), BASIC);
    const passwordHash = await passwords.hash("new");
    await store.setPassword(id, { passwordHash, now: server.services.now() });
    await store.revokeAuthorizationsOfUser(id, server.services.now());
    server.advance(1);
    const response = await begun;
    if (response.status !== 200) return expect(response.status).toBe(400);
    const { access_token, refresh_token } = (await response.json()) as Tokens;
    const seen = await server.post("/introspect", { token: access_token }, BASIC);
    expect(await seen.json()).toEqual({ active: false });
    const refreshed = await server.post(
      "/token",
      { grant_type: "refresh_token", refresh_token },
      BASIC,
    );
    expect(refreshed.status).toBe(400);
  });

  test("attacks 19 and 58: a resource that was withdrawn is not granted at refresh", async () => {
    const server = await open(database);
    await server.addUser({ username: "alice", password: "old" });
    const given = await server.post("/token", passwordForm({ resource: RESOURCE }), BASIC);
    const { refresh_token } = (await given.json()) as Tokens;
    await server.addClient({ ...CLIENT, allowed_resources: [] });
    const refreshed = await server.post(
      "/token",
      { grant_type: "refresh_token", refresh_token },
      BASIC,
    );
    expect(await refreshed.json()).toMatchObject({ error: "invalid_target", detail: "resource" });
    await server.addClient(CLIENT);
    const again = await server.post(
      "/token",
      { grant_type: "refresh_token", refresh_token },
      BASIC,
    );
    expect(again.status).toBe(200);
  });

  test("resources that would make a token too long are refused", async () => {
    const server = await open(database);
    const allowed_resources = Array.from(
      { length: 10 },
      (_, index) => `https://r${index}.example/${"a".repeat(1_900)}`,
    );
    await server.addClient({ ...CLIENT, allowed_resources });
    const form = new URLSearchParams({ grant_type: "client_credentials", scope: "api1" });
    for (const resource of allowed_resources) form.append("resource", resource);
    const response = await server.post("/token", form.toString(), BASIC);
    expect(await response.json()).toMatchObject({ error: "invalid_target" });
  });
});

const CLIENT: TestClient = {
  client_id: "c",
  client_secret: "s",
  grant_types: ["password", "refresh_token", "client_credentials"],
  scope: "api1",
  allowed_resources: [RESOURCE],
};

async function open(database: DatabaseName): Promise<TestServer> {
  const server = await testServer({ database });
  await server.addClient(CLIENT);
  return server;
}

function passwordForm(more: Record<string, string>): Record<string, string> {
  return { grant_type: "password", username: "alice", password: "old", scope: "api1", ...more };
}
