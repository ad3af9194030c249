import { DELIVERY_TEXT_SETTINGS } from "./delivery_settings.ts";
import type { TextSetting } from "./text_setting.ts";
import { TLS_SETTINGS } from "./tls_settings.ts";

/** Addresses, secrets and choices. */
export const TEXT_SETTINGS = {
  issuer: {
    variable: "ISSUER",
    default: "http://localhost:$PORT",
    meaning: "Public address, `https://HOST[/PATH]`; every URL begins with it",
  },
  host: {
    variable: "HOST",
    default: "localhost in development, 0.0.0.0 in production",
    meaning: "Address to listen on",
  },
  port: { variable: "PORT", default: "3000", meaning: "Port to listen on" },
  databaseUrl: {
    variable: "DATABASE_URL",
    default: "sqlite:.data/tessera.db",
    meaning: "`sqlite:PATH` or `postgres://…`",
  },
  secret: {
    variable: "TESSERA_SECRET",
    default: "SQLite: a file beside it",
    meaning: "Root secret: base64 of at least 32 random bytes; Postgres needs it",
  },
  previousSecret: {
    variable: "TESSERA_SECRET_PREVIOUS",
    default: "none",
    meaning: "The secret before, still read while new seals use the current one",
  },
  trustedProxies: {
    variable: "TRUSTED_PROXIES",
    default: "none",
    meaning: "IP addresses and CIDR ranges, separated by commas, whose X-Forwarded-For is believed",
  },
  revocationUnknownToken: {
    variable: "REVOCATION_UNKNOWN_TOKEN",
    default: "error",
    meaning: "`error` answers 400 to a token never issued, `ok` RFC 7009's 200",
  },
  dpopNonce: {
    variable: "DPOP_NONCE",
    default: "off",
    meaning:
      "`required`: every DPoP proof needs our nonce; `off`: those of `require_dpop_nonce` clients",
  },
  brandName: {
    variable: "BRAND_NAME",
    default: "Tessera",
    meaning: "Name on the pages that users see",
  },
  brandLogo: {
    variable: "BRAND_LOGO",
    default: "none",
    meaning: "Path of an SVG or PNG file for the pages, at most 256 KiB",
  },
  brandColor: {
    variable: "BRAND_COLOR",
    default: "#8a3b12",
    meaning: "Colour of buttons and links, as #rrggbb",
  },
  registration: {
    variable: "REGISTRATION",
    default: "off",
    meaning:
      "Dynamic registration: `off`, `open`, or `token` for holders of an initial access token",
  },
  registrationScopes: {
    variable: "REGISTRATION_SCOPES",
    default: "openid profile email offline_access",
    meaning: "Scopes open to dynamic clients",
  },
  registrationResources: {
    variable: "REGISTRATION_RESOURCES",
    default: "none",
    meaning: "Resources, separated by commas, open to dynamic clients (RFC 8707)",
  },
  ...DELIVERY_TEXT_SETTINGS,
  outgoingPrivateHosts: {
    variable: "OUTGOING_PRIVATE_HOSTS",
    default: "none",
    meaning: "Private hosts, separated by commas, that our own requests may reach",
  },
  umaClaimTokenIssuers: {
    variable: "UMA_CLAIM_TOKEN_ISSUERS",
    default: "none",
    meaning: "Issuers, separated by commas, whose ID tokens are claim tokens beside ours",
  },
  challengerPrefix: {
    variable: "CHALLENGER_PREFIX",
    default: "/challenger",
    meaning: "Path of the Challenger protocol; `/` serves only it, `off` leaves it out",
  },
  challengerAddressType: {
    variable: "CHALLENGER_ADDRESS_TYPE",
    default: "email",
    meaning: "What Challenger validates: `email`, `phone`, `postal`, `postal-ch`",
  },
  challengerAddressHint: {
    variable: "CHALLENGER_ADDRESS_HINT",
    default: "Your address",
    meaning: "What /config tells user interfaces to call the address",
  },
  metricsToken: {
    variable: "METRICS_TOKEN",
    default: "none",
    meaning: "Bearer token, 16 characters or more, that lets other machines read /metrics",
  },
  ...TLS_SETTINGS,
} as const satisfies Record<string, TextSetting>;
