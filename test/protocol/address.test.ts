import { describe, expect, test } from "bun:test";
import {
  ADDRESS_LINE_LENGTH_MAX,
  ADDRESS_LINES_MAX,
  type AddressType,
  isSameAddress,
  readAddress,
} from "../../src/protocol/address.ts";
import { OAuthError } from "../../src/protocol/oauth_error.ts";

const read = (type: AddressType, fields: Record<string, string>) =>
  readAddress(type, new Map(Object.entries(fields)));

/** The name of the field at fault, and the Taler number. */
function faultOf(type: AddressType, fields: Record<string, string>) {
  try {
    return read(type, fields);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return [error.parameter, error.row.taler];
  }
}

describe("one addr-spec (decisions D8)", () => {
  test.each([
    ["ada@mail.example", "ada@mail.example"],
    ["  Ada.Lovelace+x@Mail.EXAMPLE ", "Ada.Lovelace+x@mail.example"],
    ["o'hara@mail.example", "o'hara@mail.example"],
  ])("%p is %p", (given, normal) => {
    expect(read("email", { CONTACT_EMAIL: given })).toEqual({ CONTACT_EMAIL: normal });
  });

  test.each([
    "ada",
    "ada@mail.example,eve@evil.example",
    "ada@mail.example eve@evil.example",
    "Ada <ada@mail.example>",
    "<ada@mail.example>",
    '"Ada"@mail.example',
    "ada@mail.example\r\nBcc: eve@evil.example",
    "ada@mail.example\nRCPT TO:<eve@evil.example>",
    "ada\u0000@mail.example",
    "\tada@mail.example",
    "ada@mail.example\n",
    "\u0085ada@mail.example",
    "ada\u202e@mail.example",
    "-oQ/tmp@mail.example",
    "--help@mail.example",
    "ada@-mail.example",
    "ada@[127.0.0.1]",
    "ada@mail.example;touch x",
    "ada@mail.example|x",
    "ada(comment)@mail.example",
    "ada@mail..example",
    ".ada@mail.example",
    "ada@mäil.example",
    "\ud800@mail.example",
    `${"a".repeat(65)}@mail.example`,
    `a@${"b".repeat(64)}.example`,
    `a@${"b.".repeat(600)}example`,
  ])("%p is malformed", (given) => {
    expect(faultOf("email", { CONTACT_EMAIL: given })).toEqual(["CONTACT_EMAIL", 26]);
  });
});

describe("one E.164 number (decisions D8)", () => {
  test.each(["+41791234567", "+41 79 123 45 67", "+41 (79) 123-45-67", " +41.79/1234567 "])(
    "%p is +41791234567",
    (given) => {
      expect(read("phone", { CONTACT_PHONE: given })).toEqual({ CONTACT_PHONE: "+41791234567" });
    },
  );

  test.each([
    // What is dialled at home alone: with it, the number is another one.
    "+41 (0)79 123 45 67",
    "+44( 0 )20 7946 0958",
    "\t+41791234567",
    "+41791234567\r\n",
    "079 123 45 67",
    "0041791234567",
    "+0791234567",
    "+41791234567,+41791234568",
    "+41791234567;+41791234568",
    "-41791234567",
    "+4179123456789012",
    "+41",
    "+41\u00a079",
    "+４１７９１２３４５６７",
    "tel:+41791234567",
  ])("%p is malformed", (given) => {
    expect(faultOf("phone", { CONTACT_PHONE: given })).toEqual(["CONTACT_PHONE", 26]);
  });
});

describe("a postal address", () => {
  const POSTAL = {
    CONTACT_NAME: " Ada   Lovelace ",
    ADDRESS_LINES: "12 St James's Square,\r\n\r\n  London SW1Y 4JH ",
    ADDRESS_COUNTRY: "United Kingdom",
  };

  test("has its lines apart by line feeds, and its white space in order", () => {
    expect(read("postal", POSTAL)).toEqual({
      CONTACT_NAME: "Ada Lovelace",
      ADDRESS_LINES: "12 St James's Square,\nLondon SW1Y 4JH",
      ADDRESS_COUNTRY: "United Kingdom",
    });
  });

  test("of Switzerland needs no country, and keeps none", () => {
    expect(Object.keys(read("postal-ch", POSTAL))).toEqual(["CONTACT_NAME", "ADDRESS_LINES"]);
  });

  test.each(["CONTACT_NAME", "ADDRESS_LINES", "ADDRESS_COUNTRY"])("lacks its %s", (name) => {
    expect(faultOf("postal", { ...POSTAL, [name]: " \n" })).toEqual([name, 25]);
    const { [name as keyof typeof POSTAL]: _, ...rest } = POSTAL;
    expect(faultOf("postal", rest)).toEqual([name, 25]);
  });

  test.each([
    ["CONTACT_NAME", "Ada\nLovelace"],
    ["CONTACT_NAME", "-x"],
    ["CONTACT_NAME", "Ada\u0000"],
    ["CONTACT_NAME", "\u202eadA"],
    ["CONTACT_NAME", "a".repeat(ADDRESS_LINE_LENGTH_MAX + 1)],
    ["ADDRESS_LINES", "a\tb"],
    ["ADDRESS_LINES", "Street 1\n--to=x"],
    ["ADDRESS_LINES", "a\u2028b"],
    ["ADDRESS_LINES", "a\n".repeat(ADDRESS_LINES_MAX + 1)],
    ["ADDRESS_LINES", "a".repeat(ADDRESS_LINE_LENGTH_MAX + 1)],
    ["ADDRESS_LINES", `${"\n".repeat(2000)}a`],
    ["ADDRESS_COUNTRY", "a\u001bb"],
  ])("%s %p is malformed", (name, value) => {
    expect(faultOf("postal", { ...POSTAL, [name]: value })).toEqual([name, 26]);
  });

  test("with as many lines as there may be is taken", () => {
    const lines = Array.from({ length: ADDRESS_LINES_MAX }, () => "a".repeat(100)).join("\n");
    expect(read("postal", { ...POSTAL, ADDRESS_LINES: lines })["ADDRESS_LINES"]).toBe(lines);
  });
});

test("addresses are the same field by field", () => {
  const one = { CONTACT_NAME: "a", ADDRESS_LINES: "b" };
  expect(isSameAddress(one, { ADDRESS_LINES: "b", CONTACT_NAME: "a" })).toBe(true);
  expect(isSameAddress(one, { ...one, ADDRESS_LINES: "c" })).toBe(false);
  expect(isSameAddress(one, { CONTACT_NAME: "a" })).toBe(false);
  expect(isSameAddress({ CONTACT_NAME: "a" }, one)).toBe(false);
});
