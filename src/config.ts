import { randomBytes } from "node:crypto";
import { readDeliverySettings } from "./delivery_config.ts";
import { choice, type Environment, list, value } from "./environment.ts";
import { addressRanges } from "./http/peer.ts";
import { ADDRESS_TYPE_NAMES } from "./protocol/address.ts";
import {
  NUMBER_SETTINGS,
  type NumberSettings,
  type Settings,
  TEXT_SETTINGS,
} from "./protocol/settings.ts";
import { CERTIFICATE_HEADERS } from "./protocol/tls_settings.ts";
import { decodeSecret, SECRET_BYTES_MIN, secretFile } from "./secret_file.ts";
import {
  readClientCas,
  readMtlsUrl,
  readTlsListener,
  type TlsListenerConfig,
} from "./tls_config.ts";

/** Everything that the environment decides, checked. */
export interface Config {
  readonly issuer: string;
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string;
  readonly secret: Uint8Array;
  readonly previousSecret: Uint8Array | undefined;
  readonly settings: Settings;
  /** The TLS listener beside the plain one; undefined without one. */
  readonly tls: TlsListenerConfig | undefined;
}

export type { Environment } from "./environment.ts";

/** Fewest characters of the bearer token for /metrics, which is as good as a password. */
const METRICS_TOKEN_LENGTH_MIN = 16;

/**
 * Reads and checks the environment; the one place that does. Throws `TypeError` with the name of
 * the variable and what it should be. Makes the secret file of the embedded default at first start.
 */
export function readConfig(env: Environment, mode: Mode): Config {
  const port = wholeNumber(env, { variable: "PORT", default: 3000, min: 1, max: 65_535 });
  const databaseUrl = readDatabaseUrl(env);
  return {
    issuer: readIssuer(env, port),
    host: value(env, "HOST") ?? (mode === "development" ? "localhost" : "0.0.0.0"),
    port,
    databaseUrl,
    secret: readSecret(env, databaseUrl),
    previousSecret: optionalSecret(env, TEXT_SETTINGS.previousSecret.variable),
    settings: readSettings(env, mode),
    tls: readTlsListener((variable) => value(env, variable)),
  };
}

/** What the server runs as: development sends codes to the console where nothing is configured. */
export type Mode = "development" | "production";

