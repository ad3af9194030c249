/** Temporary folders that say whose they are, and the removal of those whose owner is gone. */
import { lstatSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

/** Machines, and containers, that share a temporary folder do not share process ids. */
const HOST = hostname()
  .replace(/[^A-Za-z0-9]/g, "")
  .slice(0, 32);

const NAME = new RegExp(`^tessera-test-${HOST}-(\\d+)-`);

/** How long an orphaned Postgres may take to end, in milliseconds; generous on purpose. */
const STOPPED_WITHIN_MS = 20_000;

/** What the name of every temporary folder of a process begins with. */
export function folderPrefix(pid = process.pid): string {
  return `tessera-test-${HOST}-${pid}-`;
}

/**
 * Removes the folders that killed test runs have left, after stopping the Postgres that runs in
 * one. A folder whose Postgres does not end stays for the next run. Returns what it removed.
 */
export async function sweepAbandoned(root = tmpdir()): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const name of readdirSync(root)) {
    const folder = join(root, name);
    const pid = Number(NAME.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || isAlive(pid) || !isOwn(folder)) continue;
    try {
      if (!(await stopPostgres(join(folder, "data")))) continue;
      rmSync(folder, { recursive: true, force: true });
      removed.push(folder);
    } catch {
      // Another run sweeps the same; what neither removes is there for the next one.
    }
  }
  return removed;
}

/** Whether the process runs, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === "EPERM";
  }
}

function isOwn(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === (process.getuid?.() ?? found.uid);
}

/** Stops the Postgres of a data directory; true when there is none, or none any more. */
async function stopPostgres(directory: string): Promise<boolean> {
  const pid = await postmasterOf(directory);
  if (pid === undefined) return true;
  process.kill(pid, "SIGINT");
  const deadline = performance.now() + STOPPED_WITHIN_MS;
  while (isAlive(pid) && performance.now() < deadline) await Bun.sleep(20);
  return !isAlive(pid);
}

/**
 * The running Postgres of a data directory. Its file must name the process and this directory, and
 * the process must have been started with the directory: ids of processes are used again.
 */
async function postmasterOf(directory: string): Promise<number | undefined> {
  const [line = "", recorded] = readText(join(directory, "postmaster.pid")).split("\n");
  const pid = /^[1-9]\d*$/.test(line) ? Number(line) : undefined;
  if (pid === undefined || recorded !== directory || !isAlive(pid)) return undefined;
  const { stdout } = await Bun.$`ps -o args= -p ${pid}`.quiet().nothrow();
  return stdout.toString().trim().split(" ").includes(directory) ? pid : undefined;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
