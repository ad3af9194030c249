import { describe, expect, test } from "bun:test";
import { SQL } from "bun";
import { freshDatabase } from "../support/databases.ts";
import type { TestServer } from "../support/server.ts";
import {
  bodyOf,
  expectFault,
  expectSilentLog,
  FAULTS,
  issue,
  openServer,
  post,
} from "./fault_fixture.ts";
import { execute, lockTable } from "./faults.ts";

describe("attack 46: a Postgres that gives up a lock before we do", () => {
  test("is out of time too", async () => {
    const url = await freshDatabase("postgres");
    const { pathname } = new URL(url);
    await execute(url, `ALTER DATABASE ${pathname.slice(1)} SET lock_timeout = '20ms'`);
    const server = await openServer("postgres", { url });
    const { access } = await issue(server);
    const unlock = await lockTable(url, "revoked_tokens");
    await expectFault(post(server, "/introspect", { token: access }), "late");
    await unlock();
    expect((await post(server, "/introspect", { token: access })).status).toBe(200);
  });
});

describe("attack 46: Postgres goes away", () => {
  /** Ends the connections of others to the database. */
  const endConnections = (url: string) =>
    execute(
      url,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );

  /** Whether requests work again, after at most one more fault for each connection. */
  async function answersAgain(server: TestServer, token: string): Promise<boolean> {
    for (let attempt = 0; attempt < 10; attempt++) {
      const { status } = await post(server, "/introspect", { token });
      if (status === 200) return true;
    }
    return false;
  }

  test("connections that are ended fail what they carried, and later requests get new ones", async () => {
    const server = await openServer("postgres");
    const { access } = await issue(server);
    for (let round = 0; round < 5; round++) {
      const unlock = await lockTable(server.url, "revoked_tokens");
      const waiting = Array.from({ length: 8 }, () =>
        post(server, "/introspect", { token: access }),
      );
      await Bun.sleep(20);
      await endConnections(server.url);
      await unlock().catch(() => {});
      for (const answer of await Promise.all(waiting)) {
        const body = await bodyOf(Promise.resolve(answer));
        expect(body).toMatchObject(answer.status === 500 ? FAULTS.read : { active: true });
      }
      expect(await answersAgain(server, access)).toBe(true);
    }
    expectSilentLog(server, access);
  });

  test("a database that is dropped is a fault of ours, for every request, and no hanging one", async () => {
    const server = await openServer("postgres");
    const { access, refresh } = await issue(server);
    const { pathname } = new URL(server.url);
    const admin = new SQL(server.url.replace(/[^/]+$/, "postgres"), { max: 1 });
    await admin.unsafe(`DROP DATABASE ${pathname.slice(1)} WITH (FORCE)`);
    await admin.close();
    await expectFault(post(server, "/introspect", { token: access }), "read");
    await expectFault(post(server, "/token/revoke", { token: refresh }), "read");
    expect((await server.get("/health/ready")).status).toBeGreaterThanOrEqual(500);
    expect((await server.get("/health/live")).status).toBe(200);
    expectSilentLog(server, access, refresh);
  });
});
