import type { Params } from "./form.ts";
import { isEmailAddress, isPhoneNumber, normalizeIdentifier } from "./identifier.ts";
import { malformedParameter, missingParameter } from "./oauth_error.ts";

/** Fields of each type of address, in the order in which they are asked (challenger.md B.2). */
export const ADDRESS_TYPES = {
  email: ["CONTACT_EMAIL"],
  phone: ["CONTACT_PHONE"],
  postal: ["CONTACT_NAME", "ADDRESS_LINES", "ADDRESS_COUNTRY"],
  "postal-ch": ["CONTACT_NAME", "ADDRESS_LINES"],
} as const;

/** A type of address. */
export type AddressType = keyof typeof ADDRESS_TYPES;

/** Name of an address field. */
export type AddressField = (typeof ADDRESS_TYPES)[AddressType][number];

/** Every type of address. */
export const ADDRESS_TYPE_NAMES = Object.keys(ADDRESS_TYPES) as readonly AddressType[];

/** One clean address: exactly the fields of its type, each in its normal form. */
export type Address = Readonly<Record<string, string>>;

/** The one field that holds several lines. */
export const MULTILINE_FIELDS: ReadonlySet<string> = new Set(["ADDRESS_LINES"]);

/** Most lines of a postal address, and most characters of each and of a name or country. */
export const ADDRESS_LINES_MAX = 8;

/** Most characters of a line of a postal address, of a name and of a country. */
export const ADDRESS_LINE_LENGTH_MAX = 100;

/** Longest value of any field, as it is typed. */
export const ADDRESS_VALUE_LENGTH_MAX = 1024;

/**
 * The address that the fields hold, in normal form; unknown fields are left out. Throws
 * `parameter_missing` or `parameter_malformed` with the field's name: nothing but one clean address
 * ever reaches a delivery (decisions D8). What a restriction of the operator's refuses is
 * `createAddressRules`' to say.
 */
export function readAddress(type: AddressType, given: Params): Address {
  const pairs = ADDRESS_TYPES[type].map((field) => {
    const value = given.get(field);
    if (value === undefined || value.trim() === "") throw missingParameter(field);
    const normal = normalField(field, value);
    if (normal === undefined) throw malformedParameter(field);
    return [field, normal] as const;
  });
  return Object.fromEntries(pairs);
}

/**
 * One field in its normal form; undefined when it is not clean. A mail address keeps the case of its
 * local part, which its server may mind, and loses that of its domain (RFC 5321 §2.4).
 */
export function normalField(field: AddressField, value: string): string | undefined {
  if (value.length > ADDRESS_VALUE_LENGTH_MAX || !value.isWellFormed()) return undefined;
  switch (field) {
    case "CONTACT_EMAIL":
      return hasControl(value) ? undefined : normalEmail(value.trim());
    case "CONTACT_PHONE":
      return hasControl(value) ? undefined : normalPhone(value.trim());
    case "ADDRESS_LINES":
      return normalLines(value);
    default:
      return normalLine(value);
  }
}

/** Whether two addresses are the same, field by field. */
export function isSameAddress(one: Address, other: Address): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
  );
}

function normalEmail(text: string): string | undefined {
  if (!isEmailAddress(text)) return undefined;
  const at = text.lastIndexOf("@");
  return `${text.slice(0, at)}@${text.slice(at + 1).toLowerCase()}`;
}

/** A tab too, which forms may hold elsewhere (decisions D8). */
function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

/** `(0)` is the digit that is dialled at home alone: with it the number would be somebody else's. */
function normalPhone(text: string): string | undefined {
  if (/\(\s*0\s*\)/.test(text)) return undefined;
  const number = normalizeIdentifier(text);
  return isPhoneNumber(number) ? number : undefined;
}

/** Lines separated by line feeds, without empty ones around them and between them. */
function normalLines(text: string): string | undefined {
  const lines = text
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== "")
    .map(normalLine);
  const clean = lines.every((line) => line !== undefined);
  return clean && lines.length > 0 && lines.length <= ADDRESS_LINES_MAX
    ? lines.join("\n")
    : undefined;
}

/** One line: no controls, no characters that reorder or hide others, no hyphen that a program takes for an option. */
function normalLine(text: string): string | undefined {
  const line = text
    .normalize("NFC")
    .replace(/[ \u00a0]+/g, " ")
    .trim();
  const isPlain = !/[\p{Cc}\p{Cf}\u2028\u2029\p{Co}\p{Cn}]/u.test(line);
  const isShort = line !== "" && line.length <= ADDRESS_LINE_LENGTH_MAX;
  return isPlain && isShort && !line.startsWith("-") ? line : undefined;
}
