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

/** Whether the text is one addr-spec that a mail server would take, without display name. */
export function isEmailAddress(text: string): boolean {
  return (
    text.length <= IDENTIFIER_LENGTH_MAX &&
    /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-][A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(
      text,
    )
  );
}

/** Whether a text can be sent as a form parameter at all: not blank, and encodable as UTF-8. */
export function isUsableText(text: string): boolean {
  return text.trim() !== "" && text.isWellFormed();
}

/** What is said of a text that is not usable. */
export const UNUSABLE = "is blank or holds half a character";
