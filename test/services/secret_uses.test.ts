/** When secrets were used, as several instances write it down (issue 4 point 6). */
import { describe, expect, test } from "bun:test";
import { breakTable } from "../store/faults.ts";
import { DATABASES } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";

const HOUR = 3_600;
const APP = { client_secret: "s", grant_types: ["client_credentials"], scope: "api1" };

async function use({ post }: TestServer, id: string): Promise<void> {
  const form = { grant_type: "client_credentials", scope: "api1" };
  expect((await post("/token", form, { basic: [id, "s"] })).status).toBe(200);
}

/** What the database says; a copy may be older. */
async function lastUse({ services }: TestServer, id: string): Promise<number | null | undefined> {
  const clients = await services.store.listClients();
  return clients.find((client) => client.id === id)?.secrets[0]?.lastUsedAt;
}

describe.each(DATABASES)("notes of the last use on %s", (database) => {
  test("an instance that writes late moves nothing backwards, nor does one whose clock is behind", async () => {
    const first = await testServer({ database });
    const second = await testServer({ url: first.url, secret: first.secret });
    const began = first.services.now();
    await first.addClient({ ...APP, client_id: "c" });
    await use(first, "c");
    second.advance(3 * HOUR);
    await use(second, "c");
    await second.services.secretUses.flush();
    expect(await lastUse(first, "c")).toBe(began + 3 * HOUR);
    await first.services.secretUses.flush();
    expect(await lastUse(first, "c")).toBe(began + 3 * HOUR);
    await use(first, "c");
    await first.services.secretUses.flush();
    expect(await lastUse(first, "c")).toBe(began + 3 * HOUR);
    await second.close();
    await first.close();
  });

  test("what the database refused is written by the next round, without a further use", async () => {
    const server = await testServer({ database });
    for (const id of ["a", "b"]) await server.addClient({ ...APP, client_id: id });
    const began = server.services.now();
    const mend = await breakTable(server.url, "client_secrets", "UPDATE");
    for (const id of ["a", "b"]) await use(server, id);
    await server.services.secretUses.flush();
    await mend();
    server.advance(60);
    await server.services.secretUses.flush();
    for (const id of ["a", "b"]) expect(await lastUse(server, id)).toBe(began);
    await server.close();
  });
});
