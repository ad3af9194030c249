import { count, DAY, type NumberSetting, seconds } from "./number_setting.ts";
import { DOCUMENT_MAX_AGE_SECONDS } from "./server_metadata.ts";

/** Limits and schedules. The property is the name in code, the row what the operator sees. */
export const LIMIT_SETTINGS = {
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
  passwordWaitSeconds: seconds(
    "PASSWORD_WAIT_SECONDS",
    4,
    "How long a password waits its turn; at most 2/5 of PLUGIN_TIMEOUT_SECONDS",
    { max: 240 },
  ),
  addressRequestsPerMinute: count(
    "ADDRESS_REQUESTS_PER_MINUTE",
    1000,
    "Authorization requests of an address or known browser before 429",
  ),
  clientRequestsPerMinute: count(
    "CLIENT_REQUESTS_PER_MINUTE",
    6000,
    "Requests a client pushes, or processes it begins, before 429",
  ),
  foreignTokensPerMinute: count(
    "FOREIGN_TOKENS_PER_MINUTE",
    6000,
    "Others' tokens, not meant for it, that one client asks about before 429",
  ),
  interactionLifetimeSeconds: seconds(
    "INTERACTION_LIFETIME_SECONDS",
    3600,
    "How long a user may take to sign in and consent",
    { max: DAY },
  ),
  challengeResendSeconds: seconds(
    "CHALLENGE_RESEND_SECONDS",
    30,
    "Pause before Challenger sends another PIN to the same address",
    { min: 0, max: 3600 },
  ),
  challengePinsPerHour: count(
    "CHALLENGE_PINS_PER_HOUR",
    10,
    "PINs that Challenger sends to one address within an hour, whoever asks",
    { max: 1000 },
  ),
  confirmationCodesPerHour: count(
    "CONFIRMATION_CODES_PER_HOUR",
    3,
    "Confirmation codes sent to one address within an hour",
    { max: 100 },
  ),
  initialAccessTokenLifetimeSeconds: seconds(
    "INITIAL_ACCESS_TOKEN_LIFETIME_SECONDS",
    7 * DAY,
    "Life of an initial access token for registration",
  ),
  assertionLifetimeSeconds: seconds(
    "ASSERTION_LIFETIME_SECONDS",
    300,
    "How far ahead the `exp` of a client assertion may be",
    { max: 3600 },
  ),
  clientKeysSeconds: seconds(
    "CLIENT_KEYS_SECONDS",
    300,
    "How long keys of a client's jwks_uri are used before they are read again",
    { min: 30, max: DAY },
  ),
  outgoingTimeoutSeconds: seconds(
    "OUTGOING_TIMEOUT_SECONDS",
    5,
    "How long a request of ours to another server may take",
    { max: 60 },
  ),
  deliveryTimeoutSeconds: seconds(
    "DELIVERY_TIMEOUT_SECONDS",
    15,
    "How long a carrier of codes may take",
    { max: 60 },
  ),
  keyRotationSeconds: seconds(
    "KEY_ROTATION_SECONDS",
    90 * DAY,
    "Age at which a key of the server gets its successor",
    { min: 3600 },
  ),
  keyPublishSeconds: seconds(
    "KEY_PUBLISH_SECONDS",
    3600,
    "How long a new key waits, a signing one published, before it is used",
    { min: 2 * DOCUMENT_MAX_AGE_SECONDS, max: 30 * DAY },
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