/** Lifetimes, limits and choices, each within the bounds of its row. */
export function readSettings(env: Environment, mode: Mode = "production"): Settings {
  const numbers = Object.fromEntries(
    Object.entries(NUMBER_SETTINGS).map(([name, row]) => [name, wholeNumber(env, row)]),
  ) as NumberSettings;
  const color = value(env, "BRAND_COLOR") ?? TEXT_SETTINGS.brandColor.default;
  if (!/^#[0-9a-fA-F]{6}$/.test(color)) throw new TypeError("BRAND_COLOR must be #rrggbb");
  const challengerAddressType = choice(env, "CHALLENGER_ADDRESS_TYPE", [
    TEXT_SETTINGS.challengerAddressType.default,
    ...ADDRESS_TYPE_NAMES,
  ]);
  const usualDelivery = mode === "development" ? "console" : "off";
  return {
    ...numbers,
    ...readDeliverySettings(env, usualDelivery, challengerAddressType),
    trustedProxies: readTrustedProxies(env),
    revocationUnknownToken: choice(env, "REVOCATION_UNKNOWN_TOKEN", ["error", "ok"]),
    dpopNonce: choice(env, "DPOP_NONCE", ["off", "required"]),
    metricsToken: readMetricsToken(env),
    brand: {
      name: value(env, "BRAND_NAME") ?? TEXT_SETTINGS.brandName.default,
      logoPath: value(env, "BRAND_LOGO"),
      color,
    },
    registration: choice(env, "REGISTRATION", ["off", "open", "token"]),
    registrationScopes: (
      value(env, "REGISTRATION_SCOPES") ?? TEXT_SETTINGS.registrationScopes.default
    ).split(/ +/),
    registrationResources: list(env, "REGISTRATION_RESOURCES"),
    outgoingPrivateHosts: list(env, "OUTGOING_PRIVATE_HOSTS"),
    clientCertificateHeader: choice(env, "CLIENT_CERTIFICATE_HEADER", CERTIFICATE_HEADERS),
    tlsClientCas: readClientCas((variable) => value(env, variable)),
    mtlsUrl: readMtlsUrl((variable) => value(env, variable)),
    umaClaimTokenIssuers: readClaimTokenIssuers(env),
    challengerPrefix: readChallengerPrefix(env),
    challengerAddressType,
    challengerAddressHint:
      value(env, "CHALLENGER_ADDRESS_HINT") ?? TEXT_SETTINGS.challengerAddressHint.default,
  };
}

/** A path of plain segments, `/` alone, or undefined for `off`. */
function readChallengerPrefix(env: Environment): string | undefined {
  const prefix = value(env, "CHALLENGER_PREFIX") ?? TEXT_SETTINGS.challengerPrefix.default;
  if (prefix === "off") return undefined;
  if (!/^\/([\w~-]+(\/[\w~-]+)*)?$/.test(prefix)) {
    throw new TypeError("CHALLENGER_PREFIX must be a path such as /challenger, / alone, or off");
  }
  return prefix;
}

function readTrustedProxies(env: Environment): readonly string[] {
  const proxies = list(env, "TRUSTED_PROXIES");
  try {
    addressRanges(proxies);
  } catch (error) {
    throw new TypeError(`TRUSTED_PROXIES: ${(error as Error).message}`);
  }
  return proxies;
}

function readMetricsToken(env: Environment): string | undefined {
  const token = value(env, "METRICS_TOKEN");
  if (token !== undefined && token.length < METRICS_TOKEN_LENGTH_MIN) {
    throw new TypeError(
      `METRICS_TOKEN must have at least ${METRICS_TOKEN_LENGTH_MIN} characters: openssl rand -base64 32`,
    );
  }
  return token;
}

/** Issuers are compared character by character, and their documents are fetched below them. */
function readClaimTokenIssuers(env: Environment): readonly string[] {
  const issuers = list(env, TEXT_SETTINGS.umaClaimTokenIssuers.variable);
  const wrong = issuers.find((issuer) => !/^https?:\/\/[^/?#@]+(\/[^?#]*)?$/.test(issuer));
  if (wrong !== undefined) {
    throw new TypeError(
      "UMA_CLAIM_TOKEN_ISSUERS must be issuers such as https://idp.example, as their tokens state them in iss",
    );
  }
  return issuers;
}

/** `DATABASE_URL`, or an SQLite file under `.data/`. */
function readDatabaseUrl(env: Environment): string {
  const url = value(env, "DATABASE_URL") ?? TEXT_SETTINGS.databaseUrl.default;
  if (!/^(sqlite:.|postgres(ql)?:\/\/.)/.test(url)) {
    throw new TypeError(
      "DATABASE_URL must be sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE",
    );
  }
  return url;
}

/**
 * Clients compare the issuer character by character (RFC 8414 §3.3), and libraries normalize it
 * first, so that only a URL which normalizing leaves alone is the same to all.
 */
function readIssuer(env: Environment, port: number): string {
  const text = value(env, "ISSUER");
  if (text === undefined) return new URL(`http://localhost:${port}`).origin;
  const issuer = text.replace(/\/$/, "");
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  const isPlain = /^https?:\/\/[^/?#@]+(\/[^/?#]+)*$/.test(issuer);
  if (!isPlain || (issuer !== url?.href && `${issuer}/` !== url?.href)) {
    throw new TypeError(
      "ISSUER must be https://HOST or https://HOST/PATH (or http) as a browser prints it, without user, query and fragment (RFC 8414 §2)",
    );
  }
  return issuer;
}

function readSecret(env: Environment, databaseUrl: string): Uint8Array {
  const given = optionalSecret(env, TEXT_SETTINGS.secret.variable);
  if (given) return given;
  if (!databaseUrl.startsWith("sqlite:")) {
    throw new TypeError(
      "TESSERA_SECRET is needed with Postgres, the same on every instance: openssl rand -base64 32",
    );
  }
  const path = databaseUrl.slice("sqlite:".length);
  return path === ":memory:" ? randomBytes(SECRET_BYTES_MIN) : secretFile(`${path}.secret`);
}

function optionalSecret(env: Environment, variable: string): Uint8Array | undefined {
  const text = value(env, variable);
  return text === undefined ? undefined : decodeSecret(text, variable);
}

interface NumberRow {
  readonly variable: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

function wholeNumber(env: Environment, { variable, default: usual, min, max }: NumberRow): number {
  const text = value(env, variable);
  if (text === undefined) return usual;
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max)) {
    throw new TypeError(`${variable} must be a whole number from ${min} to ${max}`);
  }
  return number;
}
