import { type Delivery, definePlugin } from "../../plugin.ts";
import type { AddressType } from "../../protocol/address.ts";
import type { DeliveryName } from "../../protocol/delivery_settings.ts";
import type { Settings } from "../../protocol/settings.ts";
import { commandDelivery } from "./command.ts";
import { consoleDelivery } from "./console.ts";
import { smtpDelivery } from "./smtp.ts";
import { webhookDelivery } from "./webhook.ts";

/** The deliveries that the settings choose. Throws `TypeError` naming the variable that is missing. */
export function configuredDeliveries(settings: Settings, issuer = "http://localhost") {
  const { emailDelivery, phoneDelivery, postalDelivery } = settings;
  const rows = [
    ["email", emailDelivery],
    ["phone", phoneDelivery],
    ["postal", postalDelivery],
    ["postal-ch", postalDelivery],
  ] as const;
  return definePlugin({
    name: "deliveries",
    deliveries: rows.flatMap(([type, name]) => chosen(type, name, { settings, issuer })),
  });
}

/** What deliveries are made of. */
interface Parts {
  readonly settings: Settings;
  readonly issuer: string;
}

function chosen(addressType: AddressType, name: DeliveryName, parts: Parts): readonly Delivery[] {
  switch (name) {
    case "off":
      return [];
    case "console":
      return [consoleDelivery(addressType)];
    case "command":
      return [command(addressType, parts)];
    case "webhook":
      return [webhook(addressType, parts)];
    case "smtp":
      return [smtp(parts)];
  }
}

function command(addressType: AddressType, { settings }: Parts): Delivery {
  const { deliveryCommand: program, deliveryTimeoutSeconds: timeoutSeconds } = settings;
  if (!program) throw new TypeError("DELIVERY_COMMAND is needed for the delivery command");
  return commandDelivery(addressType, { program, timeoutSeconds });
}

function webhook(addressType: AddressType, { settings }: Parts): Delivery {
  const { deliveryWebhookUrl: url, deliveryWebhookSecret: secret } = settings;
  if (!url || !secret) {
    throw new TypeError(
      "DELIVERY_WEBHOOK_URL and DELIVERY_WEBHOOK_SECRET are needed for the delivery webhook",
    );
  }
  return webhookDelivery(addressType, { url, secret, settings });
}

function smtp({ settings, issuer }: Parts): Delivery {
  const { smtpUrl: url, mailFrom: from, brand } = settings;
  if (!url || !from) {
    throw new TypeError("SMTP_URL and MAIL_FROM are needed for the delivery smtp");
  }
  return smtpDelivery({ url, from, brandName: brand.name, host: new URL(issuer).host });
}
