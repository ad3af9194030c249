import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { legalAnswers } from "../../src/plugins/challenger/legal.ts";
import { LEGAL_BYTES_MAX } from "../../src/plugins/challenger/legal_texts.ts";
import { OAuthError } from "../../src/protocol/oauth_error.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../src/protocol/settings.ts";
import { openBrowser } from "../support/browser.ts";
import { temporaryFolder } from "../support/databases.ts";
import { arrive } from "./challenger_browser.ts";
import { challengerServer } from "./challenger_fixture.ts";

const TEXTS = {
  "terms.en.md": "# Terms\n",
  "terms.de.md": "# Bedingungen\n",
  "terms.en.html": "<!doctype html><title>Terms</title><h1>Terms</h1>",
  "terms.fr-CH.txt": "Conditions\n",
  "terms.en.pdf": "%PDF-1.7\n",
  "privacy.de.txt": "Datenschutz\n",
  "README.md": "not for anybody",
  "terms.md": "no language",
  "terms.en.exe": "no format",
};

function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const answersOf = (legalFolder: string | undefined, settings: Partial<Settings> = {}) =>
  legalAnswers({ settings: { ...DEFAULT_SETTINGS, legalFolder, ...settings } });

const answers = answersOf(folderOf(TEXTS));
const ask = (headers: Record<string, string> = {}, name: "terms" | "privacy" = "terms") =>
  answers(name, new Request("http://localhost/terms", { headers }));

describe("/terms and /privacy (challenger.md B.2)", () => {
  test.each([
    [{}, "<!doctype html><title>Terms</title><h1>Terms</h1>", "text/html; charset=utf-8", "en"],
    [{ accept: "text/markdown" }, "# Terms\n", "text/markdown; charset=utf-8", "en"],
    // The format first, then the language.
    [{ "accept-language": "de" }, TEXTS["terms.en.html"], "text/html; charset=utf-8", "en"],
    [
      { accept: "text/markdown", "accept-language": "de-AT, en;q=0.5" },
      "# Bedingungen\n",
      "text/markdown; charset=utf-8",
      "de",
    ],
    [
      { accept: "text/markdown", "accept-language": "de;q=0.3, en;q=0.5" },
      "# Terms\n",
      "text/markdown; charset=utf-8",
      "en",
    ],
    [
      { accept: "text/markdown, */*;q=0.1", "accept-language": "it" },
      "# Terms\n",
      "text/markdown; charset=utf-8",
      "en",
    ],
    [{ accept: "text/plain" }, "Conditions\n", "text/plain; charset=utf-8", "fr-CH"],
    [{ accept: "application/pdf" }, "%PDF-1.7\n", "application/pdf", "en"],
    [
      { accept: "text/html;q=0, text/*", "accept-language": "en" },
      "# Terms\n",
      "text/markdown; charset=utf-8",
      "en",
    ],
  ])("%p gets %p", async (headers, text, type, language) => {
    const response = ask(headers as Record<string, string>);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(text);
    expect(response.headers.get("content-type")).toBe(type);
    expect(response.headers.get("content-language")).toBe(language);
    expect(response.headers.get("vary")).toBe("Accept, Accept-Language");
    expect(response.headers.get("avail-languages")).toBe("de, en, fr-CH");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("HTML of the operator's runs nothing and is shown in no frame", () => {
    const policy = ask().headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("sandbox");
  });

  test("the tag is 256 bits of SHA-512 in Crockford base-32", () => {
    const digest = createHash("sha512").update("# Terms\n").digest().subarray(0, 32);
    const bits = [...digest].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    const text = (bits.padEnd(260, "0").match(/.{5}/g) ?? [])
      .map((five) => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[Number.parseInt(five, 2)])
      .join("");
    expect(ask({ accept: "text/markdown" }).headers.get("etag")).toBe(`"${text}"`);
  });

  test("a known tag, weak or in a list, of any language, is answered by 304", async () => {
    const german = ask({ accept: "text/markdown", "accept-language": "de" });
    const tag = german.headers.get("etag") ?? "";
    for (const given of [tag, `W/${tag}`, `"x", ${tag}`]) {
      const response = ask({ accept: "text/markdown", "if-none-match": given });
      expect(response.status).toBe(304);
      expect(response.headers.get("etag")).toBe(tag);
      expect(await response.text()).toBe("");
    }
    expect(ask({ "if-none-match": "*" }).status).toBe(304);
    expect(ask({ "if-none-match": '"x"' }).status).toBe(200);
    expect(ask({ "if-none-match": tag.replaceAll('"', "") }).status).toBe(200);
    expect(ask({ "if-none-match": tag }, "privacy").status).toBe(200);
  });

  test("no format that the request accepts is refused, and so is a text that is not there", () => {
    const codeOf = (run: () => unknown) => {
      try {
        return run();
      } catch (error) {
        return error instanceof OAuthError ? [error.code, error.row.status] : error;
      }
    };
    expect(codeOf(() => ask({ accept: "image/png" }))).toEqual(["legal_type_unacceptable", 406]);
    const none = answersOf(undefined);
    const only = answersOf(folderOf({ "terms.en.md": "x" }));
    const request = new Request("http://localhost/privacy");
    for (const each of [none, only]) {
      expect(codeOf(() => each("privacy", request))).toEqual(["legal_text_absent", 501]);
    }
  });

  test("the version is the configured one, else it changes with any text", () => {
    const versionOf = (folder: string, settings: Partial<Settings> = {}) =>
      answersOf(folder, settings)("terms", new Request("http://localhost/")).headers.get(
        "taler-terms-version",
      );
    const [one = "", same, other] = [TEXTS, TEXTS, { ...TEXTS, "terms.de.md": "# Neu\n" }].map(
      (texts) => versionOf(folderOf(texts)),
    );
    expect(one).toMatch(/^[0-9A-HJKMNP-TV-Z]{16}$/);
    expect(same).toBe(one);
    expect(other).not.toBe(one);
    expect(versionOf(folderOf(TEXTS), { termsVersion: "tos-v2" })).toBe("tos-v2");
  });

  test("a folder that is not there, and a file without or with too much text, stop the start-up", () => {
    const faults = [
      join(temporaryFolder(), "absent"),
      folderOf({ "terms.en.md": "" }),
      folderOf({ "terms.en.md": new Uint8Array(LEGAL_BYTES_MAX + 1) }),
    ];
    for (const folder of faults) expect(() => answersOf(folder)).toThrow(/^LEGAL_FOLDER/);
  });
});

describe("the page that asks for an address", () => {
  const links = (text: string) => [...text.matchAll(/href="([^"]*\/(?:terms|privacy))"/g)];

  test.each([
    ["/challenger", TEXTS, ["/challenger/terms", "/challenger/privacy"]],
    ["/", { "privacy.de.txt": "Datenschutz\n" }, ["/privacy"]],
    ["/challenger", {}, []],
  ] as const)("under %s leads to the texts that there are", async (prefix, files, expected) => {
    const settings = { legalFolder: folderOf(files) };
    const t = await challengerServer({ prefix, settings });
    const { page } = await arrive(t);
    expect(links(page.text).map(([, path]) => path ?? "")).toEqual([...expected]);
    for (const path of expected) expect((await openBrowser(t).open(path)).status).toBe(200);
  });
});
