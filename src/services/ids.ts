import { createHash, timingSafeEqual } from "node:crypto";

/** A new id that sorts by time (UUIDv7, RFC 9562 §5.7). */
export function newId(): string {
  return Bun.randomUUIDv7();
}

/**
 * Whether the text is written as our ids are. Whatever else stands in a URL is nobody's id, and the
 * store need not be asked; Postgres even fails at a NUL.
 */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/** SHA-256 of a secret in hex: the only form in which the store sees it. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Whether a presented secret has the stored hash, in time that does not depend on either. */
export function isSecretOf(hash: string, presented: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(presented), "hex"), Buffer.from(hash, "hex"));
}
