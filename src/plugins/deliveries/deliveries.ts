import { type Delivery, definePlugin } from "../../plugin.ts";
import type { Settings } from "../../protocol/settings.ts";
import { commandDelivery } from "./command.ts";
import { consoleDelivery } from "./console.ts";
import { smtpDelivery } from "./smtp.ts";

/** The deliveries that the settings choose. Throws `TypeError` naming the variable that is missing. */
export function configuredDeliveries(settings: Settings) {
  return definePlugin({
    name: "deliveries",
    deliveries: [
      ...chosen("email", settings.emailDelivery, settings),
      ...chosen("phone", settings.phoneDelivery, settings),
    ],
  });
}

function chosen(
  addressType: "email" | "phone",
  name: Settings["emailDelivery"],
  { smtpUrl, mailFrom, deliveryCommand }: Settings,
): readonly Delivery[] {
  switch (name) {
    case "off":
      return [];
    case "console":
      return [consoleDelivery(addressType)];
    case "command":
      if (!deliveryCommand)
        throw new TypeError("DELIVERY_COMMAND is needed for the delivery command");
      return [commandDelivery(addressType, deliveryCommand)];
    case "smtp":
      if (!smtpUrl || !mailFrom)
        throw new TypeError("SMTP_URL and MAIL_FROM are needed for the delivery smtp");
      return [smtpDelivery({ url: smtpUrl, from: mailFrom })];
  }
}
