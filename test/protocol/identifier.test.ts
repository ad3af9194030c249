import { describe, expect, test } from "bun:test";
import {
  isEmailAddress,
  isPhoneNumber,
  normalizeIdentifier,
} from "../../src/protocol/identifier.ts";

describe("normalizeIdentifier() (decisions D6: one namespace)", () => {
  test.each([
    ["ada", "ada"],
    ["Ada", "Ada"],
    [" ada ", "ada"],
    ["Ada@Example.ORG", "ada@example.org"],
    ["+49 (170) 123-45.67/8", "+4917012345678"],
    ["+491701234567", "+491701234567"],
    ["00491701234567", "00491701234567"],
    ["+49 170 x", "+49 170 x"],
    ["cafe\u0301", "caf\u00e9"],
    ["", ""],
  ])("%p becomes %p", (text, normal) => {
    expect(normalizeIdentifier(text)).toBe(normal);
  });

  test("is stable", () => {
    for (const text of ["Ada@X.org", " +49 170 1 ", "cafe\u0301", "\u00c5@x"]) {
      const once = normalizeIdentifier(text);
      expect(normalizeIdentifier(once)).toBe(once);
    }
  });
});

describe("isPhoneNumber() (E.164)", () => {
  test.each([
    ["+491701234567", true],
    ["+123456789012345", true],
    ["+1234567890123456", false],
    ["+0123456789", false],
    ["491701234567", false],
    ["+49 170", false],
    ["+49170123456\n", false],
    ["-h", false],
    ["", false],
  ])("%p: %p", (text, is) => {
    expect(isPhoneNumber(text)).toBe(is);
  });
});

describe("isEmailAddress() (one addr-spec)", () => {
  test.each([
    ["ada@example.org", true],
    ["a+b.c@mail.example.org", true],
    ["Ada Lovelace <ada@example.org>", false],
    ["ada@example.org,eve@example.org", false],
    ["ada@example.org\nBcc: eve@example.org", false],
    ["ada", false],
    ["@example.org", false],
    ["ada@", false],
    ["ada@-example.org", false],
    ["a@b@c", false],
    ["-ada@example.org", false],
    ["-@example.org", false],
    ["a-b-@example.org", true],
    ["a.b.c@example.org", true],
    ["a..b@example.org", false],
    [".a@example.org", false],
    ["a.@example.org", false],
    ["a@example..org", false],
    ["a@.example.org", false],
    ["a@example.org.", false],
    ["a@mail-.example.org", false],
    ["a@mail.-example.org", false],
    ["a@mail_host.example.org", false],
    ["a@localhost", true],
    ["a@b", true],
    ["ada@example.org\n", false],
    ["a\u0000@example.org", false],
    ["ada @example.org", false],
    ['"ada l"@example.org', false],
    [`${"a".repeat(64)}@example.org`, true],
    [`${"a".repeat(65)}@example.org`, false],
    [`a@${"b".repeat(63)}.org`, true],
    [`a@${"b".repeat(64)}.org`, false],
    [`a@${"b".repeat(320)}.org`, false],
    [`a@${`${"b".repeat(62)}.`.repeat(4)}org`, true],
    [`a@${`${"b".repeat(63)}.`.repeat(4)}org`, false],
  ])("%p: %p", (text, is) => {
    expect(isEmailAddress(text)).toBe(is);
  });
});
