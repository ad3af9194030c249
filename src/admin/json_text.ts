/** Where a JSON text stops being one: the platform's parser tells neither place nor repeated names. */

/** A fault of a JSON text; `offset` counts UTF-16 units from its beginning. */
export interface JsonFault {
  readonly offset: number;
  readonly fault: string;
}

/** Most objects and arrays within one another. */
const DEPTH_MAX = 64;

/** What may come next. */
type State = "value" | "item" | "member" | "name" | "colon" | "nextItem" | "nextMember" | "end";

type Kind = "scalar" | "string" | "{" | "}" | "[" | "]" | ":" | ",";

const VALUE = { scalar: "done", string: "done", "{": "open", "[": "open" } as const;

/** What each state accepts, in words and as the state or the act that follows. */
const GRAMMAR: Readonly<Record<State, { readonly words: string; readonly moves: Moves }>> = {
  value: { words: "a value", moves: VALUE },
  item: { words: "a value or ]", moves: { ...VALUE, "]": "close" } },
  member: { words: "a name in quotes or }", moves: { string: "colon", "}": "close" } },
  name: { words: "a name in quotes", moves: { string: "colon" } },
  colon: { words: "a colon", moves: { ":": "value" } },
  nextItem: { words: "a comma or ]", moves: { ",": "value", "]": "close" } },
  nextMember: { words: "a comma or }", moves: { ",": "name", "}": "close" } },
  end: { words: "the end of the file", moves: {} },
};

type Moves = Readonly<Partial<Record<Kind, State | "open" | "close" | "done">>>;

const SPACE = /[\t\n\r ]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|(?:true|false|null)(?!\w)/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** An open object with the names it has so far, or an open array. */
type Open = Set<string> | "array";

/** Finds the first place where the text breaks RFC 8259, nests too deep or repeats a name. */
export function findJsonFault(text: string): JsonFault | undefined {
  const open: Open[] = [];
  let state: State = "value";
  let offset = endOf(SPACE, text, 0);
  while (offset < text.length) {
    const token = readToken(text, offset);
    if (typeof token === "number") return { offset: token, fault: "a character is out of place" };
    const next = step(state, token.kind, open);
    if (next === undefined) return { offset, fault: `expected ${GRAMMAR[state].words}` };
    if (open.length > DEPTH_MAX) return { offset, fault: `nests deeper than ${DEPTH_MAX} levels` };
    if (next === "colon" && !addName(open, text.slice(offset, token.end))) {
      return { offset, fault: `repeats the name ${text.slice(offset, token.end).slice(0, 100)}` };
    }
    state = next;
    offset = endOf(SPACE, text, token.end);
  }
  return state === "end"
    ? undefined
    : { offset, fault: `ends too early: expected ${GRAMMAR[state].words}` };
}

/** Line and column of an offset, both from 1. */
export function positionOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split("\n");
  return `line ${lines.length}, column ${(lines.at(-1) ?? "").length + 1}`;
}

interface Token {
  readonly kind: Kind;
  readonly end: number;
}

/** The token at the offset, or the offset of the character that makes it none. */
function readToken(text: string, offset: number): Token | number {
  const char = text[offset];
  switch (char) {
    case "{":
    case "}":
    case "[":
    case "]":
    case ":":
    case ",":
      return { kind: char, end: offset + 1 };
    case '"':
      return readString(text, offset + 1);
    default: {
      const end = endOf(SCALAR, text, offset);
      return end > offset ? { kind: "scalar", end } : offset;
    }
  }
}

/** The string whose first character is at the offset. */
function readString(text: string, start: number): Token | number {
  let at = start;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === 0x22) return { kind: "string", end: at + 1 };
    if (char < 0x20) return at;
    const end = char === 0x5c ? endOf(ESCAPE, text, at) : at + 1;
    if (end === at) return at;
    at = end;
  }
  return text.length;
}

/** The state after a token, opening or closing what it opens or closes; undefined when it may not come. */
function step(state: State, kind: Kind, open: Open[]): State | undefined {
  const move = GRAMMAR[state].moves[kind];
  if (move === "open") {
    open.push(kind === "{" ? new Set() : "array");
    return kind === "{" ? "member" : "item";
  }
  if (move === "close") open.pop();
  return move === "close" || move === "done" ? after(open) : move;
}

/** After a value: the file ends, or its container goes on. */
function after(open: readonly Open[]): State {
  const container = open.at(-1);
  if (container === undefined) return "end";
  return container === "array" ? "nextItem" : "nextMember";
}

/** Whether the name is new to its object. */
function addName(open: readonly Open[], quoted: string): boolean {
  const names = open.at(-1);
  const name: string = JSON.parse(quoted);
  if (!(names instanceof Set) || names.has(name)) return false;
  names.add(name);
  return true;
}

function endOf(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex : offset;
}
