import { describe, expect, test } from "bun:test";
import {
  isAbsoluteUri,
  isPlainHttp,
  isRegisteredRedirectUri,
  REDIRECT_URI_LENGTH_MAX,
  redirectUriFault,
} from "../../src/protocol/redirect_uri.ts";

describe("isAbsoluteUri() (RFC 3986 §4.3)", () => {
  test.each([
    "https://app.example/callback",
    "https://app.example/callback?tenant=a&x=%20",
    "http://127.0.0.1:49152/",
    "http://[::1]/cb",
    "com.example.app:/callback",
    "urn:ietf:wg:oauth:2.0:oob",
    "https://app.example/a;b=c/(d)/!$&'*+,=:@",
  ])("%s is one", (uri) => {
    expect(isAbsoluteUri(uri)).toBe(true);
  });

  test.each([
    "",
    "callback",
    "/callback",
    "//app.example/callback",
    "://app.example",
    "1http://app.example",
    "https://app.example/#",
    "https://app.example/#a",
    "https://app.example/a b",
    " https://app.example/",
    "https://app.example/\n",
    "https://app.example/é",
    "https://app.example/%",
    "https://app.example/%g0",
    'https://app.example/"',
    "https://app.example/<",
    "https://app.example\\evil",
    "https://",
    "https://app.example:99999/",
    "http:",
  ])("%p is none", (uri) => {
    expect(isAbsoluteUri(uri)).toBe(false);
  });
});

describe("isRegisteredRedirectUri() (RFC 9700 §2.1, RFC 8252 §7.3)", () => {
  const registered = ["https://app.example/cb", "http://127.0.0.1/cb", "http://[::1]:9/cb?x=1"];

  test.each([
    ["https://app.example/cb", true],
    ["http://127.0.0.1/cb", true],
    ["http://127.0.0.1:1/cb", true],
    ["http://127.0.0.1:65535/cb", true],
    ["http://[::1]/cb?x=1", true],
    ["http://[::1]:49152/cb?x=1", true],
    ["https://app.example:443/cb", false],
    ["https://app.example/CB", false],
    ["http://127.0.0.1:/cb", false],
    ["http://127.0.0.1:123456/cb", false],
    ["http://127.0.0.1.evil.example/cb", false],
    ["http://127.0.0.1:1@evil.example/cb", false],
    ["http://127.0.0.1/cb/", false],
    ["http://[::1]:49152/cb", false],
    ["HTTP://127.0.0.1/cb", false],
    ["http://localhost/cb", false],
    ["", false],
  ])("attack 5: %p is %p", (uri, is) => {
    expect(isRegisteredRedirectUri(uri, registered)).toBe(is);
  });

  test("nothing is registered in an empty list", () => {
    expect(isRegisteredRedirectUri("https://app.example/cb", [])).toBe(false);
  });
});

describe("redirectUriFault() (RFC 6749 §3.1.2, RFC 8252 §8.4)", () => {
  test.each([
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "blob:https://app.example/1",
    "file:///etc/passwd",
    "about:blank",
    "https://app.example/#token",
    "https://user@app.example/",
    "https://:password@app.example/",
    "/callback",
    `https://app.example/${"a".repeat(REDIRECT_URI_LENGTH_MAX)}`,
  ])("attack 6: %s may not be registered", (uri) => {
    expect(redirectUriFault(uri)).toBeString();
  });

  test.each([
    "https://my_app.example/cb",
    "http://my_app:3000/cb",
    "https://a;b.example/cb",
    "https://*.example/cb",
    "https://a'b.example/cb",
  ])("%s has a host that no content security policy can name, and may not be registered", (uri) => {
    expect(redirectUriFault(uri)).toContain("host");
  });

  test.each([
    "https://app.example/cb",
    "http://127.0.0.1/cb",
    "http://[::1]/cb",
    "https://xn--bcher-kva.example/cb",
    "com.example.app:/cb",
    "com.example.app://my_host/cb",
  ])("%s may be registered", (uri) => {
    expect(redirectUriFault(uri)).toBeUndefined();
  });
});

describe("isPlainHttp()", () => {
  test.each([
    ["http://app.example/", true],
    ["https://app.example/", false],
    ["http://localhost:3000/", false],
    ["http://127.0.0.1/", false],
    ["http://[::1]/", false],
    ["http://localhost.evil.example/", true],
    ["com.example.app:/", false],
  ])("%s: %p", (uri, is) => {
    expect(isPlainHttp(uri)).toBe(is);
  });
});
