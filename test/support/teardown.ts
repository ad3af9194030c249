/** Preloaded by bunfig.toml: ends what the whole test run started, and what killed ones have left. */
import { afterAll } from "bun:test";
import { sweepAbandoned } from "./abandoned.ts";
import { releaseDatabases } from "./databases.ts";
import { releaseProcesses } from "./process.ts";

/** Stopping Postgres may take long on a busy machine, in milliseconds. */
const RELEASED_WITHIN_MS = 60_000;

await sweepAbandoned();

afterAll(async () => {
  await releaseProcesses();
  await releaseDatabases();
}, RELEASED_WITHIN_MS);
