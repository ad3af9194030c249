import { DEFAULT_SETTINGS, type Settings } from "../protocol/settings.ts";
import type { Seconds, Store } from "../store/store.ts";
import { type Audit, createAudit } from "./audit.ts";
import { type ClientKeys, createClientKeys } from "./client_keys.ts";
import type { Carrier } from "./deliveries.ts";
import { type KeyRing, openKeyRing } from "./key_ring.ts";
import { createLog, type Log } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { createPasswords, type Passwords } from "./passwords.ts";
import { createRequestBudgets, type RequestBudgets } from "./request_budgets.ts";
import { createSecretUses, type SecretUses } from "./secret_uses.ts";
import type { ServerSecret } from "./server_secret.ts";
import { openPairwiseSalt } from "./subjects.ts";
import { createThrottle, type Throttle } from "./throttle.ts";

/** The value handed to every endpoint and plugin. */
export interface Services {
  /** Public address of the server, without a slash at its end; every URL it states begins with it. */
  readonly issuer: string;
  readonly settings: Settings;
  readonly store: Store;
  readonly secret: ServerSecret;
  readonly keys: KeyRing;
  /** The public keys by which clients prove themselves. */
  readonly clientKeys: ClientKeys;
  /** What hides users behind pairwise subjects, and sessions behind `sid`; the same for ever. */
  readonly pairwiseSalt: string;
  /** When secrets of clients were used. */
  readonly secretUses: SecretUses;
  readonly passwords: Passwords;
  readonly throttle: Throttle;
  readonly budgets: RequestBudgets;
  /** What carries codes to addresses; the server takes them from its plugins. */
  readonly carriers: readonly Carrier[];
  readonly audit: Audit;
  readonly metrics: Metrics;
  readonly log: Log;
  /** The time, from the one clock of this server. */
  readonly now: () => Seconds;
}

/** What services are made of. */
export interface ServiceParts {
  readonly issuer: string;
  readonly store: Store;
  readonly secret: ServerSecret;
  readonly settings?: Partial<Settings>;
  readonly now?: () => Seconds;
  readonly log?: Log;
}

/** Opens all services over a store; makes the first signing keys where there are none. */
export async function openServices(parts: ServiceParts): Promise<Services> {
  const { store, secret, issuer } = parts;
  const settings = { ...DEFAULT_SETTINGS, ...parts.settings };
  const now = parts.now ?? (() => Math.floor(Date.now() / 1000));
  const log = parts.log ?? createLog();
  return {
    issuer,
    settings,
    store,
    secret,
    keys: await openKeyRing({ store, secret, settings, now }),
    clientKeys: createClientKeys(settings, now),
    pairwiseSalt: await openPairwiseSalt(store),
    secretUses: createSecretUses(store, now, log),
    passwords: createPasswords(settings),
    throttle: createThrottle(store, settings, now),
    budgets: createRequestBudgets(store, settings, now),
    carriers: [],
    audit: createAudit(store, now, log),
    metrics: createMetrics(),
    log,
    now,
  };
}
