/**
 * Every setting, one row each: `config.ts` reads the environment by these rows and the README's
 * table is held to them by a test (decisions D1).
 */

/** One setting that is a whole number. */
export interface NumberSetting {
  /** Name of the environment variable. */
  readonly variable: string;
  readonly unit: "seconds" | "count" | "port";
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly meaning: string;
}

const DAY = 86_400;

const seconds = (variable: string, value: number, meaning: string, bounds: Bounds = {}) =>
  ({
    variable,
    unit: "seconds",
    default: value,
    min: 1,
    max: 3650 * DAY,
    meaning,
    ...bounds,
  }) as const;

const count = (variable: string, value: number, meaning: string, bounds: Bounds = {}) =>
  ({
    variable,
    unit: "count",
    default: value,
    min: 1,
    max: 1_000_000,
    meaning,
    ...bounds,
  }) as const;

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** Lifetimes and limits. The property is the name in code, the row what the operator sees. */
export const NUMBER_SETTINGS = {
  accessTokenLifetimeSeconds: seconds(
    "ACCESS_TOKEN_LIFETIME_SECONDS",
    3600,
    "Life of an access token",
    { max: DAY },
  ),
  idTokenLifetimeSeconds: seconds("ID_TOKEN_LIFETIME_SECONDS", 3600, "Life of an ID token", {
    max: DAY,
  }),
  rptLifetimeSeconds: seconds(
    "RPT_LIFETIME_SECONDS",
    900,
    "Life of a requesting party token (UMA)",
    { max: DAY },
  ),
  codeLifetimeSeconds: seconds("CODE_LIFETIME_SECONDS", 60, "Life of an authorization code", {
    max: 600,
  }),
  refreshTokenIdleSeconds: seconds(
    "REFRESH_TOKEN_IDLE_SECONDS",
    30 * DAY,
    "Life of a refresh token that nobody uses",
  ),
  refreshTokenAbsoluteSeconds: seconds(
    "REFRESH_TOKEN_ABSOLUTE_SECONDS",
    90 * DAY,
    "Life of an authorization, however often it is refreshed",
  ),
  refreshGraceSeconds: seconds(
    "REFRESH_GRACE_SECONDS",
    30,
    "How long a repeated refresh gets the same successor again; 0 is strict",
    { min: 0, max: 600 },
  ),
  refreshGracePublicSeconds: seconds(
    "REFRESH_GRACE_PUBLIC_SECONDS",
    5,
    "The same for public clients without bound tokens",
    { min: 0, max: 600 },
  ),
  sessionIdleSeconds: seconds(
    "SESSION_IDLE_SECONDS",
    8 * 3600,
    "Life of a sign-in session that nobody uses",
  ),
  sessionAbsoluteSeconds: seconds(
    "SESSION_ABSOLUTE_SECONDS",
    7 * DAY,
    "Life of a sign-in session, however often it is used",
  ),
  pushedRequestLifetimeSeconds: seconds(
    "PUSHED_REQUEST_LIFETIME_SECONDS",
    60,
    "Life of a pushed authorization request",
    { max: 600 },
  ),
  ticketLifetimeSeconds: seconds(
    "TICKET_LIFETIME_SECONDS",
    300,
    "Life of a UMA permission ticket",
    { max: DAY },
  ),
  confirmationCodeLifetimeSeconds: seconds(
    "CONFIRMATION_CODE_LIFETIME_SECONDS",
    300,
    "Life of a confirmation code",
    { max: 3600 },
  ),
  challengeLifetimeSeconds: seconds(
    "CHALLENGE_LIFETIME_SECONDS",
    3600,
    "Life of a Challenger process and of its token",
    { max: DAY },
  ),
  addressLifetimeSeconds: seconds(
    "ADDRESS_LIFETIME_SECONDS",
    365 * DAY,
    "How long a validated address counts as validated",
  ),
  loginFailuresMax: count(
    "LOGIN_FAILURES_MAX",
    10,
    "Failed passwords per account within the window before 429",
  ),
  addressFailuresMax: count(
    "ADDRESS_FAILURES_MAX",
    100,
    "Failed passwords per address of public callers in the window before 429",
  ),
  loginWindowSeconds: seconds("LOGIN_WINDOW_SECONDS", 900, "Window in which failures are counted", {
    max: DAY,
  }),
  keyRotationSeconds: seconds(
    "KEY_ROTATION_SECONDS",
    90 * DAY,
    "Age at which a signing key gets its successor",
    { min: 3600 },
  ),
  keyPublishSeconds: seconds(
    "KEY_PUBLISH_SECONDS",
    3600,
    "How long a new signing key is published before it signs",
    { min: 0, max: 30 * DAY },
  ),
  auditRetentionSeconds: seconds(
    "AUDIT_RETENTION_SECONDS",
    365 * DAY,
    "How long audit rows are kept",
    { min: 60 },
  ),
  pluginTimeoutSeconds: seconds(
    "PLUGIN_TIMEOUT_SECONDS",
    10,
    "How long a grant or a client authentication method may think",
    { max: 600 },
  ),
  drainSeconds: seconds("DRAIN_SECONDS", 10, "How long open requests may finish after SIGTERM", {
    min: 0,
    max: 600,
  }),
  postgresConnectionsMax: count(
    "POSTGRES_CONNECTIONS_MAX",
    10,
    "Connections of one instance to Postgres",
    { max: 1000 },
  ),
} as const satisfies Record<string, NumberSetting>;

