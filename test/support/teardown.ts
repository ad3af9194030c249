/** Preloaded by bunfig.toml: ends what the whole test run started. */
import { afterAll } from "bun:test";
import { releaseDatabases } from "./databases.ts";
import { releaseProcesses } from "./process.ts";

/** Stopping Postgres may take long on a busy machine, in milliseconds. */
const RELEASED_WITHIN_MS = 60_000;

afterAll(async () => {
  await releaseProcesses();
  await releaseDatabases();
}, RELEASED_WITHIN_MS);
