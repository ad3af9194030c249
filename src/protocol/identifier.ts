/** Longest login name, phone number or e-mail address, in characters. */
export const IDENTIFIER_LENGTH_MAX = 320;

/**
 * The form in which a login name is stored and looked up, so that logins, phone numbers and e-mail
 * addresses share one namespace: an address is compared without case, a number without its
 * separators, any other login exactly.
 */
export function normalizeIdentifier(identifier: string): string {
  const text = identifier.trim().normalize("NFC");
  if (text.includes("@")) return text.toLowerCase();
  if (/^\+[\d ()./-]+$/.test(text)) return text.replace(/[^+\d]/g, "");
  return text;
}

/** Whether the text is an E.164 number: a plus and at most fifteen digits. */
export function isPhoneNumber(text: string): boolean {
  return /^\+[1-9]\d{6,14}$/.test(text);
}

/** Words of the local part, with dots between them (RFC 5322 §3.2.3). */
const DOT_ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

/** Labels of a host name, each of at most 63 characters, with dots between them (RFC 1123 §2.1). */
const HOST_NAME =
  /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/** Longest local part and longest domain, in characters (RFC 5321 §4.5.3.1). */
const MAIL_LENGTHS_MAX = { local: 64, domain: 255 } as const;

/**
 * Whether the text is one addr-spec that a mail server would take, without display name. One that
 * begins with a hyphen is refused: a delivery command could take it for an option (decisions D8).
 */
export function isEmailAddress(text: string): boolean {
  const at = text.lastIndexOf("@");
  const [local, domain] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  return (
    !text.startsWith("-") &&
    local.length <= MAIL_LENGTHS_MAX.local &&
    domain.length <= MAIL_LENGTHS_MAX.domain &&
    DOT_ATOM.test(local) &&
    HOST_NAME.test(domain)
  );
}

/** Whether a text can be sent as a form parameter at all: not blank, and encodable as UTF-8. */
export function isUsableText(text: string): boolean {
  return text.trim() !== "" && text.isWellFormed();
}

/** What is said of a text that is not usable. */
export const UNUSABLE = "is blank or holds half a character";