/** One setting that is text. */
export interface TextSetting {
  readonly variable: string;
  /** What applies when the variable is not set, in words. */
  readonly default: string;
  readonly meaning: string;
}

/** Addresses, secrets and choices. */
export const TEXT_SETTINGS = {
  issuer: {
    variable: "ISSUER",
    default: "http://localhost:$PORT",
    meaning: "Public address, `https://HOST[/PATH]`; every URL begins with it",
  },
  host: {
    variable: "HOST",
    default: "localhost in development, 0.0.0.0 in production",
    meaning: "Address to listen on",
  },
  port: { variable: "PORT", default: "3000", meaning: "Port to listen on" },
  databaseUrl: {
    variable: "DATABASE_URL",
    default: "sqlite:.data/tessera.db",
    meaning: "`sqlite:PATH` or `postgres://…`",
  },
  secret: {
    variable: "TESSERA_SECRET",
    default: "SQLite: a file beside it",
    meaning: "Root secret: base64 of at least 32 random bytes; Postgres needs it",
  },
  previousSecret: {
    variable: "TESSERA_SECRET_PREVIOUS",
    default: "none",
    meaning: "The secret before, still read while new seals use the current one",
  },
  trustedProxies: {
    variable: "TRUSTED_PROXIES",
    default: "none",
    meaning: "IP addresses and CIDR ranges, separated by commas, whose X-Forwarded-For is believed",
  },
  revocationUnknownToken: {
    variable: "REVOCATION_UNKNOWN_TOKEN",
    default: "error",
    meaning: "`error` answers 400 to a token never issued, `ok` RFC 7009's 200",
  },
  metricsToken: {
    variable: "METRICS_TOKEN",
    default: "none",
    meaning: "Bearer token, 16 characters or more, that lets other machines read /metrics",
  },
} as const satisfies Record<string, TextSetting>;

/** The numbers in force. */
export type NumberSettings = { readonly [K in keyof typeof NUMBER_SETTINGS]: number };

/** The settings that services and endpoints need; addresses and secrets stay with `config.ts`. */
export interface Settings extends NumberSettings {
  readonly trustedProxies: readonly string[];
  readonly revocationUnknownToken: "error" | "ok";
  readonly metricsToken: string | undefined;
}

/** Every lifetime and limit at its default; embedders and tests spread it. */
export const DEFAULT_SETTINGS: Settings = {
  ...(Object.fromEntries(
    Object.entries(NUMBER_SETTINGS).map(([name, setting]) => [name, setting.default]),
  ) as NumberSettings),
  trustedProxies: [],
  revocationUnknownToken: "error",
  metricsToken: undefined,
};
