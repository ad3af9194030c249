/** Tessera as an operator runs it: a process on a real port, and `bun run admin` beside it. */
import { afterAll } from "bun:test";
import { dirname, join } from "node:path";
import { type DatabaseName, freePort, freshDatabase, temporaryFolder } from "./databases.ts";

/** The project's folder, where `bun run` finds its scripts. */
const ROOT = dirname(dirname(import.meta.dir));

/** How long a process may take to answer `/health/ready`, in milliseconds; generous on purpose. */
const READY_WITHIN_MS = 60_000;

/** What a test may choose. */
export interface ProcessOptions {
  readonly database?: DatabaseName;
  /** A database that exists already, for a second instance or a restart. */
  readonly url?: string;
  /** Base64 of the root secret, for a second instance or a restart. */
  readonly secret?: string;
  /** Path of the issuer, such as `/tenant`. */
  readonly issuerPath?: string;
  /** Further settings, such as `REFRESH_GRACE_SECONDS`. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a command ended, and what it wrote. */
export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running server. */
export interface ServerProcess {
  readonly pid: number;
  readonly issuer: string;
  /** Where it listens, also where its issuer is another's. */
  readonly origin: string;
  /** Its database and root secret, for a second instance. */
  readonly url: string;
  readonly secret: string;
  /** Runs `bun run admin` with the server's own environment. */
  admin(...args: readonly string[]): Promise<Finished>;
  /** Sends SIGTERM and resolves when the process is gone. */
  stop(): Promise<Finished>;
}

/**
 * Starts `bun src/main.ts` and waits until it is ready. Awaited at the top of a test file, it runs
 * until the file ends; in a test, until that test ends.
 */
export async function serverProcess(options: ProcessOptions = {}): Promise<ServerProcess> {
  const port = await freePort();
  const url = options.url ?? (await freshDatabase(options.database ?? "sqlite"));
  const secret = options.secret ?? Buffer.from(randomBytes(32)).toString("base64");
  const origin = `http://127.0.0.1:${port}`;
  const issuer = origin + (options.issuerPath ?? "");
  const environment = {
    PATH: Bun.env["PATH"] ?? "",
    HOME: Bun.env["HOME"] ?? "",
    HOST: "127.0.0.1",
    PORT: String(port),
    ISSUER: issuer,
    DATABASE_URL: url,
    TESSERA_SECRET: secret,
    ...options.environment,
  };
  const child = spawn(["src/main.ts"], environment);
  const finished = finish(child);
  const stop = () => {
    child.kill("SIGTERM");
    return finished;
  };
  afterAll(stop);
  await untilReady(`${origin}/health/ready`, finished);
  return {
    pid: child.pid,
    issuer,
    origin,
    url,
    secret,
    admin: (...args) => finish(spawn(["run", "--silent", "admin", ...args], environment)),
    stop,
  };
}

/** Writes an import file and loads it by `bun run admin import`. Throws what the command wrote when it fails. */
export async function importParties(
  server: ServerProcess,
  parties: { readonly clients?: readonly object[]; readonly users?: readonly object[] },
): Promise<void> {
  const file = join(temporaryFolder(), "parties.json");
  await Bun.write(file, JSON.stringify(parties));
  await succeed(server.admin("import", file));
}

/** What `bun run admin code issue` is asked for. */
export interface CodeOrder {
  readonly client: string;
  readonly user: string;
  readonly redirectUri: string;
  readonly scope: string;
  /** S256 challenge. */
  readonly challenge?: string;
  /** The resource that the user granted access to (RFC 8707). */
  readonly resource?: string;
}

/** The authorization code that `bun run admin code issue` prints. */
export async function orderCode(server: ServerProcess, order: CodeOrder): Promise<string> {
  const { challenge, resource } = order;
  const options = {
    client: order.client,
    user: order.user,
    "redirect-uri": order.redirectUri,
    scope: order.scope,
    ...(challenge && { "code-challenge": challenge, "code-challenge-method": "S256" }),
    ...(resource && { resource }),
  };
  // A challenge may begin with a dash.
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const { stdout } = await succeed(server.admin("code", "issue", ...args));
  return stdout.trim();
}

async function succeed(running: Promise<Finished>): Promise<Finished> {
  const finished = await running;
  if (finished.exitCode !== 0) throw new Error(`exit ${finished.exitCode}: ${finished.stderr}`);
  return finished;
}

type Child = Bun.Subprocess<"ignore", "pipe", "pipe">;

const running = new Set<Child>();

/** Ends the servers of test files that failed at their top; the preloaded `teardown.ts` calls it once. */
export async function releaseProcesses(): Promise<void> {
  for (const child of running) child.kill("SIGKILL");
  await Promise.all([...running].map(({ exited }) => exited));
}

function spawn(args: readonly string[], env: Record<string, string>): Child {
  return Bun.spawn([process.execPath, ...args], {
    cwd: ROOT,
    env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function finish(child: Child): Promise<Finished> {
  running.add(child);
  const [exitCode, stdout, stderr] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  running.delete(child);
  return { exitCode, stdout, stderr };
}

async function untilReady(address: string, finished: Promise<Finished>): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    const gone = await Promise.race([finished, Bun.sleep(20)]);
    if (gone) throw new Error(`The server ended before it was ready: ${gone.stderr}`);
    if (await fetch(address).then(isOk, () => false)) return;
  }
  throw new Error(`The server was not ready within ${READY_WITHIN_MS} ms`);
}

const isOk = ({ ok }: Response) => ok;

const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));
