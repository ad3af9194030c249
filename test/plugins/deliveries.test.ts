import { describe, expect, test } from "bun:test";
import PostalMime from "postal-mime";
import { configuredDeliveries } from "../../src/plugins/deliveries/deliveries.ts";
import { smtpDelivery } from "../../src/plugins/deliveries/smtp.ts";
import { DEFAULT_SETTINGS } from "../../src/protocol/settings.ts";
import { freePort } from "../support/databases.ts";
import { mailServer } from "../support/mail_server.ts";

const { mails, url } = await mailServer();
const LETTERHEAD = { brandName: "Acme", host: "id.acme.example" } as const;

describe("the delivery smtp against a real mail server", () => {
  const delivery = smtpDelivery({
    ...LETTERHEAD,
    url,
    from: "Tessera <codes@tessera.example>",
  });

  test("the message reaches the one address, with the code in it", async () => {
    await delivery.send({ address: { CONTACT_EMAIL: "ada@mail.example" }, code: "1234-5678" });
    const mail = mails.at(-1);
    expect(mail?.sender).toBe("codes@tessera.example");
    expect(mail?.recipients).toEqual(["ada@mail.example"]);
    const parsed = await PostalMime.parse(mail?.raw ?? "");
    expect(parsed.to).toEqual([{ address: "ada@mail.example", name: "" }]);
    expect(parsed.subject).toBe("1234-5678 is your confirmation code");
    expect(parsed.text).toContain("Your confirmation code for Acme is\n\n    1234-5678\n");
    expect(parsed.text).toContain("the page of id.acme.example");
    expect(parsed.headers.find(({ key }) => key === "auto-submitted")?.value).toBe(
      "auto-generated",
    );
  });

  test.each([
    ["de-AT", "1234-5678 ist Ihr Bestätigungscode"],
    ["fr", "1234-5678 est votre code de confirmation"],
    ["it", "1234-5678 is your confirmation code"],
  ])("in the language %s its subject is %p", async (language, subject) => {
    const address = { CONTACT_EMAIL: "ada@mail.example" };
    await delivery.send({ address, code: "1234-5678", language });
    expect((await PostalMime.parse(mails.at(-1)?.raw ?? "")).subject).toBe(subject);
  });

  test.each([
    "ada@mail.example, eve@evil.example",
    "ada@mail.example\r\nBcc: eve@evil.example",
    "ada@mail.example>\r\nRCPT TO:<eve@evil.example",
    "Ada <ada@mail.example>, eve@evil.example",
    "eve@evil.example;ada@mail.example",
  ])("even %p, which no service hands on, adds no recipient and no header", async (address) => {
    const before = mails.length;
    await delivery
      .send({ address: { CONTACT_EMAIL: address }, code: "1234-5678" })
      .catch(() => undefined);
    for (const { recipients, raw } of mails.slice(before)) {
      expect(recipients).toHaveLength(1);
      const { headers, bcc, cc } = await PostalMime.parse(raw);
      expect(headers.map(({ key }) => key)).not.toContain("bcc");
      expect([bcc ?? [], cc ?? []].flat()).toEqual([]);
    }
  });

  test("a refusal of the mail server is a failure", () => {
    const sent = delivery.send({ address: { CONTACT_EMAIL: "refused@mail.example" }, code: "1" });
    expect(sent).rejects.toThrow();
  });

  test("a mail server that is not there is a failure", async () => {
    const gone = smtpDelivery({
      ...LETTERHEAD,
      url: `smtp://127.0.0.1:${await freePort()}`,
      from: "a@b.example",
    });
    expect(
      gone.send({ address: { CONTACT_EMAIL: "ada@mail.example" }, code: "1" }),
    ).rejects.toThrow();
  });
});

describe("configured deliveries", () => {
  test("name the variable that is missing", () => {
    const smtp = { ...DEFAULT_SETTINGS, emailDelivery: "smtp" } as const;
    expect(() => configuredDeliveries(smtp)).toThrow("SMTP_URL and MAIL_FROM");
    const command = { ...DEFAULT_SETTINGS, phoneDelivery: "command" } as const;
    expect(() => configuredDeliveries(command)).toThrow("DELIVERY_COMMAND");
    const webhook = { ...DEFAULT_SETTINGS, postalDelivery: "webhook" } as const;
    expect(() => configuredDeliveries(webhook)).toThrow("DELIVERY_WEBHOOK_URL and");
    expect(configuredDeliveries(DEFAULT_SETTINGS).deliveries).toEqual([]);
  });

  test("carry every type of address, postal ones by one choice for both", () => {
    const settings = {
      ...DEFAULT_SETTINGS,
      emailDelivery: "smtp",
      smtpUrl: url,
      mailFrom: "a@b.example",
      phoneDelivery: "console",
      postalDelivery: "command",
      deliveryCommand: "/bin/true",
    } as const;
    const types = configuredDeliveries(settings).deliveries.map((each) => each.addressType);
    expect(types).toEqual(["email", "phone", "postal", "postal-ch"]);
  });
});
