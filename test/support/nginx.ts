/** A real nginx for tests of mutual TLS: Debian's, with a configuration and a folder of the test's own. */
import { afterAll } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./databases.ts";

/** Where Debian and Ubuntu put it; another place by `NGINX_PATH`. */
const EXECUTABLE = process.env["NGINX_PATH"] ?? "/usr/sbin/nginx";

/** How long nginx may take to answer, in milliseconds; generous on purpose. */
const READY_WITHIN_MS = 30_000;

/**
 * Whether the tests with nginx can run; they need curl too. Without, they are skipped with a loud
 * line; where `CI` is `true` that is a failure. Throws `Error` then.
 */
export function hasNginx(): boolean {
  const missing = [
    ...(existsSync(EXECUTABLE) ? [] : [EXECUTABLE]),
    ...(Bun.which("curl") === null ? ["curl"] : []),
  ];
  if (missing.length === 0) return true;
  const line = `No ${missing.join(", no ")}: the tests of mutual TLS DO NOT RUN. Install nginx-light and curl, or set NGINX_PATH.`;
  if (process.env["CI"] === "true") throw new Error(line);
  process.stderr.write(`\n!!! ${line}\n\n`);
  return false;
}

/** Starts nginx with `server` blocks that listen on the port; it runs until the test file ends. */
export async function startNginx(servers: string, port: number): Promise<void> {
  const folder = temporaryFolder();
  const configuration = join(folder, "nginx.conf");
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  await Bun.write(
    configuration,
    [
      "daemon off;",
      "worker_processes 1;",
      `pid ${folder}/nginx.pid;`,
      "events {}",
      "http {",
      "access_log off;",
      ...paths.map((name) => `${name}_temp_path ${folder}/${name};`),
      servers,
      "}",
    ].join("\n"),
  );
  const nginx = Bun.spawn([EXECUTABLE, "-p", folder, "-e", "stderr", "-c", configuration], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = new Response(nginx.stderr).text();
  afterAll(async () => {
    nginx.kill("SIGTERM");
    await nginx.exited;
  });
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    if (nginx.exitCode !== null) throw new Error(`nginx ended: ${await said}`);
    if (await answers(port)) return;
    await Bun.sleep(20);
  }
  throw new Error(`nginx was not ready within ${READY_WITHIN_MS} ms`);
}

async function answers(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}
