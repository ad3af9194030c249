import type { Capabilities } from "../protocol/metadata_faults.ts";
import type { Services } from "../services/services.ts";

/** One option of a command. */
export interface Option {
  readonly type: "string" | "boolean";
  /** What stands for the value in the usage text. */
  readonly value?: string;
  readonly multiple?: boolean;
  readonly required?: boolean;
  readonly help: string;
}

/** The words of a command line, as the command declared them. */
export interface Input {
  readonly positionals: readonly string[];
  /** The value of an option that is given at most once. */
  text(name: string): string | undefined;
  /** All values of an option that may be repeated. */
  texts(name: string): readonly string[];
  /** Whether an option without value is given. */
  flag(name: string): boolean;
}

/** Where a command reads and writes. */
export interface Terminal {
  /** Writes one line to standard output: what the caller asked for. */
  out(line: string): void;
  /** Writes one line to standard error: all else. */
  err(line: string): void;
  /** Reads standard input to its end. Throws `RangeError` past `bytesMax`. */
  readStdin(bytesMax: number): Promise<Uint8Array>;
  /** Asks without echo; undefined where nobody can be asked. */
  readonly prompt: ((question: string) => Promise<string>) | undefined;
}

/** What a command may touch. */
export interface AdminContext {
  readonly services: Services;
  readonly capabilities: Capabilities;
  readonly terminal: Terminal;
}

/** How a command ended. */
export interface Outcome {
  /** What went wrong, one line each; none when it worked. */
  readonly faults?: readonly string[];
  /** Whether running servers may hold an older copy for a moment, which is then waited for. */
  readonly settles?: boolean;
}

/** One command of `bun run admin`. */
export interface Command {
  /** Its words, such as `client add`. */
  readonly name: string;
  /** Positional arguments as the usage shows them, such as `ID`; three dots mean one or more. */
  readonly parameters: string;
  readonly summary: string;
  /** Further lines of its help. */
  readonly details?: readonly string[];
  readonly options: Readonly<Record<string, Option>>;
  run(input: Input, context: AdminContext): Promise<Outcome>;
}

/** The outcome of a command that did what it should. */
export const DONE: Outcome = {};

/** The outcome of a command that could not. */
export function failed(...faults: readonly string[]): Outcome {
  return { faults };
}
