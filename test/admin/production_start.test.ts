import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { type Child, startChild } from "../support/child.ts";
import { DATABASES, type DatabaseName, freePort, freshDatabase } from "../support/databases.ts";

setDefaultTimeout(180_000);

type Environment = Readonly<Record<string, string>>;

async function environmentOf(database: DatabaseName): Promise<Environment> {
  return {
    HOST: "127.0.0.1",
    PORT: String(await freePort()),
    DATABASE_URL: await freshDatabase(database),
    TESSERA_SECRET: randomBytes(32).toString("base64"),
  };
}

const admin = async (environment: Environment, ...args: string[]) => {
  const { exitCode, stderr } = await startChild(["src/cli.ts", ...args], environment).finished;
  expect(exitCode, stderr).toBe(0);
};

/** Starts the server by these arguments and waits until it answers. */
async function startReady(args: readonly string[], environment: Environment): Promise<Child> {
  const child = startChild(args, environment);
  await child.says("stderr", "server.starting");
  const isReady = () =>
    fetch(`http://127.0.0.1:${environment["PORT"]}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    const gone = await Promise.race([child.finished, Bun.sleep(20)]);
    if (gone) throw new Error(`It ended: ${gone.stderr}`);
  }
  return child;
}

/** The last line of the log, which must be the only one that is no news. */
function refusal(stderr: string): Record<string, unknown> {
  const lines = stderr.trimEnd().split("\n");
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? "");
}

/** A raw request whose body can be held back. */
interface SlowRequest {
  send(text: string): void;
  /** All that came back, once the server has closed or the answer is whole. */
  readonly answer: Promise<string>;
}

function slowRequest(port: number): Promise<SlowRequest> {
  const { promise, resolve, reject } = Promise.withResolvers<SlowRequest>();
  const { promise: answer, resolve: answered } = Promise.withResolvers<string>();
  const socket: Socket = connect(port, "127.0.0.1", () =>
    resolve({ send: (text) => void socket.write(text), answer }),
  );
  let received = "";
  socket.on("error", reject);
  socket.on("data", (chunk) => {
    received += chunk.toString();
  });
  socket.on("close", () => answered(received));
  return promise;
}

/** Lets the server's event loop turn, so that it has read whatever was sent before. */
async function turnsOf(port: number): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await fetch(`http://127.0.0.1:${port}/health/live`);
}

/** The head of a password request to /token, and its body in two halves. */
function passwordRequest() {
  const body = "grant_type=password&username=ann&password=pw&scope=api1";
  const head = [
    "POST /token HTTP/1.1",
    "Host: localhost",
    "Connection: close",
    `Authorization: Basic ${btoa("web:s")}`,
    "Content-Type: application/x-www-form-urlencoded",
    `Content-Length: ${body.length}`,
  ].join("\r\n");
  return { first: `${head}\r\n\r\n${body.slice(0, 20)}`, rest: body.slice(20) };
}

describe.each(DATABASES)("bun run start on %s", (database) => {
  test("never seeds a demo, and refuses one until it is deleted", async () => {
    const environment = await environmentOf(database);
    const fresh = await startReady(["src/main.ts"], environment);
    fresh.kill("SIGTERM");
    expect((await fresh.finished).exitCode).toBe(0);
    const listed = await startChild(["src/cli.ts", "client", "list"], environment).finished;
    expect(listed.stdout).toBe("");

    const dev = startChild(["src/dev.ts"], environment);
    await dev.says("stdout", "bun run admin --help\n");
    dev.kill("SIGTERM");
    await dev.finished;
    const refused = await startChild(["src/main.ts"], environment).finished;
    expect([refused.exitCode, refused.stdout]).toEqual([1, ""]);
    const { event, reason } = refusal(refused.stderr);
    expect(event).toBe("start.refused");
    const commands = [...String(reason).matchAll(/bun run admin (\w+ delete demo)/g)];
    expect(commands.map(([, words]) => words)).toEqual(["client delete demo", "user delete demo"]);
    // One alone is refused too; the cure that was named helps.
    await admin(environment, ...(commands[0]?.[1]?.split(" ") ?? []));
    expect((await startChild(["src/main.ts"], environment).finished).exitCode).toBe(1);
    await admin(environment, ...(commands[1]?.[1]?.split(" ") ?? []));
    const started = await startReady(["src/main.ts"], environment);
    started.kill("SIGTERM");
    expect((await started.finished).exitCode).toBe(0);
  });

  test("SIGTERM to `bun run start` lets open requests finish and takes no new ones", async () => {
    const environment = await environmentOf(database);
    const web = ["--id=web", "--secret=s", "--grant-type=password", "--scope=api1"];
    await admin(environment, "client", "add", ...web);
    await admin(environment, "user", "add", "--username=ann", "--password=pw");
    const parent = await startReady(["run", "start"], environment);
    const port = Number(environment["PORT"]);
    const { first, rest } = passwordRequest();
    const open = await Promise.all([slowRequest(port), slowRequest(port), slowRequest(port)]);
    for (const request of open) request.send(first);
    await turnsOf(port);
    parent.kill("SIGTERM");
    await parent.says("stderr", "server.draining");
    const late = await fetch(`http://127.0.0.1:${port}/jwks`).catch(() => undefined);
    if (late) {
      expect(late.status).toBe(503);
      expect(await late.json()).toMatchObject({ error: "temporarily_unavailable" });
    }
    for (const request of open) request.send(rest);
    for (const request of open) {
      const answer = await request.answer;
      expect(answer).toStartWith("HTTP/1.1 200 OK");
      expect(answer).toContain('"access_token":"');
    }
    const { exitCode, stderr } = await parent.finished;
    expect(exitCode).toBe(0);
    expect(stderr).toContain("server.stopped");
    expect(await fetch(`http://127.0.0.1:${port}/health/live`).catch(() => "gone")).toBe("gone");
  });
});

describe("bun run start", () => {
  test.each([
    ["http://tokens.example", 1],
    ["https://tokens.example", 0],
    ["http://127.0.0.1:8080", 0],
    ["http://[::1]:8080", 0],
    ["http://localhost:8080", 0],
    ["http://localhost.evil.example", 1],
  ])("with the issuer %s it warns of plain HTTP %d times", async (issuer, times) => {
    const environment = { ...(await environmentOf("sqlite")), ISSUER: issuer };
    const child = await startReady(["src/main.ts"], environment);
    child.kill("SIGTERM");
    const { stderr } = await child.finished;
    expect(stderr.split("issuer.plain_http").length - 1).toBe(times);
  });

  test("gives up on a request that never ends, after DRAIN_SECONDS", async () => {
    const environment: Environment = { ...(await environmentOf("sqlite")), DRAIN_SECONDS: "1" };
    const child = await startReady(["src/main.ts"], environment);
    const request = await slowRequest(Number(environment["PORT"]));
    request.send(passwordRequest().first);
    await turnsOf(Number(environment["PORT"]));
    child.kill("SIGTERM");
    child.kill("SIGTERM");
    expect((await child.finished).exitCode).toBe(0);
  });

  test.each([
    ["PORT", { PORT: "70000" }],
    ["HOST", { HOST: "203.0.113.1" }],
    ["ISSUER", { ISSUER: "https://x/?a=b" }],
    ["DATABASE_URL", { DATABASE_URL: "nonsense" }],
    ["DATABASE_URL", { DATABASE_URL: "postgres://user:hunter2@127.0.0.1:1/none" }],
    ["TESSERA_SECRET", { TESSERA_SECRET: "not base64 of 32 bytes" }],
    ["TESSERA_SECRET_PREVIOUS", { TESSERA_SECRET_PREVIOUS: "short" }],
    ["REVOCATION_UNKNOWN_TOKEN", { REVOCATION_UNKNOWN_TOKEN: "maybe" }],
    ["ACCESS_TOKEN_LIFETIME_SECONDS", { ACCESS_TOKEN_LIFETIME_SECONDS: "1h" }],
  ])("tells in one line, without a stack, that %s is wrong: %p", async (variable, wrong) => {
    const environment = { ...(await environmentOf("sqlite")), ...wrong };
    const { exitCode, stdout, stderr } = await startChild(["src/main.ts"], environment).finished;
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(refusal(stderr)["reason"]).toMatch(new RegExp(`^${variable}\\b`));
    expect(stderr).not.toContain("hunter2");
  });

  test.each(["", "production"])("tells that PORT is taken (NODE_ENV=%p)", async (mode) => {
    const environment: Environment = { ...(await environmentOf("sqlite")), NODE_ENV: mode };
    const first = await startReady(["src/main.ts"], environment);
    const { exitCode, stderr } = await startChild(["src/main.ts"], environment).finished;
    expect(exitCode).toBe(1);
    expect(refusal(stderr)["reason"]).toStartWith(`PORT ${environment["PORT"]} is taken`);
    first.kill("SIGTERM");
    await first.finished;
  });

  test("tells that the root secret is not the database's, unless it is given as the one before", async () => {
    const environment = await environmentOf("sqlite");
    const first = await startReady(["src/main.ts"], environment);
    first.kill("SIGTERM");
    await first.finished;
    const other = { ...environment, TESSERA_SECRET: randomBytes(32).toString("base64") };
    const { exitCode, stderr } = await startChild(["src/main.ts"], other).finished;
    expect(exitCode).toBe(1);
    expect(refusal(stderr)["reason"]).toContain("TESSERA_SECRET");
    const previous = environment["TESSERA_SECRET"] ?? "";
    const both = await startReady(["src/main.ts"], { ...other, TESSERA_SECRET_PREVIOUS: previous });
    both.kill("SIGTERM");
    expect((await both.finished).exitCode).toBe(0);
  });

  test("exports what any host of web-standard servers takes", async () => {
    const environment = await environmentOf("sqlite");
    const script = `
      const { default: served } = await import("./src/main.ts");
      const response = await served.fetch(new Request("http://localhost/health/ready"));
      console.log(JSON.stringify([served.port, response.status]));
      process.exit(0);`;
    const { stdout } = await startChild(["-e", script], environment).finished;
    expect(JSON.parse(stdout)).toEqual([Number(environment["PORT"]), 200]);
  });
});
