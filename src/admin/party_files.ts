import { kindOf } from "../services/log.ts";
import { readBounded } from "./bounded.ts";
import type { Terminal } from "./command.ts";
import { findJsonFault, positionOf } from "./json_text.ts";
import { quote } from "./quote.ts";

/** One object of an import file. */
export interface Entry {
  readonly kind: "client" | "user";
  /** File, place and name: what every message about the entry begins with. */
  readonly label: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** What files hold, and what is wrong with them, as lines for the operator. */
export interface Entries {
  readonly entries: readonly Entry[];
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
}

/** Largest import file, pipe or standard input, in bytes. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;

type ReadStdin = Terminal["readStdin"];

/** Reads all files; `-` is standard input, which `readStdin` gives. */
export async function readEntries(
  paths: readonly string[],
  readStdin: ReadStdin,
): Promise<Entries> {
  const all: Entries[] = [];
  for (const path of paths) all.push(await readFile(path, readStdin));
  return {
    entries: all.flatMap(({ entries }) => entries),
    faults: all.flatMap(({ faults }) => faults),
    warnings: all.flatMap(({ warnings }) => warnings),
  };
}

async function readFile(path: string, readStdin: ReadStdin): Promise<Entries> {
  const text = await readText(path, readStdin);
  if ("fault" in text) return failed(path, text.fault);
  const wrong = findJsonFault(text.text);
  if (wrong) {
    const position = positionOf(text.text, wrong.offset);
    return failed(path, `${position}: this is not JSON: ${wrong.fault}`);
  }
  return entriesOf(path, JSON.parse(text.text));
}

async function readText(
  path: string,
  readStdin: ReadStdin,
): Promise<{ text: string } | { fault: string }> {
  try {
    // Pipes and devices do not tell their size, so that only reading shows it.
    const bytes = await (path === "-"
      ? readStdin(FILE_BYTES_MAX)
      : readBounded(Bun.file(path).stream(), FILE_BYTES_MAX));
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (error) {
    if (error instanceof RangeError) return { fault: error.message };
    if (error instanceof TypeError) return { fault: "is not UTF-8" };
    return { fault: `cannot be read (${kindOf(error)})` };
  }
}

/** The entries of a parsed file: a list, one object, or an object with `clients` and `users`. */
function entriesOf(file: string, content: unknown): Entries {
  if (Array.isArray(content)) {
    return merge(content.map((item, index) => classify(`${file}: entry [${index}]`, item)));
  }
  if (!isObject(content)) return failed(file, "holds neither a list nor an object");
  const isSections = Object.hasOwn(content, "clients") || Object.hasOwn(content, "users");
  return isSections ? sectionsOf(file, content) : classify(`${file}: entry`, content);
}

function sectionsOf(file: string, content: Readonly<Record<string, unknown>>): Entries {
  return merge(
    Object.entries(content).flatMap(([section, items]) => {
      if (section !== "clients" && section !== "users") {
        return [{ ...NOTHING, warnings: [`${file}: ${quote(section)} is not known and ignored`] }];
      }
      if (!Array.isArray(items)) return [failed(file, `${section} must be a list`)];
      const kind = section === "clients" ? "client" : "user";
      return items.map((item, index) => asEntry(`${file}: ${section}[${index}]`, item, kind));
    }),
  );
}

/** An object with `client_id` is a client, one with `username` a user. */
function classify(place: string, item: unknown): Entries {
  if (!isObject(item)) return failed(place, "must be an object");
  const isClient = Object.hasOwn(item, "client_id");
  if (isClient === Object.hasOwn(item, "username")) {
    return failed(
      place,
      isClient
        ? "has client_id and username; it must be a client or a user"
        : "has neither client_id nor username",
    );
  }
  return asEntry(place, item, isClient ? "client" : "user");
}

function asEntry(place: string, item: unknown, kind: Entry["kind"]): Entries {
  if (!isObject(item)) return failed(place, "must be an object");
  const name = item[kind === "client" ? "client_id" : "username"];
  const label = typeof name === "string" ? `${place} ${quote(name)}` : place;
  return { ...NOTHING, entries: [{ kind, label, value: item }] };
}

const NOTHING: Entries = { entries: [], faults: [], warnings: [] };

function failed(label: string, fault: string): Entries {
  return { ...NOTHING, faults: [`${label}: ${fault}`] };
}

function merge(all: readonly Entries[]): Entries {
  return {
    entries: all.flatMap(({ entries }) => entries),
    faults: all.flatMap(({ faults }) => faults),
    warnings: all.flatMap(({ warnings }) => warnings),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
