import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { openStore } from "../../src/store/open.ts";
import { freePort, temporaryFolder } from "../support/databases.ts";

describe("openStore()", () => {
  test.each(["mysql://localhost/db", "tessera.db", "", "SQLITE:x", "file:x.db"])(
    "refuses %p",
    async (url) => {
      await expect(openStore(url)).rejects.toThrow("DATABASE_URL");
    },
  );

  test("makes the file's folder for its owner alone, and keeps what it wrote", async () => {
    const path = join(temporaryFolder(), "deep", "new", "tessera.db");
    const store = await openStore(`sqlite:${path}`);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    await store.insertRecord({ id: "r", value: { kept: true }, expiresAt: 1 });
    await store.close();
    const again = await openStore(`sqlite:${path}`);
    expect((await again.findRecord("r"))?.value).toEqual({ kept: true });
    await again.close();
  });

  test("makes the file and its log for their owner alone, whatever the folder lets others do", async () => {
    const path = join(temporaryFolder(), "tessera.db");
    const store = await openStore(`sqlite:${path}`);
    await store.insertRecord({ id: "r", value: 1, expiresAt: 1 });
    for (const suffix of ["", "-wal", "-shm"]) {
      expect(statSync(path + suffix).mode & 0o777, suffix).toBe(0o600);
    }
    await store.close();
  });

  test("waits, without stopping the process, while another one prepares the same file", async () => {
    const path = join(temporaryFolder(), "tessera.db");
    const other = new Database(path);
    other.run("PRAGMA journal_mode = DELETE");
    other.run("BEGIN EXCLUSIVE");
    let opened = false;
    const opening = openStore(`sqlite:${path}`).finally(() => (opened = true));
    for (let turn = 0; turn < 20; turn++) await Bun.sleep(1);
    expect(opened).toBe(false);
    other.run("COMMIT");
    other.close();
    const store = await opening;
    await store.ping();
    await store.close();
  });

  test("lets go of the file when it is closed, so that nothing is left beside it", async () => {
    const path = join(temporaryFolder(), "tessera.db");
    const store = await openStore(`sqlite:${path}`);
    await store.insertRecord({ id: "r", value: 1, expiresAt: 1 });
    expect(await store.findRecord("r")).toBeDefined();
    expect(existsSync(`${path}-wal`)).toBe(true);
    await store.close();
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  test("keeps a write-ahead log, so that readers never wait for writers", async () => {
    const path = join(temporaryFolder(), "tessera.db");
    const store = await openStore(`sqlite:${path}`);
    const watcher = new Database(path);
    expect(watcher.query("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
    watcher.close();
    await store.close();
  });

  test("throws what the driver says of a file that is no database, or a server that is not there", async () => {
    const path = join(temporaryFolder(), "text.db");
    mkdirSync(dirname(path), { recursive: true });
    await Bun.write(path, "this is no database ".repeat(100));
    await expect(openStore(`sqlite:${path}`)).rejects.toThrow();
    const port = await freePort();
    const nowhere = openStore(`postgres://nobody:nothing@127.0.0.1:${port}/none`);
    await expect(nowhere).rejects.toThrow();
  });
});
