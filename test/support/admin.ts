/** `bun run admin` inside the test process, on a test server's own services and clock. */
import { expect } from "bun:test";
import { join } from "node:path";
import { runAdmin } from "../../src/admin/run.ts";
import { temporaryFolder } from "./databases.ts";
import type { TestServer } from "./server.ts";

/** How a command ended, and the lines it wrote. */
export interface Ended {
  readonly exitCode: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** What a test may give to a command. */
export interface AdminInput {
  readonly stdin?: string | Uint8Array;
  /** What is typed at each prompt; without it there is no terminal to ask at. */
  readonly typed?: readonly string[];
}

/** Runs one command line. */
export async function admin(
  { services, server }: TestServer,
  args: readonly string[],
  { stdin = "", typed }: AdminInput = {},
): Promise<Ended> {
  const out: string[] = [];
  const err: string[] = [];
  const answers = [...(typed ?? [])];
  const exitCode = await runAdmin(args, {
    terminal: {
      out: (line) => void out.push(line),
      err: (line) => void err.push(line),
      readStdin: async () => (typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin),
      prompt: typed && (async () => answers.shift() ?? ""),
    },
    open: async () => ({
      services,
      capabilities: server.registry.capabilities,
      close: async () => {},
    }),
    settleMs: 0,
  });
  return { exitCode, out, err };
}

/** The one JSON document that a command printed; a command that failed fails the test. */
export function printed({ exitCode, out, err }: Ended): Record<string, unknown> {
  expect(err.filter((line) => line.startsWith("error"))).toEqual([]);
  expect(exitCode).toBe(0);
  return JSON.parse(out.join("\n"));
}

/** Names of the audit rows, oldest first. */
export async function auditEvents({ services }: TestServer): Promise<readonly string[]> {
  return (await services.store.listAuditRows(1000)).map(({ event }) => event).reverse();
}

/** Adds the client `web`, which may use passwords and introspect everything, with the secret `s`. */
export function addWeb(server: TestServer): Promise<void> {
  return server.addClient({
    client_id: "web",
    client_secret: "s",
    grant_types: ["password", "refresh_token"],
    scope: "api1",
    introspect_any: true,
  });
}

/** Whether a token works, as the client `web` is told. */
export async function isActive(server: TestServer, token: string): Promise<boolean> {
  const response = await server.post("/introspect", { token }, { basic: ["web", "s"] });
  const body = (await response.json()) as { active: boolean };
  return body.active;
}

/** The access token of a response that must be a success. */
export async function accessToken(response: Response): Promise<string> {
  const body = (await response.json()) as { access_token: string };
  expect(response.status).toBe(200);
  return body.access_token;
}

/** Writes a file with this content, as JSON unless it is text or bytes, and returns its path. */
export async function fileOf(content: unknown, name = "parties.json"): Promise<string> {
  const path = join(temporaryFolder(), name);
  const raw = typeof content === "string" || content instanceof Uint8Array;
  await Bun.write(path, raw ? content : JSON.stringify(content));
  return path;
}

/** Imports files with these contents, in one command. */
export async function importFiles(
  server: TestServer,
  ...contents: readonly unknown[]
): Promise<Ended> {
  const paths = await Promise.all(
    contents.map((content, index) => fileOf(content, `file${index + 1}.json`)),
  );
  const ended = await admin(server, ["import", ...paths]);
  // Folders have random names; messages are compared by the file's own.
  const err = ended.err.map((line) =>
    paths.reduce((text, path, index) => text.replaceAll(path, `file${index + 1}.json`), line),
  );
  return { ...ended, err };
}
