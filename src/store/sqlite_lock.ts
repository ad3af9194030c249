/** Longest pause between two tries for a lock, in milliseconds. */
const RETRY_MS_MAX = 5;

/**
 * Runs `run` at once, and again while another connection holds the lock that it needs. SQLite's own
 * waiting would stop every other request, for good if the lock's holder is in this process, and it
 * does not wait at all for the change to WAL. Throws `SQLITE_BUSY` once `timeoutMs` are over.
 */
export async function whenUnlocked(run: () => void, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return run();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error;
    }
    await Bun.sleep(1 + Math.random() * (RETRY_MS_MAX - 1));
  }
}

/** Whether SQLite met another connection's lock; the extended codes tell which. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && /^SQLITE_BUSY/.test(String((error as { code?: unknown }).code));
}
