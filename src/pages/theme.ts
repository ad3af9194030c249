import { createHash } from "node:crypto";
import type { Brand } from "../protocol/settings.ts";
import { STYLE_SHEET } from "./layout.ts";
import { PAGE_RULES } from "./page_rules.ts";
import { type Color, type Palette, paletteOf } from "./palette.ts";

/** A style sheet, and a version that changes when it does, so that browsers never keep an old one. */
export interface StyleSheet {
  readonly text: string;
  readonly version: string;
}

/** Made once for each brand: the palette takes half a millisecond, and every page names the version. */
const sheets = new WeakMap<Brand, StyleSheet>();

/** The style sheet of the pages that users see, with its version. */
export function pageStyleSheet(brand: Brand): StyleSheet {
  const known = sheets.get(brand);
  if (known) return known;
  const text = pageStyles(brand.color);
  const version = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const sheet = { text, version };
  sheets.set(brand, sheet);
  return sheet;
}

/** The style sheet of sign-in, consent, account and error pages, in the brand's colour. */
export function pageStyles(brand: Color): string {
  return `${modes(brand, PAGE_NAMES)}\n${PAGE_RULES}`;
}

/** The style sheet of the documents, in the brand's colour. */
export function documentStyles(brand: Color): string {
  return `${STYLE_SHEET}\n${modes(brand, DOCUMENT_NAMES)}`;
}

/** Custom properties of our pages. */
const PAGE_NAMES = {
  paper: "paper",
  panel: "panel",
  tint: "tint",
  ink: "ink",
  quiet: "quiet",
  line: "line",
  edge: "edge",
  accent: "accent",
  "on-accent": "onAccent",
  brand: "brand",
  "on-brand": "onBrand",
  danger: "danger",
} as const satisfies Record<string, keyof Palette>;

/** Custom properties of the documents' own style sheet that follow the brand. */
const DOCUMENT_NAMES = { accent: "accent" } as const satisfies Record<string, keyof Palette>;

function modes(brand: Color, names: Readonly<Record<string, keyof Palette>>): string {
  const rows = (mode: "light" | "dark") => {
    const palette = paletteOf(brand, mode);
    return Object.entries(names).map(([name, part]) => `--${name}: ${palette[part]};`);
  };
  return `:root { color-scheme: light dark; ${rows("light").join(" ")} }
@media (prefers-color-scheme: dark) { :root { ${rows("dark").join(" ")} } }`;
}
