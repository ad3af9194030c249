import type { ClientSecret, ClientStore } from "../store/clients.ts";
import { kindOf, type Log } from "./log.ts";

/** Notes when secrets of clients were used, for the operator's eyes. */
export interface SecretUses {
  /** Remembers a use; nothing is written, so that no request waits for it or fails with it. */
  note(secret: ClientSecret): void;
  /** Writes what was remembered. What a database refuses raises a log line, and is for the next time. */
  flush(): Promise<void>;
}

/** How often the use of one secret is written down, in seconds. */
const USE_NOTED_SECONDS = 3600;

/** Secrets remembered at a time; what comes past it is noted at its next use. */
const USES_MAX = 10_000;

/**
 * Opens the notes of this process. They are written with each sweep and at the end of the process,
 * once an hour for each secret at most; a crash loses the last minute's.
 */
export function createSecretUses(store: ClientStore, now: () => number, log: Log): SecretUses {
  const uses = new Map<string, { readonly clientId: string; readonly at: number }>();
  const isStale = ({ lastUsedAt }: ClientSecret) =>
    lastUsedAt === null || lastUsedAt <= now() - USE_NOTED_SECONDS;
  return {
    note(secret) {
      if (!isStale(secret) || uses.size >= USES_MAX) return;
      uses.set(secret.id, { clientId: secret.clientId, at: now() });
    },
    async flush() {
      try {
        for (const [id, use] of [...uses]) {
          const { clientId, at } = use;
          await store.noteSecretUse({ id, clientId, at, before: at - USE_NOTED_SECONDS });
          if (uses.get(id) === use) uses.delete(id);
        }
      } catch (error) {
        log("error", "client.secret_use_unnoted", { kind: kindOf(error) });
      }
    },
  };
}
