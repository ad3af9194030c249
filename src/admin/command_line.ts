import { parseArgs } from "node:util";
import type { Command, Input } from "./command.ts";

/** A command line that was understood: a command to run, or help to show; else what is wrong with it. */
export type Parsed =
  | { readonly command: Command; readonly input: Input }
  | { readonly help: string }
  | { readonly fault: string; readonly usage: string };

/** Widths of the first column in usage texts, in characters. */
const NAME_COLUMN = 33;
const FLAG_COLUMN = 32;

/** Reads the words after `bun run admin`. `--flag=value` carries any character. */
export function parseCommandLine(args: readonly string[], commands: readonly Command[]): Parsed {
  const [noun = "", verb = ""] = args;
  const command = commands.find(({ name }) => name === noun || name === `${noun} ${verb}`);
  if (command) return parseCommand(command, args.slice(command.name.split(" ").length));
  const ofNoun = commands.filter(({ name }) => name.startsWith(`${noun} `));
  const usage = usageOfAll(ofNoun.length > 0 ? ofNoun : commands);
  if (HELP.has(noun) || (ofNoun.length > 0 && HELP.has(verb))) return { help: usage };
  const words = [noun, verb].filter((word) => word !== "" && !word.startsWith("-")).join(" ");
  return { fault: words === "" ? "no command is given" : `there is no command "${words}"`, usage };
}

const HELP: ReadonlySet<string> = new Set(["--help", "-h", "help"]);

function parseCommand(command: Command, args: readonly string[]): Parsed {
  const usage = usageOf(command);
  if (args.slice(0, indexOrEnd(args, "--")).some((word) => word === "--help" || word === "-h")) {
    return { help: usage };
  }
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...args],
      options: optionsOf(command),
      allowPositionals: true,
      strict: true,
      tokens: true,
    });
    const names = tokens.flatMap((token) => (token.kind === "option" ? [token.name] : []));
    const fault =
      repeatedOption(command, names) ??
      missingOption(command, names) ??
      wrongCount(command, positionals);
    if (fault !== undefined) return { fault, usage };
    return { command, input: inputOf(values, positionals) };
  } catch (error) {
    return { fault: error instanceof Error ? firstSentence(error.message) : "unreadable", usage };
  }
}

function optionsOf({ options }: Command) {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
  );
}

/** An option that counts once and is given twice: which one was meant cannot be known. */
function repeatedOption({ options }: Command, given: readonly string[]): string | undefined {
  const twice = given.find(
    (name, index) => !options[name]?.multiple && given.indexOf(name) < index,
  );
  return twice === undefined ? undefined : `--${twice} is given twice`;
}

function missingOption({ options }: Command, given: readonly string[]): string | undefined {
  const missing = Object.keys(options).find(
    (name) => options[name]?.required && !given.includes(name),
  );
  return missing === undefined ? undefined : `--${missing} is missing`;
}

function wrongCount({ parameters }: Command, positionals: readonly string[]): string | undefined {
  const wanted = parameters === "" ? 0 : parameters.split(" ").length;
  const open = parameters.endsWith("…");
  const fits = open ? positionals.length >= wanted : positionals.length === wanted;
  if (fits) return undefined;
  return positionals.length < wanted
    ? `${parameters} is missing`
    : `"${positionals[wanted]}" is one argument too many`;
}

function inputOf(values: Readonly<Record<string, unknown>>, positionals: readonly string[]): Input {
  return {
    positionals,
    text(name) {
      const value = values[name];
      return typeof value === "string" ? value : undefined;
    },
    texts(name) {
      const value = values[name];
      return Array.isArray(value) ? value.map(String) : [];
    },
    flag: (name) => values[name] === true,
  };
}

function usageOfAll(commands: readonly Command[]): string {
  const lines = commands.map(
    ({ name, parameters, summary }) =>
      `  ${`${name} ${parameters}`.trimEnd().padEnd(NAME_COLUMN)} ${summary}`,
  );
  return [
    "Usage: bun run admin COMMAND [options]",
    "",
    ...lines,
    "",
    "COMMAND --help tells more.",
  ].join("\n");
}

function usageOf({ name, parameters, summary, details = [], options }: Command): string {
  const rows = Object.entries(options).map(([option, { value, help, multiple, required }]) => {
    const flag = value === undefined ? `--${option}` : `--${option} ${value}`;
    const rule = `${required ? "; required" : ""}${multiple ? "; may be repeated" : ""}`;
    return `  ${flag.padEnd(FLAG_COLUMN)} ${help}${rule}`;
  });
  const words = [name, parameters, rows.length > 0 ? "[options]" : ""].filter(
    (word) => word !== "",
  );
  return [
    `Usage: bun run admin ${words.join(" ")}`,
    "",
    `${summary}.`,
    ...details,
    ...(rows.length > 0 ? ["", ...rows] : []),
  ].join("\n");
}

function firstSentence(text: string): string {
  return text.split(/\n|\. /)[0] ?? "";
}

function indexOrEnd(list: readonly string[], item: string): number {
  const index = list.indexOf(item);
  return index < 0 ? list.length : index;
}
