import { OAuthError } from "../protocol/oauth_error.ts";
import { kindOf } from "../services/log.ts";
import type { AdminContext, Outcome, Terminal } from "./command.ts";
import { parseCommandLine } from "./command_line.ts";
import { COMMANDS } from "./commands.ts";
import { printable } from "./quote.ts";

/** What a command runs on; opened only once the command line is understood. */
export interface Opened extends Omit<AdminContext, "terminal"> {
  close(): Promise<void>;
}

/** Exit codes: it worked, it could not be done, the command line is wrong. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** How long until running servers see what a command changed, in milliseconds (decisions D9). */
export const SETTLE_MS = 1_100;

/**
 * Runs one command line and resolves to the exit code. What was asked for goes to standard output,
 * all else to standard error.
 */
export async function runAdmin(
  args: readonly string[],
  { terminal, open, settleMs }: RunOptions,
): Promise<number> {
  const say = (line: string) => terminal.err(printable(line));
  const parsed = parseCommandLine(args, COMMANDS);
  if ("help" in parsed) {
    terminal.out(parsed.help);
    return EXIT.done;
  }
  if ("fault" in parsed) {
    say(`error: ${parsed.fault}`);
    terminal.err(parsed.usage);
    return EXIT.usage;
  }
  const opened = await open();
  if ("fault" in opened) {
    say(`error: ${opened.fault}`);
    return EXIT.failed;
  }
  try {
    const context = { ...opened, terminal: { ...terminal, err: say } };
    const { faults = [], settles } = await attempt(() => parsed.command.run(parsed.input, context));
    for (const fault of faults) say(`error: ${fault}`);
    if (settles) await Bun.sleep(settleMs);
    return faults.length > 0 ? EXIT.failed : EXIT.done;
  } finally {
    await opened.close();
  }
}

/** What {@linkcode runAdmin} needs. */
export interface RunOptions {
  readonly terminal: Terminal;
  /** Opens the database, or tells why not. */
  readonly open: () => Promise<Opened | { readonly fault: string }>;
  readonly settleMs: number;
}

/** A refusal is told in the catalogue's words; of a fault, its kind alone. */
async function attempt(run: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof OAuthError)) return { faults: [`unexpected: ${kindOf(error)}`] };
    const { cause, message } = error;
    const reason = typeof cause === "string" ? cause : cause instanceof Error ? kindOf(cause) : "";
    return { faults: [reason === "" ? message : `${message} (${reason})`] };
  }
}
