import { availableParallelism } from "node:os";
import type { Settings } from "../protocol/settings.ts";
import { createWaitingLine, type Place } from "./waiting_line.ts";

/** Password hashing by argon2id (decisions D6). */
export interface Passwords {
  hash(password: string): Promise<string>;
  /**
   * Whether the password has the hash; without a hash it costs the same time and is false. The
   * place says for whom it is judged, and so when. Throws `server_busy` when its turn does not come
   * in time, and `too_many_attempts` where that is its own caller's doing.
   */
  verify(password: string, hash: string | null | undefined, place?: Place): Promise<boolean>;
}

/** Parameters of argon2id: 19,456 KiB and two passes, as OWASP advises. */
const ARGON2 = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;

/** Passwords of each rank that may wait to be verified in one process. */
const WAITING_MAX = 1_000;

/**
 * How long a password may wait for its turn, in seconds: once behind others of the same account and
 * once behind all others. Both together end before a grant's time is up, so that waiting is
 * answered as waiting, and not as a plugin that hangs.
 */
export function passwordWaitSeconds(
  settings: Pick<Settings, "passwordWaitSeconds" | "pluginTimeoutSeconds">,
): number {
  return Math.min(settings.passwordWaitSeconds, 0.4 * settings.pluginTimeoutSeconds);
}

/** Creates the service. The decoy for unknown users is hashed once, at the first need. */
export function createPasswords(settings: Settings): Passwords {
  // More at a time than there are cores would only make each of them slower.
  const line = createWaitingLine({
    atOnce: availableParallelism(),
    waitingMax: WAITING_MAX,
    waitSeconds: passwordWaitSeconds(settings),
  });
  let decoy: Promise<string> | undefined;
  return {
    hash: (password) => Bun.password.hash(password, ARGON2),
    verify: (password, hash, place) =>
      line.run(async () => {
        decoy ??= Bun.password.hash(crypto.randomUUID(), ARGON2);
        const matches = await Bun.password.verify(password, hash ?? (await decoy));
        return matches && typeof hash === "string";
      }, place),
  };
}
