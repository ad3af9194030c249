import { malformedParameter } from "../../protocol/oauth_error.ts";
import { PAGE_MAX } from "../../protocol/uma_bodies.ts";
import type { Page } from "../../store/uma_resources.ts";

/** Farthest entry that a list may begin at. */
const START_MAX = 1_000_000;

/** `start_index` and `count` of a list, out of the URL's query. Throws `parameter_malformed`. */
export function queryPage(request: Request): Page {
  const query = new URL(request.url).searchParams;
  return {
    start: whole(query, "start_index", { usual: 0, min: 0, max: START_MAX }),
    count: whole(query, "count", { usual: PAGE_MAX, min: 1, max: PAGE_MAX }),
  };
}

function whole(
  query: URLSearchParams,
  name: string,
  { usual, min, max }: { readonly usual: number; readonly min: number; readonly max: number },
): number {
  const [text, ...more] = query.getAll(name);
  if (text === undefined) return usual;
  const number = /^\d{1,7}$/.test(text) && more.length === 0 ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max)) throw malformedParameter(name);
  return number;
}
