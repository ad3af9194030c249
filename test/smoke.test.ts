import { describe, expect, test } from "bun:test";
import { DATABASES } from "./support/databases.ts";
import { testServer } from "./support/server.ts";

describe.each(DATABASES)("client_credentials on %s", (database) => {
  test("gives a token", async () => {
    const server = await testServer({ database });
    await server.addClient({
      client_id: "c",
      client_secret: "s",
      grant_types: ["client_credentials"],
      scope: "api1",
    });
    const response = await server.post(
      "/token",
      { grant_type: "client_credentials", scope: "api1" },
      { basic: ["c", "s"] },
    );
    expect(response.status).toBe(200);
  });
});
