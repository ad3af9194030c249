import type { Restrictions } from "./address_rules.ts";
import type { TextSetting } from "./text_setting.ts";

/** How codes reach people, and what the Challenger protocol asks and tells them. */
export const DELIVERY_TEXT_SETTINGS = {
  emailDelivery: {
    variable: "EMAIL_DELIVERY",
    default: "off; console in development",
    meaning: "Codes to e-mail: `smtp`, `command`, `webhook`, `console`, `off`",
  },
  phoneDelivery: {
    variable: "PHONE_DELIVERY",
    default: "off; console in development",
    meaning: "Codes to phones: `command`, `webhook`, `console`, `off`",
  },
  postalDelivery: {
    variable: "POSTAL_DELIVERY",
    default: "off; console in development",
    meaning: "Codes by letter: `command`, `webhook`, `console`, `off`",
  },
  smtpUrl: {
    variable: "SMTP_URL",
    default: "none",
    meaning: "Mail server, as smtp://USER:PASSWORD@HOST:PORT or smtps://…",
  },
  mailFrom: {
    variable: "MAIL_FROM",
    default: "none",
    meaning: "Sender of the mails",
  },
  deliveryCommand: {
    variable: "DELIVERY_COMMAND",
    default: "none",
    meaning: "Program that delivers codes: address as argument, code on standard input",
  },
  deliveryWebhookUrl: {
    variable: "DELIVERY_WEBHOOK_URL",
    default: "none",
    meaning: "Where codes are posted as JSON; https, or a host of OUTGOING_PRIVATE_HOSTS",
  },
  deliveryWebhookSecret: {
    variable: "DELIVERY_WEBHOOK_SECRET",
    default: "none",
    meaning: "Signs what is posted there: `whsec_` and base64 of 24 to 64 bytes",
  },
  challengerAddressRestrictions: {
    variable: "CHALLENGER_ADDRESS_RESTRICTIONS",
    default: "{}",
    meaning: "JSON: field → `regex` (POSIX extended), `hint`, `hint_i18n`",
  },
  legalFolder: {
    variable: "LEGAL_FOLDER",
    default: "none",
    meaning: "Folder of `terms.en.md`, `privacy.de.html` and the like, for /terms and /privacy",
  },
  termsVersion: {
    variable: "TERMS_VERSION",
    default: "made of the texts",
    meaning: "`Taler-Terms-Version` of /terms",
  },
  privacyVersion: {
    variable: "PRIVACY_VERSION",
    default: "made of the texts",
    meaning: "The same of /privacy",
  },
} as const satisfies Record<string, TextSetting>;

/** Names of deliveries that the configuration may choose. */
export const DELIVERY_NAMES = ["smtp", "command", "webhook", "console", "off"] as const;

/** Name of a delivery. */
export type DeliveryName = (typeof DELIVERY_NAMES)[number];

/** Deliveries, restrictions and legal texts, as the services have them. */
export interface DeliverySettings {
  readonly emailDelivery: DeliveryName;
  readonly phoneDelivery: DeliveryName;
  readonly postalDelivery: DeliveryName;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string | undefined;
  readonly deliveryCommand: string | undefined;
  readonly deliveryWebhookUrl: string | undefined;
  readonly deliveryWebhookSecret: string | undefined;
  readonly challengerAddressRestrictions: Restrictions;
  readonly legalFolder: string | undefined;
  readonly termsVersion: string | undefined;
  readonly privacyVersion: string | undefined;
}

/** What applies where nothing is configured. */
export const DEFAULT_DELIVERY_SETTINGS: DeliverySettings = {
  emailDelivery: "off",
  phoneDelivery: "off",
  postalDelivery: "off",
  smtpUrl: undefined,
  mailFrom: undefined,
  deliveryCommand: undefined,
  deliveryWebhookUrl: undefined,
  deliveryWebhookSecret: undefined,
  challengerAddressRestrictions: {},
  legalFolder: undefined,
  termsVersion: undefined,
  privacyVersion: undefined,
};
