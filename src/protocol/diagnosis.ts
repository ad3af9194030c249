/** Checks that a client assertion passes, by the name under which the audit log speaks of them. */
export const CHECKS = [
  "form",
  "secret",
  "encryption",
  "decryption",
  "header",
  "payload",
  "alg",
  "kid",
  "signature",
  "iss",
  "sub",
  "aud",
  "exp",
  "nbf",
  "iat",
  "jti",
] as const;

/** Name of a check. */
export type Check = (typeof CHECKS)[number];

/**
 * Why a proof was refused, for the operator alone: the audit log has it, the caller hears the row of
 * the catalogue. The reason holds no secret and no token; see {@linkcode shown}.
 */
export class Diagnosis {
  readonly check: Check;
  readonly reason: string;

  constructor(check: Check, reason: string) {
    this.check = check;
    this.reason = reason;
  }
}

/** Longest part of a foreign value that is repeated, in characters. */
const SHOWN_LENGTH_MAX = 100;

/** Beginnings of JWTs and of our own tokens. */
const TOKEN = /eyJ[\w-]{6}|ts[arct]_/;

/**
 * A value of the caller's as a reason may repeat it: as JSON, short, in printable ASCII. What looks
 * like a token is not repeated, since somebody may have put one where a name belongs.
 */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  if (TOKEN.test(text)) return "(what looks like a token)";
  const printable = text.replace(/[^\x20-\x7e]/g, "'");
  return printable.length > SHOWN_LENGTH_MAX
    ? `${printable.slice(0, SHOWN_LENGTH_MAX)}…`
    : printable;
}
