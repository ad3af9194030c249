import { RE2JS } from "re2js";

/** A POSIX extended regular expression that is ready to be asked, in time linear in the text. */
export type Pattern = (text: string) => boolean;

/** Longest pattern, in characters. */
export const PATTERN_LENGTH_MAX = 1024;

/** Parts of an extended regular expression, of which the first that fits is taken (POSIX.1 XBD §9.4). */
const PARTS = [
  { kind: "bracket", shape: /\[\^?\]?(?:\[[.:=][^\]]*?[.:=]\]|[^\]])*\]/y },
  { kind: "escape", shape: /\\[^a-zA-Z0-9]/y },
  { kind: "repeat", shape: /[*+?]|\{\d{1,3}(?:,\d{0,3})?\}/y },
  { kind: "open", shape: /[(|^]/y },
  { kind: "other", shape: /[^[\\*+?{(|^]/y },
] as const;

/**
 * Compiles a pattern that may match anywhere in a text, as `regexec` does: `.` takes a line feed too,
 * and `^` and `$` stand for the text's own ends. The engine is RE2's, so no pattern backtracks.
 * Throws `TypeError` for what POSIX leaves undefined, since each engine takes it for something else:
 * `(?…)`, `\d`, `a*?`, back references.
 */
export function compilePattern(expression: string): Pattern {
  if (expression === "" || expression.length > PATTERN_LENGTH_MAX) {
    throw new TypeError(`is empty or longer than ${PATTERN_LENGTH_MAX} characters`);
  }
  const translated = translate(expression);
  try {
    const compiled = RE2JS.compile(translated, RE2JS.DOTALL);
    return (text) => compiled.matcher(text).find();
  } catch {
    throw new TypeError("is no POSIX extended regular expression");
  }
}

/** The same expression in RE2's syntax; what differs is a backslash in brackets, which is a plain one here. */
function translate(expression: string): string {
  let translated = "";
  let last: (typeof PARTS)[number]["kind"] = "open";
  for (let at = 0; at < expression.length; ) {
    const { kind, text } = partAt(expression, at);
    if (kind === "repeat" && (last === "open" || last === "repeat")) {
      throw new TypeError(`has a repetition of nothing at character ${at + 1}`);
    }
    if (kind === "bracket" && /\[[.=]/.test(text.slice(1))) {
      throw new TypeError(`has a collating element at character ${at + 1}`);
    }
    translated += kind === "bracket" ? text.replaceAll("\\", "\\\\") : text;
    last = kind;
    at += text.length;
  }
  return translated;
}

function partAt(expression: string, at: number) {
  for (const { kind, shape } of PARTS) {
    shape.lastIndex = at;
    const [text] = shape.exec(expression) ?? [];
    if (text !== undefined) return { kind, text };
  }
  throw new TypeError(`has what POSIX does not define at character ${at + 1}`);
}
