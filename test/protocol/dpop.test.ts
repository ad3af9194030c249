import { describe, expect, test } from "bun:test";
import { namesTarget } from "../../src/protocol/dpop.ts";

const TARGET = "https://server.example.com/token";

describe("RFC 9449 §4.3 htu names the address, normalized by RFC 3986 §6.2.2 and §6.2.3", () => {
  test.each([
    TARGET,
    "HTTPS://Server.EXAMPLE.com/token",
    "https://server.example.com:443/token",
    "https://server.example.com/a/../token",
    "https://server.example.com/./token",
    "https://server.example.com/%74oken",
    `${TARGET}?a=b`,
    `${TARGET}#fragment`,
  ])("%s", (htu) => {
    expect(namesTarget(htu, TARGET)).toBe(true);
  });

  test.each([
    "http://server.example.com/token",
    "https://server.example.com:8443/token",
    "https://server.example.com/token/",
    "https://server.example.com/Token",
    "https://server.example.com//token",
    "https://server.example.com/token%2F",
    "https://server.example.com.evil.example/token",
    "https://server.example.com@evil.example/token",
    "https://user@server.example.com/token",
    "https:\\\\server.example.com\\token",
    " https://server.example.com/token",
    "https://server.example.com/to\tken",
    "//server.example.com/token",
    "/token",
    "token",
    "",
  ])("%j is another", (htu) => {
    expect(namesTarget(htu, TARGET)).toBe(false);
  });

  test("escapes are compared without regard to case, and reserved characters stay escaped", () => {
    const [upper, lower] = ["https://as.example/a%2Fb%7e", "https://as.example/a%2fb~"];
    expect(namesTarget(upper, lower)).toBe(true);
    expect(namesTarget(upper, "https://as.example/a/b~")).toBe(false);
  });

  test("a path without segments is the root", () => {
    expect(namesTarget("https://as.example", "https://as.example/")).toBe(true);
  });
});
