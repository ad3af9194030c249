import { describe, expect, test } from "bun:test";
import { SQL } from "bun";
import { DATABASES } from "../support/databases.ts";
import { ISSUER, type TestServer, testServer } from "../support/server.ts";
import { onEachDatabase } from "./token_fixture.ts";

// At the top of the file, where servers stay open until the file ends.
const servers = await onEachDatabase((database) => testServer({ database }));
const guarded = await testServer({ settings: { metricsToken: "m3trics" } });
const open = await testServer();

const UNREADY = {
  error: "temporarily_unavailable",
  error_description: "the database did not answer in time",
  error_uri: `${ISSUER}/docs/errors/store_timed_out`,
};

async function expectUnready(server: TestServer): Promise<void> {
  const response = await server.get("/health/ready");
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("1");
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toEqual(UNREADY);
}

describe.each(DATABASES)("health on %s", (database) => {
  const server = servers[database];

  test("live and ready, and no cache keeps the answer", async () => {
    for (const name of ["live", "ready"]) {
      const response = await server.get(`/health/${name}`);
      expect(response.status).toBe(200);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(await response.json()).toEqual({ status: name });
    }
  });

  test("with its store closed it is alive, and not ready", async () => {
    const own = await testServer({ database });
    await own.close();
    expect((await own.get("/health/live")).status).toBe(200);
    await expectUnready(own);
  });

  test("while it drains it is not ready", async () => {
    const own = await testServer({ database });
    await own.server.drain();
    const response = await own.get("/health/ready");
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: "temporarily_unavailable" });
    await own.close();
  });
});

describe("a database that does not answer", () => {
  test("makes the server unready instead of letting the probe hang", async () => {
    const server = servers.postgres;
    const sql = new SQL(server.url, { max: 1 });
    await sql.begin(async (transaction) => {
      await transaction.unsafe("LOCK TABLE keys IN ACCESS EXCLUSIVE MODE");
      await expectUnready(server);
    });
    await sql.close();
    expect((await server.get("/health/ready")).status).toBe(200);
  });
});

describe("GET /metrics", () => {
  const ask = (server: TestServer, address?: string, headers: Record<string, string> = {}) =>
    server.server.handle(
      new Request("http://localhost/metrics", { headers }),
      address === undefined ? undefined : { address },
    );

  test.each(["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])("%s may read it", async (peer) =>
    expect((await ask(open, peer)).status).toBe(200),
  );

  test.each(["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "10.127.0.1", undefined])(
    "%s may not",
    async (peer) => {
      const response = await ask(open, peer, { Authorization: "Bearer " });
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ error: "access_denied" });
      expect((await ask(open, peer, { Authorization: "Bearer undefined" })).status).toBe(403);
    },
  );

  test("a caller behind a proxy on this machine is not this machine", async () => {
    const headers = { "X-Forwarded-For": "192.0.2.1" };
    expect((await ask(open, "127.0.0.1", headers)).status).toBe(403);
  });

  test.each([
    ["Bearer m3trics", 200],
    ["bearer m3trics", 200],
    ["Bearer m3tric", 403],
    ["Bearer m3trics ", 200],
    ["Bearer", 403],
    ["Basic m3trics", 403],
    ["m3trics", 403],
  ])("from afar with %p: %i", async (authorization, status) => {
    const response = await ask(guarded, "192.0.2.1", { Authorization: authorization });
    expect(response.status).toBe(status);
  });

  test("counts by the names of our own rows, in the text format of Prometheus", async () => {
    const server = await testServer();
    await server.addClient({
      client_id: "app",
      client_secret: "s3cret",
      grant_types: ["client_credentials"],
      scope: "api1",
    });
    const form = { grant_type: "client_credentials", scope: "api1" };
    const issue = () => server.post("/token", form, { basic: ["app", "s3cret"] });
    const { access_token } = (await (await issue()).json()) as { access_token: string };
    await issue();
    await server.post("/token/revoke", { token: access_token }, { basic: ["app", "s3cret"] });
    await server.post("/token", { grant_type: 'evil"} 1\n' });
    const response = await ask(server, "127.0.0.1");
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await response.text();
    expect(text).toEndWith("\n");
    for (const line of text.trimEnd().split("\n")) {
      expect(line).toMatch(
        /^(# HELP tessera_\w+ .+|# TYPE tessera_\w+ counter|tessera_\w+\{\w+="[^"\\\n]*"\} \d+)$/,
      );
    }
    expect(text).toContain('tessera_tokens_issued_total{grant_type="client_credentials"} 2\n');
    expect(text).toContain('tessera_revocations_total{kind="access"} 1\n');
    expect(text).not.toContain("evil");
    await server.close();
  });
});
