import { describe, expect, test } from "bun:test";
import type { ErrorCode } from "../../src/protocol/catalogue.ts";
import { OAuthError } from "../../src/protocol/oauth_error.ts";
import { chooseResources, RESOURCES_MAX } from "../../src/protocol/resource.ts";
import { checkScopes, isScopeToken, SCOPES_MAX, splitScope } from "../../src/protocol/scope.ts";

/** The code and the text with which `run` is refused; undefined when it is not. */
function refusalOf(run: () => unknown): readonly [ErrorCode, string] | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof OAuthError) return [error.code, error.message];
    throw error;
  }
}

describe("splitScope() (RFC 6749 §3.3)", () => {
  test.each([
    [undefined, []],
    ["", []],
    ["  ", []],
    ["api1", ["api1"]],
    [" api1  api2 api3 ", ["api1", "api2", "api3"]],
    ["api1\tapi2", ["api1\tapi2"]],
    ["api1 api1", ["api1", "api1"]],
    ["a,b", ["a,b"]],
  ])("%j gives %j", (text, scopes) => {
    expect(splitScope(text)).toEqual(scopes);
  });
});

describe("isScopeToken() (RFC 6749 App. A.4)", () => {
  test("takes every character from ! to ~ but quote and backslash", () => {
    const good = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).filter(
      isScopeToken,
    );
    expect(good.join("")).toBe(
      "!#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~",
    );
    expect(["", "a b", "é", "a\n"].map(isScopeToken)).toEqual([false, false, false, false]);
  });
});

describe("checkScopes() (decisions D3: all or nothing)", () => {
  const allowed = ["api1", "api2"];

  test("passes allowed scopes, and none at all", () => {
    expect(refusalOf(() => checkScopes(["api2", "api1"], allowed))).toBeUndefined();
    expect(refusalOf(() => checkScopes([], allowed))).toBeUndefined();
  });

  test("names all that are refused, joined by commas without blanks (idserver.md A.6)", () => {
    expect(refusalOf(() => checkScopes(["x", "api1", "y"], allowed))).toEqual([
      "scope_refused",
      "the scopes x,y are not allowed or invalid",
    ]);
  });

  test("judges repetition before permission, and names each once", () => {
    expect(refusalOf(() => checkScopes(["x", "y", "x", "y", "x", "z"], allowed))).toEqual([
      "scope_repeated",
      "duplicate scopes x,y have been passed in parameter",
    ]);
  });

  test("compares exactly", () => {
    for (const scope of ["API1", "api", "api11", "api1,api2"]) {
      expect(refusalOf(() => checkScopes([scope], allowed))?.[0]).toBe("scope_refused");
    }
  });

  test("is bounded", () => {
    const many = Array.from({ length: SCOPES_MAX + 1 }, (_, i) => `s${i}`);
    expect(refusalOf(() => checkScopes(many.slice(1), many))).toBeUndefined();
    expect(refusalOf(() => checkScopes(many, many))?.[0]).toBe("scope_refused");
  });
});

describe("chooseResources() (RFC 8707 §2)", () => {
  const granted = ["https://a.example/", "https://b.example/x?y=1"];

  test.each([
    ["https://a.example/", ["https://a.example/"]],
    [
      "https://b.example/x?y=1 https://a.example/",
      ["https://b.example/x?y=1", "https://a.example/"],
    ],
    ["https://a.example/ https://a.example/", ["https://a.example/"]],
  ])("%j gives %j", (requested, resources) => {
    expect(chooseResources(requested, granted)).toEqual(resources);
  });

  test.each([
    "https://c.example/",
    "https://a.example",
    "https://a.example/ https://c.example/",
    "https://a.example/#f",
    "a",
  ])("attack 58: %p is refused", (requested) => {
    expect(refusalOf(() => chooseResources(requested, granted))?.[0]).toBe("resource_refused");
  });

  test("a fragment is refused even where it was granted, and lists are bounded", () => {
    const fragment = "https://a.example/#f";
    expect(refusalOf(() => chooseResources(fragment, [fragment]))?.[0]).toBe("resource_refused");
    const many = Array.from({ length: RESOURCES_MAX + 1 }, (_, i) => `https://${i}.example/`);
    expect(chooseResources(many.slice(1).join(" "), many).length).toBe(RESOURCES_MAX);
    expect(refusalOf(() => chooseResources(many.join(" "), many))?.[0]).toBe("resource_refused");
  });
});
