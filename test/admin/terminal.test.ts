import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { startChild } from "../support/child.ts";
import { DATABASES, freshDatabase, temporaryFolder } from "../support/databases.ts";
import { type ServerProcess, serverProcess } from "../support/process.ts";

setDefaultTimeout(180_000);

/** Runs a command at a terminal of its own and types one line at each question. */
async function atTerminal(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  typed: readonly string[],
): Promise<{ readonly exitCode: number; readonly shown: string }> {
  const decoder = new TextDecoder();
  const answers = [...typed];
  let shown = "";
  let asked = 0;
  const child = Bun.spawn([process.execPath, "src/cli.ts", ...args], {
    env: { PATH: Bun.env["PATH"] ?? "", ...environment },
    terminal: {
      data(terminal, chunk) {
        shown += decoder.decode(chunk, { stream: true });
        const questions = shown.split(/Password: |The same again: /).length - 1;
        for (; asked < questions; asked++) terminal.write(answers.shift() ?? "\r");
      },
    },
  });
  return { exitCode: await child.exited, shown };
}

const passwordGrant = ({ issuer }: ServerProcess, client: string, password: string) =>
  fetch(`${issuer}/token`, {
    method: "POST",
    headers: { Authorization: `Basic ${btoa(client)}` },
    body: new URLSearchParams({ grant_type: "password", username: "ann", password, scope: "a" }),
  });

describe("bun run admin at a terminal", () => {
  test("asks twice for a password and does not show what is typed", async () => {
    const server = await serverProcess();
    const environment = { DATABASE_URL: server.url, TESSERA_SECRET: server.secret };
    const flags = ["--id=c", "--secret=s", "--grant-type=password", "--scope=a"];
    expect((await server.admin("client", "add", ...flags)).exitCode).toBe(0);
    const add = ["user", "add", "--username=ann"];

    const differing = await atTerminal(add, environment, ["one-of-two\r", "two-of-two\r"]);
    expect(differing.exitCode).toBe(1);
    expect(differing.shown).toContain("the two passwords differ");

    const added = await atTerminal(add, environment, ["hiddem\u007fn wörd\r", "hidden wörd\n"]);
    expect(added.exitCode).toBe(0);
    expect(added.shown).toContain('"username": "ann"');
    expect(added.shown).not.toMatch(/hidde|wörd/);
    expect((await passwordGrant(server, "c:s", "hidden wörd")).status).toBe(200);

    const interrupted = await atTerminal(["user", "set-password", "ann"], environment, ["\u0003"]);
    expect(interrupted.exitCode).toBe(130);
    expect((await passwordGrant(server, "c:s", "hidden wörd")).status).toBe(200);
  });
});

describe.each(DATABASES)("bun run admin beside a running server on %s", (database) => {
  test("takes ids with any character from the shell, and is in force when it returns", async () => {
    const server = await serverProcess({ database });
    const id = `it's "odd" --id=$(x)\`y\`\\ ключ 🔑`;
    const flags = ["--grant-type=client_credentials", "--scope=a"];
    const added = await server.admin("client", "add", `--id=${id}`, ...flags);
    const { client_secret: secret } = JSON.parse(added.stdout);
    const grant = () =>
      fetch(`${server.issuer}/token`, {
        method: "POST",
        headers: {
          Authorization: `Basic ${Buffer.from([id, secret].map(encodeURIComponent).join(":")).toString("base64")}`,
        },
        body: new URLSearchParams({ grant_type: "client_credentials", scope: "a" }),
      });
    expect((await grant()).status).toBe(200);
    for (const [verb, status] of [
      ["disable", 401],
      ["enable", 200],
      ["delete", 401],
    ] as const) {
      expect((await server.admin("client", verb, id)).exitCode).toBe(0);
      expect((await grant()).status, verb).toBe(status);
    }
    const verified = await server.admin("audit", "verify");
    expect([verified.exitCode, verified.stderr]).toEqual([0, ""]);
  });

  test("says in one line that the database is out of reach or the secret is another's", async () => {
    const url = await freshDatabase(database);
    const secret = Buffer.from(new Uint8Array(32).fill(7)).toString("base64");
    const list = (environment: Record<string, string>) =>
      startChild(["src/cli.ts", "client", "list"], environment).finished;
    expect((await list({ DATABASE_URL: url, TESSERA_SECRET: secret })).exitCode).toBe(0);
    const other = Buffer.from(new Uint8Array(32).fill(8)).toString("base64");
    const gone =
      database === "sqlite"
        ? `sqlite:${temporaryFolder()}`
        : "postgres://user:hunter2@127.0.0.1:1/none";
    for (const [environment, variable] of [
      [{ DATABASE_URL: url, TESSERA_SECRET: other }, "TESSERA_SECRET"],
      [{ DATABASE_URL: gone, TESSERA_SECRET: secret }, "DATABASE_URL"],
    ] as const) {
      const { exitCode, stdout, stderr } = await list(environment);
      expect([exitCode, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(new RegExp(`^error: .*${variable}.*\n$`));
      expect(stderr).not.toContain("hunter2");
    }
  });
});
