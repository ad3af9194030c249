import { describe, expect, test } from "bun:test";
import { newInitialAccessToken } from "../../src/services/registration.ts";
import { DATABASES } from "../support/databases.ts";
import type { TestServer } from "../support/server.ts";
import { CALLBACK, manage, openRegistration, register } from "./registration_fixture.ts";

const servers = Object.fromEntries(
  await Promise.all(
    DATABASES.map(async (name) => [name, await openRegistration(name, "open")] as const),
  ),
);

describe.each(DATABASES)("RFC 7592 §2 managing a registration on %s", (database) => {
  const server = servers[database] as TestServer;

  test("read, replace and delete with the registration access token", async () => {
    const { body } = await register(server, { redirect_uris: [CALLBACK] });
    const token = String(body["registration_access_token"]);
    const path = new URL(String(body["registration_client_uri"])).pathname;
    const read = await manage(server, "GET", path, token);
    expect(read.status).toBe(200);
    expect(await read.json()).toMatchObject({
      client_id: body["client_id"],
      redirect_uris: [CALLBACK],
    });
    const other = `${CALLBACK}/2`;
    const replaced = await manage(server, "PUT", path, token, {
      client_id: body["client_id"],
      redirect_uris: [other],
    });
    expect(await replaced.json()).toMatchObject({ redirect_uris: [other] });
    const secretKept = await server.post(
      "/introspect",
      { token: "x" },
      {
        basic: [String(body["client_id"]), String(body["client_secret"])],
      },
    );
    expect(secretKept.status).toBe(200);
    expect((await manage(server, "DELETE", path, token)).status).toBe(204);
    const after = await manage(server, "GET", path, token);
    expect(after.status).toBe(401);
    expect(after.headers.get("www-authenticate")).toStartWith("Bearer ");
  });

  test("a wrong token, or another client's, is refused and changes nothing", async () => {
    const [one, two] = [
      await register(server, { redirect_uris: [CALLBACK] }),
      await register(server, { redirect_uris: [CALLBACK] }),
    ];
    const path = new URL(String(one.body["registration_client_uri"])).pathname;
    for (const token of ["x", String(two.body["registration_access_token"])]) {
      for (const method of ["GET", "PUT", "DELETE"] as const) {
        expect((await manage(server, method, path, token, {})).status).toBe(401);
      }
    }
    const own = await manage(server, "GET", path, String(one.body["registration_access_token"]));
    expect(own.status).toBe(200);
  });

  test("an id with a broken percent-encoding is an unknown client, not a fault of ours", async () => {
    expect((await manage(server, "GET", "/register/%25zz", "x")).status).toBe(401);
  });

  test("attack 78: a replacement cannot take what registration would not give", async () => {
    const { body } = await register(server, { redirect_uris: [CALLBACK] });
    const path = new URL(String(body["registration_client_uri"])).pathname;
    const response = await manage(server, "PUT", path, String(body["registration_access_token"]), {
      client_id: body["client_id"],
      redirect_uris: [CALLBACK],
      scope: "admin",
    });
    expect(await response.json()).toMatchObject({ error: "invalid_client_metadata" });
  });
});

describe.each(DATABASES)("RFC 7591 §3 who may register on %s", (database) => {
  test("nobody while registration is off", async () => {
    const server = await openRegistration(database, "off");
    expect((await register(server, { redirect_uris: [CALLBACK] })).status).toBe(404);
  });

  test("the holder of an initial access token, for as long as it lives", async () => {
    const server = await openRegistration(database, "token");
    const metadata = { redirect_uris: [CALLBACK] };
    expect((await register(server, metadata)).status).toBe(401);
    expect((await register(server, metadata, "wrong")).status).toBe(401);
    const token = await newInitialAccessToken(server.services);
    expect((await register(server, metadata, token)).status).toBe(201);
    server.advance(server.services.settings.initialAccessTokenLifetimeSeconds);
    expect((await register(server, metadata, token)).status).toBe(401);
  });

  test("one address registers only so many clients in a while", async () => {
    const server = await openRegistration(database, "open", { addressFailuresMax: 2 });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) {
      statuses.push((await register(server, { redirect_uris: [CALLBACK] })).status);
    }
    expect(statuses).toEqual([201, 201, 429]);
  });
});
