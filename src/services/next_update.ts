/**
 * `updated_at` of a row that is written anew, in Unix seconds. It grows with every change, even
 * within a second, and so tells who has read the row before it.
 */
export function nextUpdate(
  now: number,
  stored: { readonly updatedAt: number } | undefined,
): number {
  return Math.max(now, (stored?.updatedAt ?? 0) + 1);
}
