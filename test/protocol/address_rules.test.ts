import { describe, expect, test } from "bun:test";
import { createAddressRules, parseRestrictions } from "../../src/protocol/address_rules.ts";
import { OAuthError } from "../../src/protocol/oauth_error.ts";
import { compilePattern, PATTERN_LENGTH_MAX } from "../../src/protocol/posix_pattern.ts";

describe("a POSIX extended regular expression (XBD §9.4)", () => {
  test.each([
    ["^[^@]+@[^@]+\\.ch$", "a@b.ch", true],
    ["^[^@]+@[^@]+\\.ch$", "a@b.chx", false],
    ["^\\+41[0-9]{9}$", "+41791234567", true],
    ["b", "abc", true],
    ["a|^b", "xb", false],
    ["^a.b$", "a\nb", true],
    ["^a$", "a\n", false],
    ["^[[:alpha:]]+ [[:digit:]]{4}$", "Bern 3000", true],
    ["^[]x]$", "]", true],
    ["^[^]x]$", "]", false],
    // In brackets a backslash is an ordinary character, and this a range from it to the underscore.
    ["^[\\-_]$", "-", false],
    ["^[\\-_]$", "\\", true],
    ["^[.*?]$", "?", true],
  ])("%p on %p is %p", (pattern, text, matches) => {
    expect(compilePattern(pattern)(text)).toBe(matches);
  });

  test.each([
    "",
    "(?=a)",
    "(?:a)",
    "a*?",
    "a**",
    "*a",
    "(*a)",
    "a|*b",
    "\\d",
    "(a)\\1",
    "a\\",
    "a{,3}",
    "a{x}",
    "a{3,2}",
    "a{1001}",
    "((a{255}){255}){255}",
    "(",
    "a)",
    "[a",
    "[z-a]",
    "[[.a.]]",
    "[[=a=]]",
    "[[:letter:]]",
    "a".repeat(PATTERN_LENGTH_MAX + 1),
  ])("%p is refused at start-up", (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(TypeError);
  });

  test.each(["(a+)+$", "^(a|a)*$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a*)*(a*)*(a*)*b", "(a+a+)+b"])(
    "the hostile %p takes time linear in the text",
    (pattern) => {
      const fits = compilePattern(pattern);
      const begun = performance.now();
      expect(fits(`${"a".repeat(10_000)}!`)).toBe(false);
      expect(performance.now() - begun).toBeLessThan(2_000);
    },
  );
});

const SWISS = {
  CONTACT_PHONE: {
    regex: "^\\+41",
    hint: "A Swiss number, please",
    hint_i18n: { de: "Bitte eine Schweizer Nummer", "fr-CH": "Un numéro suisse" },
  },
};

describe("restrictions", () => {
  const rules = createAddressRules("phone", SWISS);
  const read = (value: string) => rules.read(new Map([["CONTACT_PHONE", value]]));

  test("are held to the normal form of a value", () => {
    expect(read("+41 79 123 45 67")).toEqual({ CONTACT_PHONE: "+41791234567" });
    expect(() => read("+49301234567")).toThrow(OAuthError);
    expect(() => read("41")).toThrow("CONTACT_PHONE");
  });

  test("have their hint in the reader's language, else as it is written", () => {
    const hints = ["de", "de-AT", "fr", "en", "it"].map((tag) => rules.hint("CONTACT_PHONE", tag));
    const german = "Bitte eine Schweizer Nummer";
    const plain = "A Swiss number, please";
    expect(hints).toEqual([german, german, "Un numéro suisse", plain, plain]);
    expect(rules.hint("constructor", "en")).toBeUndefined();
  });

  test("come as the JSON of CHALLENGER_ADDRESS_RESTRICTIONS", () => {
    expect(parseRestrictions(JSON.stringify(SWISS))).toEqual(SWISS);
  });

  test.each([
    ["no json", "must be an object"],
    ["[]", "must be an object"],
    ['{"CONTACT_EMAIL":1}', "CONTACT_EMAIL must be an object"],
    ['{"CONTACT_EMAIL":{"hint":"h"}}', "CONTACT_EMAIL.regex is missing"],
    ['{"CONTACT_EMAIL":{"regex":"a"}}', "CONTACT_EMAIL.hint is missing"],
    ['{"CONTACT_EMAIL":{"regex":"a","hint":""}}', "CONTACT_EMAIL.hint is empty"],
    ['{"CONTACT_EMAIL":{"regex":"a","hint":"h","more":1}}', "CONTACT_EMAIL.more"],
    [
      '{"CONTACT_EMAIL":{"regex":"a","hint":"h","hint_i18n":{"de":1}}}',
      "CONTACT_EMAIL.hint_i18n.de must be text",
    ],
  ])("%p is refused with the place of its fault", (text, fault) => {
    expect(() => parseRestrictions(text)).toThrow(fault);
  });

  test("for a field that the type lacks, or with a pattern that is none, are refused", () => {
    const of = (addressType: "email" | "phone", regex: string) => () =>
      createAddressRules(addressType, { CONTACT_PHONE: { regex, hint: "h" } });
    expect(of("email", "a")).toThrow("CONTACT_PHONE is no field of the address type email");
    expect(of("phone", "(?=a)")).toThrow("CONTACT_PHONE.regex has a repetition of nothing");
  });
});
