/**
 * Every setting is a row, of numbers or of text: `config.ts` reads the environment by these rows
 * and the README's table is held to them by a test (decisions D1).
 */
import type { AddressType } from "./address.ts";
import { DEFAULT_DELIVERY_SETTINGS, type DeliverySettings } from "./delivery_settings.ts";
import { LIFETIME_SETTINGS } from "./lifetime_settings.ts";
import { LIMIT_SETTINGS } from "./limit_settings.ts";
import { TEXT_SETTINGS } from "./text_settings.ts";
import { DEFAULT_TLS_SETTINGS, type TlsSettings } from "./tls_settings.ts";

export { TEXT_SETTINGS };

/** Lifetimes and limits. */
export const NUMBER_SETTINGS = { ...LIFETIME_SETTINGS, ...LIMIT_SETTINGS };

/** The numbers in force. */
export type NumberSettings = { readonly [K in keyof typeof NUMBER_SETTINGS]: number };

/** The settings that services and endpoints need; addresses and secrets stay with `config.ts`. */
export interface Settings extends NumberSettings, TlsSettings, DeliverySettings {
  readonly trustedProxies: readonly string[];
  readonly revocationUnknownToken: "error" | "ok";
  readonly dpopNonce: "off" | "required";
  readonly metricsToken: string | undefined;
  readonly brand: Brand;
  readonly registration: "off" | "open" | "token";
  readonly registrationScopes: readonly string[];
  readonly registrationResources: readonly string[];
  readonly outgoingPrivateHosts: readonly string[];
  readonly umaClaimTokenIssuers: readonly string[];
  /** Path of the Challenger protocol, `/` for nothing but it; undefined when it is off. */
  readonly challengerPrefix: string | undefined;
  readonly challengerAddressType: AddressType;
  readonly challengerAddressHint: string;
}

/** How the pages look. */
export interface Brand {
  readonly name: string;
  /** Path of the logo's file. */
  readonly logoPath: string | undefined;
  /** A colour as #rrggbb. */
  readonly color: string;
}

/** Every lifetime and limit at its default; embedders and tests spread it. */
export const DEFAULT_SETTINGS: Settings = {
  ...(Object.fromEntries(
    Object.entries(NUMBER_SETTINGS).map(([name, setting]) => [name, setting.default]),
  ) as NumberSettings),
  ...DEFAULT_TLS_SETTINGS,
  ...DEFAULT_DELIVERY_SETTINGS,
  trustedProxies: [],
  revocationUnknownToken: "error",
  dpopNonce: "off",
  metricsToken: undefined,
  brand: {
    name: TEXT_SETTINGS.brandName.default,
    logoPath: undefined,
    color: TEXT_SETTINGS.brandColor.default,
  },
  registration: "off",
  registrationScopes: TEXT_SETTINGS.registrationScopes.default.split(" "),
  registrationResources: [],
  outgoingPrivateHosts: [],
  umaClaimTokenIssuers: [],
  challengerPrefix: TEXT_SETTINGS.challengerPrefix.default,
  challengerAddressType: TEXT_SETTINGS.challengerAddressType.default,
  challengerAddressHint: TEXT_SETTINGS.challengerAddressHint.default,
};
