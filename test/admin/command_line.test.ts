import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { COMMANDS } from "../../src/admin/commands.ts";
import { runAdmin } from "../../src/admin/run.ts";
import type { Ended } from "../support/admin.ts";

setDefaultTimeout(120_000);

/** Runs a command line that must be judged without a database. */
async function judged(...args: string[]): Promise<Ended> {
  const out: string[] = [];
  const err: string[] = [];
  const exitCode = await runAdmin(args, {
    terminal: {
      out: (line) => void out.push(line),
      err: (line) => void err.push(line),
      readStdin: async () => new Uint8Array(),
      prompt: undefined,
    },
    open: async () => ({ fault: "the database was asked for" }),
    settleMs: 0,
  });
  return { exitCode, out, err };
}

const NOUNS = ["client", "user", "code", "key", "audit"];

describe("the command line of bun run admin", () => {
  test.each([["--help"], ["-h"], ["help"]])("%s prints all commands", async (word) => {
    const { exitCode, out, err } = await judged(word);
    expect([exitCode, err]).toEqual([0, []]);
    for (const { name } of COMMANDS) expect(out.join("\n")).toContain(`  ${name}`);
  });

  test.each(NOUNS)("%s --help prints its commands and no others", async (noun) => {
    const { exitCode, out } = await judged(noun, "--help");
    expect(exitCode).toBe(0);
    const lines = out.join("\n").split("\n");
    for (const { name } of COMMANDS) {
      const isShown = lines.some((line) => line.startsWith(`  ${name} `));
      expect(isShown, name).toBe(name.startsWith(`${noun} `));
    }
  });

  test.each(COMMANDS)("$name --help prints its parameters and options", async (command) => {
    const words = command.name.split(" ");
    const { exitCode, out } = await judged(...words, "--help");
    expect(exitCode).toBe(0);
    expect(out.join("\n")).toContain(`Usage: bun run admin ${command.name}`);
    for (const option of Object.keys(command.options)) {
      expect(out.join("\n")).toContain(`--${option}`);
    }
  });

  test.each([
    [[], "no command is given"],
    [["frobnicate"], 'there is no command "frobnicate"'],
    [["frobnicate", "--help"], 'there is no command "frobnicate"'],
    [["client"], 'there is no command "client"'],
    [["client", "frobnicate"], 'there is no command "client frobnicate"'],
    [["client", "frobnicate", "--help"], 'there is no command "client frobnicate"'],
    [["client", "list", "--frobnicate"], "Unknown option '--frobnicate'"],
    [["client", "list", "-x"], "Unknown option '-x'"],
    [["client", "list", "extra"], '"extra" is one argument too many'],
    [["client", "show"], "ID is missing"],
    [["client", "show", "a", "b"], '"b" is one argument too many'],
    [["client", "add", "--id", "a", "--id", "b"], "--id is given twice"],
    [["client", "add", "--id"], "Option '--id <value>' argument missing"],
    [["client", "add", "--require-pkce=yes"], "Option '--require-pkce' does not take an argument"],
    [["user", "add"], "--username is missing"],
    [["code", "issue", "--client=a", "--user=b"], "--redirect-uri is missing"],
    [["import"], "FILE… is missing"],
    [["sweep", "now"], '"now" is one argument too many'],
  ] as const)("%p is refused with exit code 2 and the usage", async (args, fault) => {
    const { exitCode, out, err } = await judged(...args);
    expect([exitCode, out]).toEqual([2, []]);
    expect(err[0]).toBe(`error: ${fault}`);
    expect(err[1]).toStartWith("Usage: bun run admin ");
  });

  test("words after -- are arguments, whatever they look like", async () => {
    const { exitCode, err } = await judged("client", "show", "--", "--help");
    expect([exitCode, err]).toEqual([1, ["error: the database was asked for"]]);
  });
});
