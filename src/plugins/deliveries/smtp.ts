import { createTransport } from "nodemailer";
import { defineDelivery, t } from "../../plugin.ts";
import { ADDRESS_FIELDS } from "../../services/deliveries.ts";

/** Where mails go, and whom they come from. */
export interface SmtpOptions {
  /** smtp://USER:PASSWORD@HOST:PORT or smtps://… */
  readonly url: string;
  readonly from: string;
}

/** How long the mail server may take for each step, in milliseconds. */
const STEP_TIMEOUT_MS = 10_000;

/** Sends codes as mails (RFC 5321). */
export function smtpDelivery({ url, from }: SmtpOptions) {
  const transport = createTransport({
    url,
    connectionTimeout: STEP_TIMEOUT_MS,
    greetingTimeout: STEP_TIMEOUT_MS,
    socketTimeout: STEP_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return defineDelivery({
    addressType: "email",
    address: t.Object({ [ADDRESS_FIELDS.email]: t.String() }),
    async send({ address, code }) {
      await transport.sendMail({
        from,
        // As an object the address is one address, whatever characters it holds.
        to: { name: "", address: address[ADDRESS_FIELDS.email] ?? "" },
        subject: `Confirmation code ${code}`,
        text: `The confirmation code is ${code}\n`,
      });
    },
  });
}
