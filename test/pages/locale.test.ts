import { describe, expect, test } from "bun:test";
import { chooseLocale } from "../../src/http/locale.ts";

const ISSUER = "https://id.example.org";

interface Asked {
  readonly query?: string;
  readonly cookie?: string;
  readonly uiLocales?: readonly string[];
  readonly accept?: string;
}

function chosen({ query = "", cookie, uiLocales = [], accept }: Asked): string {
  const headers = {
    ...(cookie !== undefined && { Cookie: `__Host-tessera_locale=${cookie}` }),
    ...(accept !== undefined && { "Accept-Language": accept }),
  };
  const request = new Request(`${ISSUER}/login${query}`, { headers });
  return chooseLocale(request, uiLocales, { issuer: ISSUER });
}

describe("chooseLocale()", () => {
  test.each<[string, Asked, string]>([
    ["English where nothing is said", {}, "en"],
    ["English where nothing fits", { uiLocales: ["ja"], accept: "zh-CN, ko;q=0.9" }, "en"],
    ["the browser's dearest", { accept: "fr-CA,fr;q=0.9,en;q=0.8" }, "fr"],
    ["the weight, not the place", { accept: "en;q=0.4, de-AT;q=0.9" }, "de"],
    ["not what the browser excludes", { accept: "de;q=0, fr;q=0.1" }, "fr"],
    ["the first of ui_locales that is spoken", { uiLocales: ["ja", "fr-CH", "de"] }, "fr"],
    ["ui_locales before the browser", { uiLocales: ["de"], accept: "fr" }, "de"],
    ["what the user chose before all", { cookie: "fr", uiLocales: ["de"], accept: "en" }, "fr"],
    ["the link that was just followed", { query: "?locale=de", cookie: "fr" }, "de"],
    ["nothing out of a strange value", { query: "?locale=__proto__", accept: "de" }, "de"],
    ["a tag in capitals", { accept: "DE-de" }, "de"],
  ])("takes %s", (_, asked, locale) => {
    expect(chosen(asked)).toBe(locale);
  });

  test("reads a bounded part of a long header", () => {
    expect(chosen({ accept: `${"ja,".repeat(100_000)}de` })).toBe("en");
  });
});
