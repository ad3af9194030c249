import { describe, expect, test } from "bun:test";
import {
  type CodeChallengeMethod,
  isCodeChallenge,
  isCodeVerifier,
  provesChallenge,
  s256,
} from "../../src/protocol/pkce.ts";
import { RFC7636 } from "../support/codes.ts";

const { verifier, challenge } = RFC7636;

describe("s256() (RFC 7636 §4.2)", () => {
  test("gives the challenge of Appendix B", async () => {
    expect(await s256(verifier)).toBe(challenge);
  });

  test("gives 43 characters of base64url without padding", async () => {
    for (let i = 0; i < 200; i++) expect(await s256(`v${i}`)).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});

describe("isCodeVerifier() (RFC 7636 §4.1)", () => {
  test.each([
    ["43 characters", "a".repeat(43), true],
    ["128 characters", "a".repeat(128), true],
    [
      "all unreserved characters",
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~",
      true,
    ],
    ["42 characters", "a".repeat(42), false],
    ["129 characters", "a".repeat(129), false],
    ["a plus", `${"a".repeat(43)}+`, false],
    ["a blank", `${"a".repeat(43)} `, false],
    ["a line break", `${"a".repeat(43)}\n`, false],
    ["a letter that is not ASCII", `${"a".repeat(43)}é`, false],
    ["nothing", "", false],
  ])("%s: %p is %p", (_, text, is) => {
    expect(isCodeVerifier(text)).toBe(is);
  });
});

describe("isCodeChallenge() (RFC 7636 §4.2)", () => {
  test.each([
    [challenge, "S256", true],
    [`${challenge}=`, "S256", false],
    [challenge.slice(1), "S256", false],
    [challenge.replace("-", "+"), "S256", false],
    [verifier, "plain", true],
    ["a".repeat(42), "plain", false],
  ] as [string, CodeChallengeMethod, boolean][])("%p by %s is %p", (text, method, is) => {
    expect(isCodeChallenge(text, method)).toBe(is);
  });
});

describe("provesChallenge() (RFC 7636 §4.6, RFC 9700 §4.8.2)", () => {
  const stored = { challenge, method: "S256" } as const;

  test("the verifier proves its challenge, and nothing else does", async () => {
    expect(await provesChallenge(verifier, stored)).toBe(true);
    for (const guess of [challenge, `${verifier}A`, verifier.slice(1), "A".repeat(43), ""]) {
      expect(await provesChallenge(guess, stored)).toBe(false);
    }
  });

  test("plain is equality of verifiers", async () => {
    expect(await provesChallenge(verifier, { challenge: verifier, method: "plain" })).toBe(true);
    expect(await provesChallenge(verifier, { challenge, method: "plain" })).toBe(false);
    expect(await provesChallenge("short", { challenge: "short", method: "plain" })).toBe(false);
  });

  test("attack 7: one without the other proves nothing, neither is no PKCE at all", async () => {
    expect(await provesChallenge(undefined, stored)).toBe(false);
    expect(await provesChallenge(verifier, undefined)).toBe(false);
    expect(await provesChallenge(undefined, undefined)).toBe(true);
  });

  test("a stored challenge that is empty or of another length is never proved", async () => {
    for (const broken of ["", "A", `${challenge}${challenge}`]) {
      expect(await provesChallenge(verifier, { challenge: broken, method: "S256" })).toBe(false);
      expect(await provesChallenge("", { challenge: broken, method: "plain" })).toBe(false);
    }
  });
});
