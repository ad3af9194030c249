/** How old a copy may be, in milliseconds: what another instance changed shows within this time (D9). */
const COPY_AGE_MS_MAX = 1_000;

/** Copies that one cache holds; past it, all are dropped. */
const COPIES_MAX = 10_000;

/** Short-lived copies of rows that nearly every request reads. */
export interface Cache<T> {
  /** The copy, or what `load` finds. Absent rows are not remembered; loads at once share one query. */
  get(key: string, load: () => Promise<T | undefined>): Promise<T | undefined>;
  /** Drops the copy after this instance changed the row, and whatever is being loaded. */
  forget(key: string): void;
  clear(): void;
}

/** Creates an empty cache. Ages are measured by the monotonic clock, not by protocol time. */
export function createCache<T>(): Cache<T> {
  const copies = new Map<
    string,
    { readonly value: Promise<T | undefined>; readonly loadedAt: number }
  >();
  return {
    get(key, load) {
      const copy = copies.get(key);
      if (copy && performance.now() - copy.loadedAt < COPY_AGE_MS_MAX) return copy.value;
      if (copies.size >= COPIES_MAX) copies.clear();
      const fresh = { value: load(), loadedAt: performance.now() };
      copies.set(key, fresh);
      const drop = () => copies.get(key) === fresh && copies.delete(key);
      fresh.value.then((found) => found === undefined && drop(), drop);
      return fresh.value;
    },
    forget: (key) => void copies.delete(key),
    clear: () => copies.clear(),
  };
}
