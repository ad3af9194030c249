import { escapeHtml } from "./layout.ts";
import { LOCALES, type Locale, TEXTS, type Texts } from "./texts/all.ts";

/** HTML that is safe to send: text in it has been escaped. */
export type Html = string;

/** What all pages of one answer share. */
export interface Frame {
  readonly locale: Locale;
  readonly texts: Texts;
  readonly brandName: string;
  /** Whether the operator configured a logo, served at `/assets/logo`. */
  readonly hasLogo: boolean;
  /** Path that the server is mounted at, without a slash at its end. */
  readonly root: string;
  /** Host of the issuer, so that users see where they are. */
  readonly host: string;
  /** Version of the style sheet. */
  readonly version: string;
  /** Path and query of this page for a language link; undefined where it cannot be asked again. */
  readonly linkTo: ((locale: Locale) => string) | undefined;
}

/** One page: what stands in the operator's half and in the user's. */
export interface PageParts {
  readonly title: string;
  /** Line of the operator's half: whom this is for. */
  readonly aside?: Html;
  /** Paragraph under the heading. */
  readonly lead?: Html;
  readonly body: Html;
  /** Whether the form came back with a fault, which the window's title then says first. */
  readonly faulty?: boolean;
}

/** The whole document. */
export function page(frame: Frame, { title, aside, lead, body, faulty }: PageParts): Html {
  const { texts, root } = frame;
  const at = escapeHtml(root);
  const windowTitle = `${faulty ? `${texts.errorPrefix}: ` : ""}${title} · ${frame.brandName}`;
  return `<!doctype html>
<html lang="${frame.locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(windowTitle)}</title>
<link rel="stylesheet" href="${at}/assets/pages.css?v=${frame.version}">
<link rel="icon" href="${at}/assets/icon.svg?v=${frame.version}" type="image/svg+xml">
</head>
<body>
<div class="token">
<header class="ours">
<div class="name">${brandMark(frame)}<span>${escapeHtml(frame.brandName)}</span></div>
${aside === undefined ? "" : `<p class="who">${aside}</p>`}
<p class="place">${place(frame)}</p>
</header>
<main class="yours">
<div class="head">
<h1>${escapeHtml(title)}</h1>
${lead === undefined ? "" : `<p class="lead">${lead}</p>`}
</div>
${body}
</main>
</div>
<footer class="foot">
<p class="place">${place(frame)}</p>
${languageLinks(frame)}
</footer>
</body>
</html>
`;
}

/** A text with its gaps filled by what is escaped, shown in strong and kept from reordering the line. */
export function phrase(text: string, ...values: readonly string[]): Html {
  return fillWith(
    escapeHtml(text),
    values,
    (value) => `<strong><bdi>${shown(value)}</bdi></strong>`,
  );
}

/** A text with its gaps filled by HTML. */
export function phraseHtml(text: string, ...values: readonly Html[]): Html {
  return fillWith(escapeHtml(text), values, (value) => value);
}

/** A text with its gaps filled, not escaped: for titles. */
export function plain(text: string, ...values: readonly string[]): string {
  return fillWith(text, values, tame);
}

/** A name that others chose, escaped and without the characters that would reorder or hide text. */
export function shown(name: string): Html {
  return escapeHtml(tame(name));
}

/** Drops controls, bidirectional overrides and invisible characters (Unicode TR 36 §2). */
function tame(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, "");
}

function fillWith(
  text: string,
  values: readonly string[],
  show: (value: string) => string,
): string {
  return text.replace(/\{(\d)\}/g, (_, index: string) => show(values[Number(index)] ?? ""));
}

/** A token broken in two, whose halves fit. */
export const MARK_PATHS = `<path d="M5 4h12l-3 6 4 6-4 6 3 6H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1z"/><path d="M20 4h7a1 1 0 0 1 1 1v22a1 1 0 0 1-1 1h-7l-3-6 4-6-4-6z" opacity=".62"/>`;

function brandMark({ hasLogo, root }: Frame): Html {
  return hasLogo
    ? `<img src="${escapeHtml(root)}/assets/logo" alt="" width="36" height="36">`
    : `<svg viewBox="0 0 32 32" width="30" height="30" aria-hidden="true" focusable="false">${MARK_PATHS}</svg>`;
}

function place({ texts, host }: Frame): Html {
  return phrase(`${texts.youAreOn} {0}`, host);
}

function languageLinks({ texts, locale, linkTo }: Frame): Html {
  if (!linkTo) return "";
  const items = LOCALES.map((other) =>
    other === locale
      ? `<li><span lang="${other}" aria-current="true">${TEXTS[other].language}</span></li>`
      : `<li><a href="${escapeHtml(linkTo(other))}" lang="${other}" hreflang="${other}">${TEXTS[other].language}</a></li>`,
  );
  return `<nav aria-label="${escapeHtml(texts.otherLanguages)}"><ul>${items.join("")}</ul></nav>`;
}
