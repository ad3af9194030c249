import { base32crockford } from "@scure/base";

/** Bytes as Crockford base-32 text: upper case, no padding, no check symbol (challenger.md B.5). */
export function toCrockford(bytes: Uint8Array): string {
  return base32crockford.encode(bytes);
}

/**
 * The bytes of a Crockford base-32 text of exactly `length` bytes; lower case is read, and `O`, `I`
 * and `L` are the digits they look like. Undefined for all else, spare bits at the end included.
 */
export function fromCrockford(text: string, length: number): Uint8Array | undefined {
  if (text.length !== Math.ceil((length * 8) / 5)) return undefined;
  try {
    return base32crockford.decode(text);
  } catch {
    return undefined;
  }
}
