import { randomBytes } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  NUMBER_SETTINGS,
  type NumberSettings,
  type Settings,
  TEXT_SETTINGS,
} from "./protocol/settings.ts";

/** Everything that the environment decides, checked. */
export interface Config {
  readonly issuer: string;
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string;
  readonly secret: Uint8Array;
  readonly previousSecret: Uint8Array | undefined;
  readonly settings: Settings;
}

/** Environment variables, as `Bun.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Fewest bytes of a root secret. */
const SECRET_BYTES_MIN = 32;

/**
 * Reads and checks the environment; the one place that does. Throws `TypeError` with the name of
 * the variable and what it should be. Makes the secret file of the embedded default at first start.
 */
export function readConfig(env: Environment, mode: "development" | "production"): Config {
  const port = wholeNumber(env, { variable: "PORT", default: 3000, min: 0, max: 65_535 });
  const databaseUrl = readDatabaseUrl(env);
  return {
    issuer: readIssuer(env, port),
    host: value(env, "HOST") ?? (mode === "development" ? "localhost" : "0.0.0.0"),
    port,
    databaseUrl,
    secret: readSecret(env, databaseUrl),
    previousSecret: optionalSecret(env, TEXT_SETTINGS.previousSecret.variable),
    settings: readSettings(env),
  };
}

/** Lifetimes, limits and choices, each within the bounds of its row. */
export function readSettings(env: Environment): Settings {
  const numbers = Object.fromEntries(
    Object.entries(NUMBER_SETTINGS).map(([name, row]) => [name, wholeNumber(env, row)]),
  ) as NumberSettings;
  const unknownToken = value(env, "REVOCATION_UNKNOWN_TOKEN") ?? "error";
  if (unknownToken !== "error" && unknownToken !== "ok") {
    throw new TypeError("REVOCATION_UNKNOWN_TOKEN must be error or ok");
  }
  const proxies = (value(env, "TRUSTED_PROXIES") ?? "").split(",").map((text) => text.trim());
  return {
    ...numbers,
    trustedProxies: proxies.filter((text) => text !== ""),
    revocationUnknownToken: unknownToken,
    metricsToken: value(env, "METRICS_TOKEN"),
  };
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

function readIssuer(env: Environment, port: number): string {
  const text = value(env, "ISSUER") ?? `http://localhost:${port}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new TypeError(
      "ISSUER must be an http or https URL without query and fragment (RFC 8414 §2)",
    );
  }
  return text.replace(/\/$/, "");
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

/** Reads the secret beside the database, or makes it once, even when several processes start. */
function secretFile(path: string): Uint8Array {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = join(dirname(path), `.secret-${crypto.randomUUID()}`);
  writeFileSync(draft, `${randomBytes(SECRET_BYTES_MIN).toString("base64")}\n`, { mode: 0o600 });
  try {
    chmodSync(draft, 0o600);
    // A link appears whole or fails because another process was first.
    linkSync(draft, path);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(draft);
  }
  return decodeSecret(readFileSync(path, "utf8").trim(), path);
}

function optionalSecret(env: Environment, variable: string): Uint8Array | undefined {
  const text = value(env, variable);
  return text === undefined ? undefined : decodeSecret(text, variable);
}

function decodeSecret(text: string, name: string): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  const isBase64 = /^[A-Za-z0-9+/_-]+={0,2}$/.test(text);
  if (!isBase64 || bytes.length < SECRET_BYTES_MIN) {
    throw new TypeError(
      `${name} must be base64 of at least 32 random bytes: openssl rand -base64 32`,
    );
  }
  return bytes;
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

/** A variable's value; an empty one counts as not set. */
function value(env: Environment, variable: string): string | undefined {
  const text = env[variable]?.trim();
  return text === "" ? undefined : text;
}
