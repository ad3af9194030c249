/** One key for a pair of texts, whatever characters they hold: no two pairs share it. */
export function pairKey(first: string, second: string): string {
  return `${first.length}:${first}:${second}`;
}

/** The two texts of a key of {@linkcode pairKey}. */
export function splitPair(key: string): readonly [first: string, second: string] {
  const start = key.indexOf(":") + 1;
  const end = start + Number(key.slice(0, start - 1));
  return [key.slice(start, end), key.slice(end + 1)];
}
