/** One key for a pair of texts, whatever characters they hold: no two pairs share it. */
export function pairKey(first: string, second: string): string {
  return `${first.length}:${first}:${second}`;
}
