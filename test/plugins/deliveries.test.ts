import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";
import { commandDelivery } from "../../src/plugins/deliveries/command.ts";
import { configuredDeliveries } from "../../src/plugins/deliveries/deliveries.ts";
import { smtpDelivery } from "../../src/plugins/deliveries/smtp.ts";
import { DEFAULT_SETTINGS } from "../../src/protocol/settings.ts";
import { freePort, temporaryFolder } from "../support/databases.ts";

interface Mail {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly raw: string;
}

const mails: Mail[] = [];
const port = await freePort();
const mailServer = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  onRcptTo(address, _session, done) {
    done(address.address.startsWith("refused") ? new Error("no such mailbox") : undefined);
  },
  onData(stream, { envelope }, done) {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      const sender = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
      const recipients = envelope.rcptTo.map(({ address }) => address);
      mails.push({ sender, recipients, raw: Buffer.concat(chunks).toString() });
      done();
    });
  },
});
await new Promise<void>((resolve) => mailServer.listen(port, "127.0.0.1", resolve));
afterAll(() => new Promise<void>((resolve) => mailServer.close(resolve)));

describe("the delivery smtp against a real mail server", () => {
  const delivery = smtpDelivery({
    url: `smtp://127.0.0.1:${port}`,
    from: "Tessera <codes@tessera.example>",
  });

  test("the message reaches the one address, with the code in it", async () => {
    await delivery.send({ address: { CONTACT_EMAIL: "ada@mail.example" }, code: "123456" });
    const mail = mails.at(-1);
    expect(mail?.sender).toBe("codes@tessera.example");
    expect(mail?.recipients).toEqual(["ada@mail.example"]);
    const parsed = await PostalMime.parse(mail?.raw ?? "");
    expect(parsed.to).toEqual([{ address: "ada@mail.example", name: "" }]);
    expect(parsed.subject).toContain("123456");
    expect(parsed.text).toContain("The confirmation code is 123456");
  });

  test("a refusal of the mail server is a failure", () => {
    const sent = delivery.send({ address: { CONTACT_EMAIL: "refused@mail.example" }, code: "1" });
    expect(sent).rejects.toThrow();
  });

  test("a mail server that is not there is a failure", async () => {
    const gone = smtpDelivery({ url: `smtp://127.0.0.1:${await freePort()}`, from: "a@b.example" });
    expect(
      gone.send({ address: { CONTACT_EMAIL: "ada@mail.example" }, code: "1" }),
    ).rejects.toThrow();
  });
});

describe("the delivery command", () => {
  const folder = temporaryFolder();
  const program = (name: string, body: string) => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  };

  test("gets the address as its one argument and the code on standard input, and no secret of ours", async () => {
    const out = join(folder, "out");
    const path = program("ok", `printf '%s|%s|' "$#" "$1" > ${out}; cat >> ${out}; env >> ${out}`);
    process.env["TESSERA_SECRET_OF_TEST"] = "must not be seen";
    const address = { CONTACT_PHONE: "+41791234567; touch hacked" };
    await commandDelivery("phone", path).send({ address, code: "654321" });
    const seen = readFileSync(out, "utf8");
    expect(seen).toStartWith("1|+41791234567; touch hacked|654321");
    expect(seen).not.toContain("must not be seen");
  });

  test("another exit code than 0 is a failure", () => {
    const delivery = commandDelivery("phone", program("no", "exit 3"));
    expect(
      delivery.send({ address: { CONTACT_PHONE: "+41791234567" }, code: "1" }),
    ).rejects.toThrow();
  });

  test("a program that is not there is a failure", () => {
    const delivery = commandDelivery("phone", join(folder, "absent"));
    expect(
      delivery.send({ address: { CONTACT_PHONE: "+41791234567" }, code: "1" }),
    ).rejects.toThrow();
  });
});

describe("configured deliveries", () => {
  test("name the variable that is missing", () => {
    const smtp = { ...DEFAULT_SETTINGS, emailDelivery: "smtp" } as const;
    expect(() => configuredDeliveries(smtp)).toThrow("SMTP_URL and MAIL_FROM");
    const command = { ...DEFAULT_SETTINGS, phoneDelivery: "command" } as const;
    expect(() => configuredDeliveries(command)).toThrow("DELIVERY_COMMAND");
    expect(configuredDeliveries(DEFAULT_SETTINGS).deliveries).toEqual([]);
  });
});
