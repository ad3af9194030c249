import { describe, expect, test } from "bun:test";
import { LOCALES, TEXTS, type Texts } from "../../src/pages/texts/all.ts";

const KEYS = Object.keys(TEXTS.en) as (keyof Texts)[];
const gapsOf = (text: string) => (text.match(/\{\d\}/g) ?? []).sort();

describe.each([...LOCALES])("texts in %s", (locale) => {
  test("has every key, and none besides", () => {
    expect(Object.keys(TEXTS[locale]).sort()).toEqual([...KEYS].sort());
  });

  test.each(KEYS)("%s says something, with the same gaps as in English", (key) => {
    expect(TEXTS[locale][key].trim()).not.toBe("");
    expect(gapsOf(TEXTS[locale][key])).toEqual(gapsOf(TEXTS.en[key]));
  });
});

test("no language repeats English where it has words of its own", () => {
  for (const locale of LOCALES.filter((other) => other !== "en")) {
    const same = KEYS.filter((key) => String(TEXTS[locale][key]) === TEXTS.en[key]);
    expect(same, locale).toEqual([]);
  }
});
