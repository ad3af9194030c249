import { expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { folderPrefix, isAlive, sweepAbandoned } from "./support/abandoned.ts";
import { startChild } from "./support/child.ts";
import { temporaryFolder } from "./support/databases.ts";

setDefaultTimeout(180_000);

/** The id of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = Bun.spawn([process.execPath, "--version"], { stdout: "ignore" });
  await child.exited;
  return child.pid;
}

/** A folder as a process with the id makes it, with a data directory in it. */
function folderOf(root: string, pid: number): string {
  const folder = mkdtempSync(join(root, folderPrefix(pid)));
  mkdirSync(join(folder, "data"));
  return folder;
}

test("folders of runs that are gone go, those of running ones and of others stay", async () => {
  const root = temporaryFolder();
  const gone = folderOf(root, await deadPid());
  await Bun.write(join(gone, "tessera.db"), "rows");
  const stays = [
    folderOf(root, process.pid),
    mkdtempSync(join(root, `tessera-test-elsewhere-${await deadPid()}-`)),
    mkdtempSync(join(root, "tessera-")),
  ];
  const file = join(root, `${folderPrefix(await deadPid())}file`);
  await Bun.write(file, "no folder");
  expect(await sweepAbandoned(root)).toEqual([gone]);
  expect(
    readdirSync(root)
      .map((name) => join(root, name))
      .sort(),
  ).toEqual([...stays, file].sort());
});

test("a Postgres whose test run was killed ends, and its folder goes", async () => {
  const root = temporaryFolder();
  chmodSync(root, 0o755); // Postgres may run as a user of its own
  const owner = startChild(["test/support/abandoned_owner.ts"], { TMPDIR: root });
  await owner.says("stdout", "postgres://");
  owner.kill("SIGKILL");
  await owner.finished;
  const [name = ""] = readdirSync(root).filter((entry) => entry.startsWith("tessera-test-"));
  const folder = join(root, name);
  const [pid] = readFileSync(join(folder, "data", "postmaster.pid"), "utf8")
    .split("\n")
    .map(Number);
  expect([name.startsWith(folderPrefix(owner.pid)), isAlive(pid ?? 0)]).toEqual([true, true]);
  expect(await sweepAbandoned(root)).toEqual([folder]);
  expect([isAlive(pid ?? 0), existsSync(folder)]).toEqual([false, false]);
});

test("no other process is ended, whatever a file says", async () => {
  const root = temporaryFolder();
  const stranger = Bun.spawn([process.execPath, "-e", "setInterval(() => {}, 1000)"]);
  try {
    for (const directory of [undefined, "/var/lib/postgresql"]) {
      const folder = folderOf(root, await deadPid());
      const data = join(folder, "data");
      const lines = [stranger.pid, directory ?? data, 0, 5432];
      await Bun.write(join(data, "postmaster.pid"), lines.join("\n"));
      expect(await sweepAbandoned(root)).toEqual([folder]);
    }
    expect(isAlive(stranger.pid)).toBe(true);
  } finally {
    stranger.kill();
    await stranger.exited;
  }
});
