import { describe, expect, test } from "bun:test";
import { decodeFormValue, FORM_PARAMETERS_MAX, parseForm } from "../../src/protocol/form.ts";
import { OAuthError } from "../../src/protocol/oauth_error.ts";

/** The code and the text of the refusal of a form. */
function refusalOf(text: string): readonly [string, string] {
  try {
    parseForm(text);
  } catch (error) {
    if (error instanceof OAuthError) return [error.code, error.message];
  }
  return ["", ""];
}

describe("parseForm() (RFC 6749 §3.2 and App. B)", () => {
  test("reads the example of RFC 6749 §4.1.3", () => {
    const form =
      "grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA&redirect_uri=https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb";
    expect([...parseForm(form)]).toEqual([
      ["grant_type", "authorization_code"],
      ["code", "SplxlOBeZQQYbYS6WxSbIA"],
      ["redirect_uri", "https://client.example.com/cb"],
    ]);
  });

  test("reads the encoding example of RFC 6749 App. B", () => {
    expect(parseForm("value=+%25%26%2B%C2%A3%E2%82%AC").get("value")).toBe(" %&+£€");
  });

  test.each([
    ["", []],
    ["&&", []],
    ["a", []],
    ["a=", []],
    ["a=+", []],
    ["a=%09", []],
    ["a=1", [["a", "1"]]],
    ["a=1=2", [["a", "1=2"]]],
    ["a+b=c+d", [["a b", "c d"]]],
    ["%61=%62", [["a", "b"]]],
    ["a=%2B", [["a", "+"]]],
    ["a=%09b", [["a", "\tb"]]],
    ["a=1;b=2", [["a", "1;b=2"]]],
    ["=1", [["", "1"]]],
    ["__proto__=1", [["__proto__", "1"]]],
  ])("%j gives %j", (text, pairs) => {
    expect([...parseForm(text)]).toEqual(pairs as [string, string][]);
  });

  test("resource alone may be repeated, and becomes a list (RFC 8707 §2)", () => {
    expect(parseForm("resource=a&resource=&resource=b").get("resource")).toBe("a b");
    expect(refusalOf("Resource=a&Resource=b")[0]).toBe("parameter_repeated");
  });

  test.each([
    ["a=1&a=2", "parameter_repeated", "the parameter a is repeated"],
    ["a=&a=", "parameter_repeated", "the parameter a is repeated"],
    ["a&%61=1", "parameter_repeated", "the parameter a is repeated"],
    ["a=%00", "parameter_malformed", "the parameter a is malformed"],
    ["a=\n", "parameter_malformed", "the parameter a is malformed"],
    [
      "redirect_uri=%0d",
      "redirect_uri_malformed",
      "Based on the RFC-3986 the redirection-uri is not well formed",
    ],
    ["a=%", "body_malformed", "the form in the body is not well formed"],
    ["%=a", "body_malformed", "the form in the body is not well formed"],
    ["a=%ff", "body_malformed", "the form in the body is not well formed"],
    ["a%0a=1", "body_malformed", "the form in the body is not well formed"],
    ['{"a":"x&{"a":"x', "body_malformed", "the form in the body is not well formed"],
  ])("%p is refused by %s", (text, code, message) => {
    expect(refusalOf(text)).toEqual([code, message]);
  });

  test("the first fault in the order of the form is told", () => {
    expect(refusalOf("a=1&a=2&b=%00")[0]).not.toBe("");
    expect(refusalOf("b=%00&c=%zz")[0]).toBe("parameter_malformed");
    expect(refusalOf("c=%zz&b=%00")[0]).toBe("body_malformed");
  });

  test("too many parameters are refused before they are decoded", () => {
    const form = (count: number) => Array.from({ length: count }, (_, i) => `p${i}=%zz`).join("&");
    expect(refusalOf(form(FORM_PARAMETERS_MAX))[0]).toBe("body_malformed");
    expect(refusalOf(form(FORM_PARAMETERS_MAX + 1))[0]).toBe("too_many_parameters");
  });
});

describe("decodeFormValue()", () => {
  test("gives undefined for what is no encoding, and never throws", () => {
    for (const text of ["%", "%4", "%zz", "%ff", "%C0%AF", "%ED%A0%80", "%u0041"]) {
      expect(decodeFormValue(text)).toBeUndefined();
    }
    expect(decodeFormValue("%F0%9F%A6%89")).toBe("🦉");
  });
});

describe("parameters of several lines", () => {
  const multiline = new Set(["ADDRESS_LINES"]);

  test("keep their line ends, and nothing else has any", () => {
    const text = "ADDRESS_LINES=a%0D%0Ab%0Ac&name=x";
    expect(parseForm(text, multiline).get("ADDRESS_LINES")).toBe("a\r\nb\nc");
    expect(() => parseForm(text)).toThrow("ADDRESS_LINES");
    expect(() => parseForm("name=a%0Ab", multiline)).toThrow("name");
  });

  test("hold no other control characters either", () => {
    for (const control of ["%00", "%08", "%0B", "%1B", "%7F"]) {
      expect(() => parseForm(`ADDRESS_LINES=a${control}`, multiline)).toThrow("ADDRESS_LINES");
    }
  });
});
