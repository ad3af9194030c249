import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandDelivery } from "../../src/plugins/deliveries/command.ts";
import { kindOf } from "../../src/services/log.ts";
import { temporaryFolder } from "../support/databases.ts";

const folder = temporaryFolder();
const PHONE = { CONTACT_PHONE: "+41791234567" };

function program(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

const phone = (path: string, timeoutSeconds = 10) =>
  commandDelivery("phone", { program: path, timeoutSeconds });

/** Whether a process runs. */
function runs(pid: number): boolean {
  const status = `/proc/${pid}/stat`;
  return existsSync(status) && !/\) Z /.test(readFileSync(status, "utf8"));
}

describe("the delivery command", () => {
  test("gets the address as its one argument and the code on standard input, and no secret of ours", async () => {
    const out = join(folder, "out");
    const path = program("ok", `printf '%s|%s|' "$#" "$1" > ${out}; cat >> ${out}; env >> ${out}`);
    process.env["TESSERA_SECRET_OF_TEST"] = "must not be seen";
    const address = { CONTACT_PHONE: "+41791234567; touch hacked" };
    await phone(path).send({ address, code: "1234-5678" });
    const seen = readFileSync(out, "utf8");
    expect(seen).toStartWith("1|+41791234567; touch hacked|1234-5678");
    expect(seen).not.toContain("must not be seen");
  });

  test("gets a postal address as a JSON object, which no option begins with", async () => {
    const out = join(folder, "postal");
    const path = program("letter", `printf '%s' "$1" > ${out}`);
    const address = { CONTACT_NAME: "Ada", ADDRESS_LINES: "Street 1\n3000 Bern" };
    const delivery = commandDelivery("postal-ch", { program: path, timeoutSeconds: 10 });
    await delivery.send({ address, code: "1234-5678" });
    expect(JSON.parse(readFileSync(out, "utf8"))).toEqual(address);
  });

  test("another exit code than 0 is a failure, and the log tells which", async () => {
    const sent = phone(program("no", "exit 3")).send({ address: PHONE, code: "1" });
    const failure: unknown = await sent.catch((error: unknown) => error);
    expect(kindOf(failure)).toBe("DeliveryError(exit 3)");
  });

  test("a program that is not there is a failure", async () => {
    const sent = phone(join(folder, "absent")).send({ address: PHONE, code: "1" });
    await expect(sent).rejects.toThrow();
  });

  test("a program does not outlive the server that started it", async () => {
    const pids = join(folder, "orphans");
    const path = program("stuck", `sleep 60 & echo $! > ${pids}; echo $$ >> ${pids}; wait`);
    const module = join(import.meta.dir, "../../src/plugins/deliveries/command.ts");
    const script = `
      const { commandDelivery } = await import(${JSON.stringify(module)});
      const options = { program: ${JSON.stringify(path)}, timeoutSeconds: 60 };
      void commandDelivery("phone", options).send({ address: ${JSON.stringify(PHONE)}, code: "1" });
      const lines = async () => (await Bun.file(${JSON.stringify(pids)}).text().catch(() => "")).split("\\n");
      while ((await lines()).length < 3) await Bun.sleep(10);
      process.exit(0);`;
    const server = Bun.spawn([process.execPath, "-e", script], { stdout: "ignore" });
    expect(await server.exited).toBe(0);
    const started = readFileSync(pids, "utf8").trim().split("\n").map(Number);
    expect(started).toHaveLength(2);
    await Bun.sleep(50);
    expect(started.filter(runs)).toEqual([]);
  });

  test("a program that reads nothing may still succeed", async () => {
    await phone(program("deaf", "exit 0")).send({ address: PHONE, code: "1" });
  });

  test("past its time the program is killed with its children", async () => {
    const pids = join(folder, "pids");
    const path = program("slow", `sleep 60 & echo $! > ${pids}; echo $$ >> ${pids}; wait`);
    const begun = performance.now();
    await expect(phone(path, 0.5).send({ address: PHONE, code: "1" })).rejects.toThrow();
    expect(performance.now() - begun).toBeLessThan(5_000);
    const started = readFileSync(pids, "utf8").trim().split("\n").map(Number);
    expect(started).toHaveLength(2);
    await Bun.sleep(50);
    expect(started.filter(runs)).toEqual([]);
  });
});
