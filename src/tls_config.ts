import { readFileSync, statSync } from "node:fs";
import { parsePemCertificates } from "./protocol/certificate.ts";

/** Where the TLS listener of our own listens, and with what. */
export interface TlsListenerConfig {
  readonly port: number;
  /** Paths of PEM files, read when the listener starts. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** The value of an environment variable, undefined where it is not set. */
type Lookup = (variable: string) => string | undefined;

/** The listener; undefined without TLS_PORT. Throws `TypeError` that names the variable at fault. */
export function readTlsListener(look: Lookup): TlsListenerConfig | undefined {
  const [text, certFile, keyFile] = ["TLS_PORT", "TLS_CERT_FILE", "TLS_KEY_FILE"].map(look);
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535)
    throw new TypeError("TLS_PORT must be a whole number from 1 to 65535");
  if (certFile === undefined || keyFile === undefined) {
    throw new TypeError("TLS_PORT needs TLS_CERT_FILE and TLS_KEY_FILE");
  }
  return { port, certFile, keyFile };
}

/** How often the file of CAs is looked at, in milliseconds. */
const LOOK_MS = 1000;

/**
 * Gives the text of TLS_CLIENT_CAS, empty without it. The file is read again within a second of a
 * change, so that who takes a CA out of it is heard without a restart (attack 44); one that is gone
 * or holds no certificates any more changes nothing. Throws `TypeError` for a file that never did.
 */
export function readClientCas(look: Lookup): () => string {
  const path = look("TLS_CLIENT_CAS");
  if (path === undefined) return () => "";
  let text = readCas(path);
  let mark = markOf(path);
  let lookedAt = performance.now();
  return () => {
    if (performance.now() - lookedAt < LOOK_MS) return text;
    lookedAt = performance.now();
    const found = markOf(path);
    if (found === mark) return text;
    mark = found;
    text = readChangedCas(path) ?? text;
    return text;
  };
}

/** What tells one state of a file from the next; undefined where there is none. */
function markOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.ino} ${stats.mtimeMs} ${stats.size}`;
}

function readChangedCas(path: string): string | undefined {
  try {
    return readCas(path);
  } catch {
    return undefined;
  }
}

function readCas(path: string): string {
  const pem = readPem("TLS_CLIENT_CAS", path);
  let count: number;
  try {
    count = parsePemCertificates(pem).length;
  } catch (error) {
    throw new TypeError(`TLS_CLIENT_CAS: ${(error as Error).message}`);
  }
  if (count === 0) throw new TypeError("TLS_CLIENT_CAS must be a PEM file with certificates");
  return pem;
}

/** The text of a PEM file. Throws `TypeError` with the variable's name where it cannot be read. */
export function readPem(variable: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new TypeError(`${variable}: the file ${path} cannot be read`);
  }
}

/** Base of the endpoints that ask for certificates. Throws `TypeError` unless it is a plain https address. */
export function readMtlsUrl(look: Lookup): string | undefined {
  const text = look("MTLS_URL")?.replace(/\/$/, "");
  if (text === undefined) return undefined;
  if (!/^https:\/\/[^/?#@]+(\/[^/?#]+)*$/.test(text) || !URL.canParse(text)) {
    throw new TypeError("MTLS_URL must be https://HOST or https://HOST/PATH (RFC 8705 §5)");
  }
  return text;
}
