import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import Negotiator from "negotiator";
import { toCrockford } from "../../protocol/crockford.ts";
import { OAuthError } from "../../protocol/oauth_error.ts";

/** Which text. */
export type LegalName = "terms" | "privacy";

/** A legal text in one language and one format. */
export interface LegalText {
  /** BCP 47 tag. */
  readonly language: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** With its quotes: 256 bits of the text's SHA-512 in Crockford base-32 (challenger.md B.2). */
  readonly etag: string;
}

/** A legal text in all its languages and formats. */
export interface LegalDocument {
  readonly texts: readonly LegalText[];
  /** Tags of all languages, in order. */
  readonly languages: readonly string[];
  /** Changes when what is agreed to changes. */
  readonly version: string;
}

/** Formats by the ends of file names, the one that browsers show best first. */
const TYPES = {
  html: "text/html",
  md: "text/markdown",
  txt: "text/plain",
  pdf: "application/pdf",
} as const;

/** `terms.de-CH.html`; what else lies in the folder is left alone. */
const FILE_NAME = /^(terms|privacy)\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3})\.(html|md|txt|pdf)$/;

/** Largest file, in bytes, and most files of a text. */
export const LEGAL_BYTES_MAX = 1024 * 1024;
const LEGAL_FILES_MAX = 200;

/** Bytes of a digest that tell texts apart. */
const DIGEST_BYTES = 32;

/** Characters of a version that is made of the texts. */
const VERSION_LENGTH = 16;

/**
 * Reads a text from a folder, once. Undefined when the folder has no file of it; throws `TypeError`
 * when the folder cannot be read, or a file is too large.
 */
export function readLegalDocument(
  folder: string,
  name: LegalName,
  version: string | undefined,
): LegalDocument | undefined {
  const texts = filesOf(folder).flatMap((file) => readText(folder, file, name));
  if (texts.length === 0) return undefined;
  const all = texts.map(({ etag }) => etag).sort();
  return {
    texts,
    languages: [...new Set(texts.map(({ language }) => language))].sort(),
    version: version ?? digestOf(all.join()).slice(0, VERSION_LENGTH),
  };
}

/**
 * The text that a request prefers: by `Accept` first, then by `Accept-Language`; where no language
 * fits, English or the first there is (RFC 9110 §12.5). Throws `legal_type_unacceptable`.
 */
export function selectLegalText({ texts }: LegalDocument, headers: Headers): LegalText {
  const negotiator = new Negotiator({
    headers: {
      accept: headers.get("accept") ?? undefined,
      "accept-language": headers.get("accept-language") ?? undefined,
    },
  });
  const offered = Object.values(TYPES).filter((type) => texts.some((text) => text.type === type));
  const type = negotiator.mediaType(offered);
  const candidates = texts.filter((text) => text.type === type);
  const english = candidates.find(({ language }) => /^en\b/.test(language));
  const language = negotiator.language([
    ...new Set([english, ...candidates].flatMap((text) => text?.language ?? [])),
  ]);
  const chosen = candidates.find((text) => text.language === language) ?? english ?? candidates[0];
  if (!chosen) throw new OAuthError("legal_type_unacceptable");
  return chosen;
}

/**
 * The text of the document that the caller has already, in whatever language (challenger.md B.2),
 * by `If-None-Match` (RFC 9110 §13.1.2).
 */
export function knownLegalText(
  { texts }: LegalDocument,
  chosen: LegalText,
  headers: Headers,
): LegalText | undefined {
  const given = (headers.get("if-none-match") ?? "").split(",").map((tag) => tag.trim());
  if (given.includes("*")) return chosen;
  const known = new Set(given.map((tag) => tag.replace(/^W\//, "")));
  return [chosen, ...texts].find(({ etag }) => known.has(etag));
}

function filesOf(folder: string): readonly string[] {
  try {
    const files = readdirSync(folder)
      .filter((file) => FILE_NAME.test(file))
      .sort();
    if (files.length <= LEGAL_FILES_MAX) return files;
  } catch {
    throw new TypeError("LEGAL_FOLDER must be the path of a folder that can be read");
  }
  throw new TypeError(`LEGAL_FOLDER must hold at most ${LEGAL_FILES_MAX} texts`);
}

function readText(folder: string, file: string, name: LegalName): readonly LegalText[] {
  const [, of, language = "", end = ""] = FILE_NAME.exec(file) ?? [];
  if (of !== name) return [];
  const path = join(folder, file);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0 || size > LEGAL_BYTES_MAX) {
    throw new TypeError(`LEGAL_FOLDER: ${file} must be a file of 1 byte to 1 MiB`);
  }
  const bytes = new Uint8Array(readFileSync(path));
  const type = TYPES[end as keyof typeof TYPES];
  return [{ language, type, bytes, etag: `"${digestOf(bytes)}"` }];
}

function digestOf(content: string | Uint8Array): string {
  const digest = createHash("sha512").update(content).digest();
  return toCrockford(digest.subarray(0, DIGEST_BYTES));
}
