import { AsnConvert } from "@peculiar/asn1-schema";
import { AttributeValue, type Name } from "@peculiar/asn1-x509";

/** One attribute: the dotted OID of its type, and its value as `=text`, or `#hex` where it is no text. */
interface Attribute {
  readonly type: string;
  readonly value: string;
}

/** A distinguished name in the order of the certificate: the broadest part first. */
export type DistinguishedName = readonly (readonly Attribute[])[];

/** Longest distinguished name that may be registered, in characters. */
export const NAME_LENGTH_MAX = 1024;

/** Short names of attribute types, upper case (RFC 4514 §3, RFC 4519 §2, RFC 2985 §5). */
const TYPES: Readonly<Record<string, string>> = {
  CN: "2.5.4.3",
  SN: "2.5.4.4",
  SERIALNUMBER: "2.5.4.5",
  C: "2.5.4.6",
  L: "2.5.4.7",
  ST: "2.5.4.8",
  STREET: "2.5.4.9",
  O: "2.5.4.10",
  OU: "2.5.4.11",
  TITLE: "2.5.4.12",
  DESCRIPTION: "2.5.4.13",
  BUSINESSCATEGORY: "2.5.4.15",
  POSTALCODE: "2.5.4.17",
  NAME: "2.5.4.41",
  GIVENNAME: "2.5.4.42",
  GN: "2.5.4.42",
  INITIALS: "2.5.4.43",
  DNQUALIFIER: "2.5.4.46",
  ORGANIZATIONIDENTIFIER: "2.5.4.97",
  UID: "0.9.2342.19200300.100.1.1",
  DC: "0.9.2342.19200300.100.1.25",
  EMAILADDRESS: "1.2.840.113549.1.9.1",
  E: "1.2.840.113549.1.9.1",
};

const ATTRIBUTE_TYPE = /^ *([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+) *= */;
/** Escaped pairs and bytes, and characters that need no escape (RFC 4514 §3). */
const TEXT_VALUE = /^(?:\\[0-9A-Fa-f]{2}|\\[ "#+,;<=>\\]|[^\\"+,;<>\0])*/;
const HEX_VALUE = /^#((?:[0-9A-Fa-f]{2})+) */;

/**
 * Reads the text of a distinguished name (RFC 4514), whose order is the certificate's turned round.
 * Spaces beside separators are ignored, as RFC 2253 §4 asks. Undefined for what is none.
 */
export function parseDistinguishedName(text: string): DistinguishedName | undefined {
  const names: Attribute[][] = [[]];
  let rest = text;
  for (;;) {
    const found = readAttribute(rest);
    if (!found) return undefined;
    names.at(-1)?.push(found.attribute);
    rest = found.rest;
    if (rest === "") return names.reverse();
    if (rest.startsWith(",")) names.push([]);
    else if (!rest.startsWith("+")) return undefined;
    rest = rest.slice(1);
  }
}

function readAttribute(text: string): { attribute: Attribute; rest: string } | undefined {
  const [start, name] = ATTRIBUTE_TYPE.exec(text) ?? [];
  const type = name !== undefined && /^\d/.test(name) ? name : TYPES[name?.toUpperCase() ?? ""];
  if (start === undefined || type === undefined) return undefined;
  const after = text.slice(start.length);
  const [read, hex] = HEX_VALUE.exec(after) ?? TEXT_VALUE.exec(after) ?? [""];
  const value = hex === undefined ? unescaped(read) : derValue(Buffer.from(hex, "hex"));
  if (value === undefined) return undefined;
  return { attribute: { type, value }, rest: after.slice(read.length) };
}

/** The text without its escapes; undefined where the bytes are no UTF-8, or it begins with a bare `#`. */
function unescaped(escaped: string): string | undefined {
  if (escaped.startsWith("#")) return undefined;
  const trimmed = escaped.replace(/((?:^|[^\\])(?:\\\\)*(?:\\ )?) +$/, "$1");
  const parts = trimmed.match(/\\[0-9A-Fa-f]{2}|\\.|[^\\]+/gs) ?? [];
  const bytes = parts.map((part) => {
    if (/^\\[0-9A-Fa-f]{2}$/.test(part)) return Buffer.from(part.slice(1), "hex");
    return Buffer.from(part.startsWith("\\") ? part.slice(1) : part);
  });
  try {
    return `=${new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(bytes))}`;
  } catch {
    return undefined;
  }
}

function derValue(der: Uint8Array): string | undefined {
  try {
    return textOf(AsnConvert.parse(der, AttributeValue));
  } catch {
    return undefined;
  }
}

/** The subject or issuer of a certificate. */
export function distinguishedNameOf(name: Name): DistinguishedName {
  return [...name].map((parts) =>
    [...parts].map(({ type, value }) => ({ type, value: textOf(value) })),
  );
}

/** A text whatever the kind of its string; for comparing, that is all that counts (RFC 5280 §7.1). */
function textOf({ anyValue, ...texts }: AttributeValue): string {
  const text = Object.values(texts).find((value) => typeof value === "string");
  return text === undefined
    ? `#${Buffer.from(new Uint8Array(anyValue ?? [])).toString("hex")}`
    : `=${text}`;
}

/**
 * Whether two names have the same parts in the same order. Within one part the order of attributes
 * does not count; letters must be the same in case too, since a CA may tell them apart.
 */
export function isSameName(one: DistinguishedName, other: DistinguishedName): boolean {
  const written = (name: DistinguishedName) =>
    JSON.stringify(name.map((part) => part.map(({ type, value }) => type + value).sort()));
  return written(one) === written(other);
}
