import { describe, expect, test } from "bun:test";
import { readSettings } from "../src/config.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

describe("deliveries", () => {
  test("are off in production and print in development, unless they are chosen", () => {
    const off = readSettings({});
    expect([off.emailDelivery, off.phoneDelivery, off.postalDelivery]).toEqual([
      "off",
      "off",
      "off",
    ]);
    const { emailDelivery, phoneDelivery, postalDelivery } = readSettings(
      { PHONE_DELIVERY: "webhook", POSTAL_DELIVERY: "off" },
      "development",
    );
    expect([emailDelivery, phoneDelivery, postalDelivery]).toEqual(["console", "webhook", "off"]);
  });

  test.each(["PHONE_DELIVERY", "POSTAL_DELIVERY"])("%s cannot be smtp", (variable) => {
    const wrong = `${variable} must be off, command, webhook, console`;
    expect(() => readSettings({ [variable]: "smtp" })).toThrow(wrong);
  });

  test.each(["ftp://a.example/", "a.example", "https://u:p@a.example/", "https://a.example/#x"])(
    "DELIVERY_WEBHOOK_URL=%p is refused",
    (url) => {
      expect(() => readSettings({ DELIVERY_WEBHOOK_URL: url })).toThrow(
        /^DELIVERY_WEBHOOK_URL must/,
      );
    },
  );

  test.each(["secret", "whsec_", "whsec_c2hvcnQ=", `${SECRET} x`, `whsec_${"A".repeat(100)}`])(
    "DELIVERY_WEBHOOK_SECRET=%p is refused, and not repeated",
    (secret) => {
      const read = () => readSettings({ DELIVERY_WEBHOOK_SECRET: secret });
      expect(read).toThrow(/^DELIVERY_WEBHOOK_SECRET must be whsec_ and base64/);
    },
  );

  test("a good address and secret are taken", () => {
    const env = { DELIVERY_WEBHOOK_URL: "https://a.example/x?y", DELIVERY_WEBHOOK_SECRET: SECRET };
    const { deliveryWebhookUrl, deliveryWebhookSecret } = readSettings(env);
    expect([deliveryWebhookUrl, deliveryWebhookSecret]).toEqual(["https://a.example/x?y", SECRET]);
  });
});

describe("addresses", () => {
  test("are mail addresses without restriction unless it is configured", () => {
    const { challengerAddressType, challengerAddressRestrictions } = readSettings({});
    expect([challengerAddressType, challengerAddressRestrictions]).toEqual(["email", {}]);
  });

  test("CHALLENGER_ADDRESS_TYPE and CHALLENGER_ADDRESS_RESTRICTIONS are taken", () => {
    const restrictions = { CONTACT_PHONE: { regex: "^\\+41", hint: "Swiss numbers only" } };
    const settings = readSettings({
      CHALLENGER_ADDRESS_TYPE: "phone",
      CHALLENGER_ADDRESS_RESTRICTIONS: JSON.stringify(restrictions),
    });
    expect(settings.challengerAddressType).toBe("phone");
    expect(settings.challengerAddressRestrictions).toEqual(restrictions);
  });

  test.each([
    [
      { CHALLENGER_ADDRESS_TYPE: "fax" },
      "CHALLENGER_ADDRESS_TYPE must be email, phone, postal, postal-ch",
    ],
    [
      { CHALLENGER_ADDRESS_RESTRICTIONS: "{" },
      "CHALLENGER_ADDRESS_RESTRICTIONS: must be an object",
    ],
    [
      { CHALLENGER_ADDRESS_RESTRICTIONS: '{"CONTACT_PHONE":{"regex":"a","hint":"h"}}' },
      "CHALLENGER_ADDRESS_RESTRICTIONS: CONTACT_PHONE is no field of the address type email",
    ],
    [
      { CHALLENGER_ADDRESS_RESTRICTIONS: '{"CONTACT_EMAIL":{"regex":"(?=a)","hint":"h"}}' },
      "CHALLENGER_ADDRESS_RESTRICTIONS: CONTACT_EMAIL.regex has a repetition of nothing at character 2",
    ],
    [{ TERMS_VERSION: "a b" }, "TERMS_VERSION must be 1 to 64 printable characters"],
    [{ PRIVACY_VERSION: "x".repeat(65) }, "PRIVACY_VERSION must be"],
  ] as const)("%p stops the start-up", (env, message) => {
    expect(() => readSettings(env)).toThrow(message);
  });
});
