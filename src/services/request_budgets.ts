import { OAuthError } from "../protocol/oauth_error.ts";
import type { Settings } from "../protocol/settings.ts";
import type { RecordStore } from "../store/records.ts";
import { hashSecret } from "./ids.ts";

/** What is counted, and the setting that bounds it. */
const BOUNDS = {
  /** Authorization requests of one network address. */
  authorization_address: "addressRequestsPerMinute",
  /** Those of one network address that come out of a web page: its frames, and what it pushes. */
  authorization_framed: "addressRequestsPerMinute",
  /** Those of one user, out of one browser that knows him. */
  authorization_browser: "addressRequestsPerMinute",
  /** Requests that one authenticated client pushes. */
  authorization_client: "clientRequestsPerMinute",
  /** Challenger processes that one client begins: each is a row that lives for an hour or longer. */
  challenge_client: "clientRequestsPerMinute",
  /** Questions of one client about tokens that are none of its business. */
  foreign_tokens: "foreignTokensPerMinute",
} as const satisfies Record<string, keyof Settings>;

/** One thing that is counted: of which kind, and whose. */
export interface BudgetKey {
  readonly kind: keyof typeof BOUNDS;
  /** Network, browser and user, or client id. */
  readonly name: string;
}

/**
 * How often something may happen within a minute (attacks 55 and 85). The counts are in the store:
 * what they bound is rows of the store, or look-ups in it, which all instances share, and a count in
 * each process would let through as many times more as there are processes. Counting is one
 * statement, so that a budget is exact however many ask at once; beside the row that an
 * authorization request writes anyway it costs little. A budget that is used up costs nothing: the
 * process remembers until when, and refuses without asking the store.
 */
export interface RequestBudgets {
  /** Counts one. Throws `too_many_requests` when the minute's number is used up. */
  spend(key: BudgetKey): Promise<void>;
}

const MINUTE_SECONDS = 60;

/** Budgets that one process remembers as used up; past it, the store is asked again. */
const REMEMBERED_MAX = 10_000;

/** Creates the budgets over counts in the store. */
export function createRequestBudgets(
  store: Pick<RecordStore, "addFailure">,
  settings: Settings,
  now: () => number,
): RequestBudgets {
  /** When the minutes of used up budgets end, in Unix seconds. */
  const usedUp = new Map<string, number>();
  return {
    async spend({ kind, name }) {
      const id = `${kind}:${hashSecret(name)}`;
      const known = usedUp.get(id);
      if (known !== undefined && known > now()) throw tooMany(known - now());
      usedUp.delete(id);
      const window = { now: now(), expiresAt: now() + MINUTE_SECONDS };
      const { failures: count, expiresAt } = await store.addFailure(id, window);
      if (count <= settings[BOUNDS[kind]]) return;
      if (usedUp.size >= REMEMBERED_MAX) usedUp.clear();
      usedUp.set(id, expiresAt);
      throw tooMany(expiresAt - now());
    },
  };
}

function tooMany(seconds: number): OAuthError {
  const wait = String(Math.max(1, seconds));
  return new OAuthError("too_many_requests", { headers: { "Retry-After": wait } });
}
