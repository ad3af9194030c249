import { choice, type Environment, value } from "./environment.ts";
import type { AddressType } from "./protocol/address.ts";
import {
  createAddressRules,
  parseRestrictions,
  type Restrictions,
} from "./protocol/address_rules.ts";
import { DELIVERY_NAMES, type DeliverySettings } from "./protocol/delivery_settings.ts";

/** Longest version of a legal text, in characters. */
const VERSION_LENGTH_MAX = 64;

/** Deliveries, restrictions of addresses of the type, and legal texts. Throws `TypeError` with the name of a wrong variable. */
export function readDeliverySettings(
  env: Environment,
  usual: "console" | "off",
  addressType: AddressType,
): DeliverySettings {
  const carried = [usual, "command", "webhook", "console", "off"] as const;
  return {
    emailDelivery: choice(env, "EMAIL_DELIVERY", [usual, ...DELIVERY_NAMES]),
    phoneDelivery: choice(env, "PHONE_DELIVERY", carried),
    postalDelivery: choice(env, "POSTAL_DELIVERY", carried),
    smtpUrl: value(env, "SMTP_URL"),
    mailFrom: value(env, "MAIL_FROM"),
    deliveryCommand: value(env, "DELIVERY_COMMAND"),
    deliveryWebhookUrl: readWebhookUrl(env),
    deliveryWebhookSecret: readWebhookSecret(env),
    challengerAddressRestrictions: readRestrictions(env, addressType),
    legalFolder: value(env, "LEGAL_FOLDER"),
    termsVersion: readVersion(env, "TERMS_VERSION"),
    privacyVersion: readVersion(env, "PRIVACY_VERSION"),
  };
}

function readWebhookUrl(env: Environment): string | undefined {
  const url = value(env, "DELIVERY_WEBHOOK_URL");
  if (url === undefined) return undefined;
  const isWeb = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (isWeb && !/[#@]/.test(url)) return url;
  throw new TypeError("DELIVERY_WEBHOOK_URL must be https://… without user and fragment");
}

function readWebhookSecret(env: Environment): string | undefined {
  const secret = value(env, "DELIVERY_WEBHOOK_SECRET");
  if (secret === undefined) return undefined;
  const [, base64 = ""] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const { length } = Buffer.from(base64, "base64");
  if (length >= 24 && length <= 64) return secret;
  throw new TypeError(
    'DELIVERY_WEBHOOK_SECRET must be whsec_ and base64 of 24 to 64 bytes: echo "whsec_$(openssl rand -base64 32)"',
  );
}

function readVersion(env: Environment, variable: string): string | undefined {
  const version = value(env, variable);
  if (version === undefined) return undefined;
  if (version.length <= VERSION_LENGTH_MAX && /^[!-~]+$/.test(version)) return version;
  throw new TypeError(`${variable} must be 1 to ${VERSION_LENGTH_MAX} printable characters`);
}

function readRestrictions(env: Environment, addressType: AddressType): Restrictions {
  const text = value(env, "CHALLENGER_ADDRESS_RESTRICTIONS");
  if (text === undefined) return {};
  try {
    const restrictions = parseRestrictions(text);
    createAddressRules(addressType, restrictions);
    return restrictions;
  } catch (error) {
    throw new TypeError(`CHALLENGER_ADDRESS_RESTRICTIONS: ${(error as Error).message}`);
  }
}
