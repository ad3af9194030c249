import { readFileSync, statSync } from "node:fs";
import { Elysia } from "elysia";
import type { Context } from "../http/context.ts";
import { COUNTDOWN_SCRIPT } from "../pages/challenge_pin.ts";
import { MARK_PATHS } from "../pages/page.ts";
import { type Color, paletteOf } from "../pages/palette.ts";
import { pageStyleSheet } from "../pages/theme.ts";
import { OAuthError } from "../protocol/oauth_error.ts";

/** Largest logo, in bytes. */
export const LOGO_BYTES_MAX = 256 * 1024;

/** How long assets whose URL names their version may be kept, in seconds. */
const VERSIONED_SECONDS = 30 * 86_400;

/** The same for those at a fixed URL. */
const FIXED_SECONDS = 3_600;

/** An SVG is a document of its own when it is opened; then it runs nothing and loads nothing. */
const IMAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/** A logo that has been read and recognised. */
export interface Logo {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: "image/svg+xml" | "image/png";
}

/** `/assets/pages.css`, `/assets/countdown.js`, `/assets/icon.svg` and `/assets/logo`. Throws `TypeError` for a bad logo. */
export function assetsEndpoint({ services }: Context) {
  const { brand } = services.settings;
  const { text: styles } = pageStyleSheet(brand);
  const icon = iconOf(brand.color);
  const logo = brand.logoPath === undefined ? undefined : readLogo(brand.logoPath);
  const hidden = { detail: { hide: true } } as const;
  return new Elysia({ name: "assets" })
    .get(
      "/assets/pages.css",
      () => asset(styles, "text/css; charset=utf-8", VERSIONED_SECONDS),
      hidden,
    )
    .get(
      "/assets/countdown.js",
      () => asset(COUNTDOWN_SCRIPT, "text/javascript; charset=utf-8", VERSIONED_SECONDS),
      hidden,
    )
    .get("/assets/icon.svg", () => asset(icon, "image/svg+xml", VERSIONED_SECONDS), hidden)
    .get(
      "/assets/logo",
      () => {
        if (!logo) throw new OAuthError("endpoint_unknown");
        return asset(logo.bytes, logo.type, FIXED_SECONDS);
      },
      hidden,
    );
}

/** Reads the logo once. Throws `TypeError` when it is absent, too large, or neither SVG nor PNG. */
export function readLogo(path: string): Logo {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined || size > LOGO_BYTES_MAX) {
    throw new TypeError("BRAND_LOGO must be the path of a file of at most 256 KiB");
  }
  const bytes = new Uint8Array(readFileSync(path));
  const type = imageType(bytes);
  if (type === undefined) throw new TypeError("BRAND_LOGO must be an SVG or PNG file");
  return { bytes, type };
}

/** The type by what stands in the file, whatever its name. */
function imageType(bytes: Uint8Array): Logo["type"] | undefined {
  const isPng = Buffer.from(bytes.subarray(0, 8)).toString("hex") === "89504e470d0a1a0a";
  if (isPng) return "image/png";
  const start = new TextDecoder().decode(bytes.subarray(0, 1_024)).trimStart();
  return /^(?:<\?xml|<!--|<!doctype svg|<svg)/i.test(start) && /<svg[\s>]/i.test(start)
    ? "image/svg+xml"
    : undefined;
}

/** The icon of the browser's tab, in the brand's colour and in light and dark. */
function iconOf(color: Color): string {
  const { accent } = paletteOf(color, "light");
  const { accent: dark } = paletteOf(color, "dark");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><style>path{fill:${accent}}@media(prefers-color-scheme:dark){path{fill:${dark}}}</style>${MARK_PATHS}</svg>\n`;
}

function asset(body: string | Uint8Array<ArrayBuffer>, type: string, seconds: number): Response {
  return new Response(body, {
    headers: {
      "Content-Type": type,
      "Cache-Control": `public, max-age=${seconds}`,
      "X-Content-Type-Options": "nosniff",
      ...(type.startsWith("image/") && { "Content-Security-Policy": IMAGE_POLICY }),
    },
  });
}
