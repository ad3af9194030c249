/** Longest part of a name that a message repeats, in characters. */
const SHOWN_LENGTH_MAX = 100;

/** A name in quotes, cut to a bearable length. */
export function quote(name: string): string {
  const cut = name.length > SHOWN_LENGTH_MAX ? `${name.slice(0, SHOWN_LENGTH_MAX)}…` : name;
  return JSON.stringify(cut);
}

/** The line with everything escaped that would move a terminal's cursor or reorder its text. */
export function printable(line: string): string {
  return line.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`,
  );
}
