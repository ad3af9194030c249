import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Fewest bytes of a root secret. */
export const SECRET_BYTES_MIN = 32;

/** Reads the secret beside the database, or makes it once, even when several processes start. */
export function secretFile(path: string): Uint8Array {
  try {
    return readSecretFile(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  makeSecretFile(path);
  return readSecretFile(path);
}

function readSecretFile(path: string): Uint8Array {
  const file = openSync(path, "r");
  try {
    // Windows has no such bits and shows them as set.
    if (process.platform !== "win32" && (fstatSync(file).mode & 0o077) !== 0) {
      throw new TypeError(
        `${path} is open to other users of this machine, who may know it: replace it, or if not, chmod 600 it`,
      );
    }
    return decodeSecret(readFileSync(file, "utf8").trim(), path);
  } finally {
    closeSync(file);
  }
}

function makeSecretFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = join(dirname(path), `.secret-${crypto.randomUUID()}`);
  writeFileSync(draft, `${randomBytes(SECRET_BYTES_MIN).toString("base64")}\n`, { mode: 0o600 });
  try {
    chmodSync(draft, 0o600);
    // A link appears whole or fails because another process was first.
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    unlinkSync(draft);
  }
}

const codeOf = (error: unknown) => (error as { code?: unknown }).code;

/** A root secret out of its base64. Throws `TypeError` that names where it stands. */
export function decodeSecret(text: string, name: string): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  const isBase64 = /^[A-Za-z0-9+/_-]+={0,2}$/.test(text);
  if (!isBase64 || bytes.length < SECRET_BYTES_MIN) {
    throw new TypeError(
      `${name} must be base64 of at least 32 random bytes: openssl rand -base64 32`,
    );
  }
  return bytes;
}
