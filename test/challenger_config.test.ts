import { describe, expect, test } from "bun:test";
import { readSettings } from "../src/config.ts";
import { ADDRESS_TYPE_NAMES } from "../src/protocol/address.ts";
import { DEFAULT_SETTINGS } from "../src/protocol/settings.ts";

describe("CHALLENGER_PREFIX", () => {
  test("is /challenger, a path of one's own, / alone, or off", () => {
    const prefixOf = (CHALLENGER_PREFIX?: string) =>
      readSettings({ CHALLENGER_PREFIX }).challengerPrefix;
    expect(prefixOf()).toBe("/challenger");
    expect(prefixOf("")).toBe("/challenger");
    expect(prefixOf("/kyc/e-mail_2")).toBe("/kyc/e-mail_2");
    expect(prefixOf("/")).toBe("/");
    expect(prefixOf("off")).toBeUndefined();
    expect(DEFAULT_SETTINGS.challengerPrefix).toBe("/challenger");
  });

  test.each(["challenger", "/a/", "//a", "/a//b", "/a b", "/:a", "/*", "/..", "/a?b", "OFF"])(
    "%p is refused",
    (CHALLENGER_PREFIX) => {
      expect(() => readSettings({ CHALLENGER_PREFIX })).toThrow(/^CHALLENGER_PREFIX must be/);
    },
  );
});

describe("CHALLENGER_ADDRESS_TYPE and CHALLENGER_ADDRESS_HINT", () => {
  test.each(ADDRESS_TYPE_NAMES)("%s is taken", (CHALLENGER_ADDRESS_TYPE) => {
    const { challengerAddressType } = readSettings({ CHALLENGER_ADDRESS_TYPE });
    expect(challengerAddressType).toBe(CHALLENGER_ADDRESS_TYPE);
  });

  test("any other type is refused, and the defaults are those of the table", () => {
    expect(() => readSettings({ CHALLENGER_ADDRESS_TYPE: "fax" })).toThrow(
      "CHALLENGER_ADDRESS_TYPE must be email, phone, postal, postal-ch",
    );
    const { challengerAddressType, challengerAddressHint } = readSettings({});
    expect([challengerAddressType, challengerAddressHint]).toEqual(["email", "Your address"]);
    const hinted = readSettings({ CHALLENGER_ADDRESS_HINT: "Your e-mail at work" });
    expect(hinted.challengerAddressHint).toBe("Your e-mail at work");
  });
});

describe("CHALLENGE_RESEND_SECONDS", () => {
  test("is 30, and may be none at all", () => {
    const secondsOf = (CHALLENGE_RESEND_SECONDS?: string) =>
      readSettings({ CHALLENGE_RESEND_SECONDS }).challengeResendSeconds;
    expect([secondsOf(), secondsOf("0"), secondsOf("3600")]).toEqual([30, 0, 3600]);
    expect(() => secondsOf("3601")).toThrow("from 0 to 3600");
  });
});
