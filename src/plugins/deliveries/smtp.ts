import { createTransport } from "nodemailer";
import { defineDelivery } from "../../plugin.ts";
import { ADDRESS_FIELDS } from "../../services/deliveries.ts";
import { addressSchema } from "./addresses.ts";
import { type Letterhead, mailOf } from "./mail.ts";

/** Where mails go, whom they come from, and what they say of it. */
export interface SmtpOptions extends Letterhead {
  /** smtp://USER:PASSWORD@HOST:PORT or smtps://… */
  readonly url: string;
  readonly from: string;
}

/** How long the mail server may take for each step, in milliseconds. */
const STEP_TIMEOUT_MS = 10_000;

/** Sends codes as mails (RFC 5321). */
export function smtpDelivery({ url, from, ...letterhead }: SmtpOptions) {
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
    address: addressSchema("email"),
    async send({ address, code, language }) {
      await transport.sendMail({
        from,
        // As an object the address is one address, whatever characters it holds.
        to: { name: "", address: address[ADDRESS_FIELDS.email] ?? "" },
        ...mailOf(code, letterhead, language),
        // No machine shall answer (RFC 3834 §5).
        headers: { "Auto-Submitted": "auto-generated" },
      });
    },
  });
}
