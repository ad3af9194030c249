import { DE } from "./de.ts";
import { EN, type Texts } from "./en.ts";
import { FR } from "./fr.ts";

/** Every text of the pages in one language. */
export type { Texts };

/** Every language of the pages, by its BCP 47 tag; the first is the one when none fits. */
export const TEXTS = { en: EN, de: DE, fr: FR } as const satisfies Record<string, Texts>;

/** Tag of a language that the pages speak. */
export type Locale = keyof typeof TEXTS;

/** All tags, in the order of the language links. */
export const LOCALES = Object.keys(TEXTS) as readonly Locale[];

/** The language that the tag of any region or script means, if it is spoken here. */
export function localeOfTag(tag: string): Locale | undefined {
  const primary = tag.trim().toLowerCase().split(/[-_]/)[0];
  return LOCALES.find((locale) => locale === primary);
}
