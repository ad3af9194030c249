import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { SQL } from "bun";
import { KEY_ALGORITHMS } from "../../src/services/key_ring.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { type ServerProcess, serverProcess } from "../support/process.ts";
import { ISSUER } from "../support/server.ts";
import {
  emptyDatabase,
  newSecret,
  openBeside,
  PROCESSES_MS,
  post,
  registerClient,
} from "./cluster.ts";

const SIZE = 6;

const jwksOf = async ({ issuer }: ServerProcess) => (await fetch(`${issuer}/jwks`)).json();

/** Hashes of the migrations that were applied, once for each time. */
async function appliedMigrations(url: string): Promise<string[]> {
  if (url.startsWith("sqlite:")) {
    const database = new Database(url.slice("sqlite:".length), { readonly: true });
    const rows = database
      .query<{ hash: string }, []>("SELECT hash FROM __drizzle_migrations")
      .all();
    database.close();
    return rows.map(({ hash }) => hash);
  }
  const database = new SQL(url, { max: 1 });
  const rows = await database`SELECT hash FROM drizzle.__drizzle_migrations`;
  await database.close();
  return rows.map(({ hash }: { hash: string }) => hash);
}

function migrationsOf(database: DatabaseName): number {
  return readdirSync(`drizzle/${database}`).filter((file) => file.endsWith(".sql")).length;
}

describe.each(DATABASES)("issue 2 line 7: six servers start at once on an empty %s", (database) => {
  test(
    "each migration is applied once, and all of them have the same keys",
    async () => {
      const url = await emptyDatabase(database);
      const secret = newSecret();
      const options = { url, secret, environment: { ISSUER } };
      const servers = await Promise.all(Array.from({ length: SIZE }, () => serverProcess(options)));
      const applied = await appliedMigrations(url);
      expect(applied).toHaveLength(migrationsOf(database));
      expect(new Set(applied).size).toBe(applied.length);
      const sets = await Promise.all(servers.map(jwksOf));
      expect(sets[0]).toMatchObject({
        keys: KEY_ALGORITHMS.map(() => ({ kid: expect.any(String) })),
      });
      for (const set of sets) expect(set).toEqual(sets[0]);
      for (const server of servers) expect((await server.stop()).exitCode).toBe(0);
      const again = await serverProcess(options);
      expect(await jwksOf(again)).toEqual(sets[0]);
      expect(await appliedMigrations(url)).toEqual(applied);
      await again.stop();
    },
    PROCESSES_MS,
  );
});

describe("issue 2 line 9: the server's secret", () => {
  test(
    "is one file beside the SQLite database, for its owner alone, though six servers start at once",
    async () => {
      const url = await emptyDatabase("sqlite");
      const path = url.slice("sqlite:".length);
      const options = { url, environment: { ISSUER, TESSERA_SECRET: "" } };
      const servers = await Promise.all(Array.from({ length: SIZE }, () => serverProcess(options)));
      const sets = await Promise.all(servers.map(jwksOf));
      for (const set of sets) expect(set).toEqual(sets[0]);
      const folder = dirname(path);
      const secrets = readdirSync(folder).filter((name) => name.includes("secret"));
      expect(secrets).toEqual(["tessera.db.secret"]);
      const file = `${folder}/${secrets[0]}`;
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      const text = readFileSync(file, "utf8").trim();
      expect(Buffer.from(text, "base64")).toHaveLength(32);

      await registerClient(await openBeside(url, text));
      const form = { grant_type: "client_credentials", scope: "api1" };
      for (const server of servers) {
        const { access_token = "" } = await post(server, "/token", form);
        for (const other of servers) {
          expect(await post(other, "/introspect", { token: access_token })).toMatchObject({
            active: true,
          });
        }
      }
      for (const server of servers) {
        const { stdout, stderr } = await server.stop();
        expect(stdout + stderr).not.toContain(text);
      }
    },
    PROCESSES_MS,
  );
});
