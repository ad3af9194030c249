import { escapeHtml } from "./layout.ts";

/** Colours of the OpenAPI page, the same as in the style sheet of our own pages. */
export const REFERENCE_THEME = `.light-mode {
  --scalar-color-1: #1d1f22; --scalar-color-2: #5b6068; --scalar-color-3: #6f747c;
  --scalar-color-accent: #8a3b12; --scalar-border-color: #dedad0;
  --scalar-background-1: #fbfaf7; --scalar-background-2: #f3f0e9; --scalar-background-3: #e8e4da;
  --scalar-background-accent: #8a3b1214;
}
.dark-mode {
  --scalar-color-1: #e9e7e1; --scalar-color-2: #a3a8b0; --scalar-color-3: #8b9098;
  --scalar-color-accent: #f0a878; --scalar-border-color: #33363b;
  --scalar-background-1: #17181a; --scalar-background-2: #1f2124; --scalar-background-3: #2a2d31;
  --scalar-background-accent: #f0a8781f;
}
.light-mode, .dark-mode { --scalar-font: system-ui, sans-serif; --scalar-font-code: ui-monospace, monospace; }`;

/**
 * The policy of the OpenAPI page: its own origin and nothing else. Scalar writes its style elements
 * itself, some without a nonce, so that inline styles must be allowed; inline scripts are not.
 */
export const REFERENCE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "form-action 'none'",
].join("; ");

/**
 * The generated OpenAPI page with what it lacks: a language, an icon, words for readers without
 * scripts, and a type that says of its settings that they are data, not a script.
 */
export function dressReference(html: string, root: string): string {
  const at = escapeHtml(root);
  return html
    .replace("<html>", '<html lang="en">')
    .replace(
      "<head>",
      `<head>
    <link rel="icon" href="${at}/assets/tessera.svg" type="image/svg+xml">`,
    )
    .replace(
      "<body>",
      `<body>
    <noscript>This page needs JavaScript. The document itself is at <a href="${at}/docs/json">docs/json</a>,
    and each error has a page under <a href="${at}/docs/errors">docs/errors</a>.</noscript>`,
    )
    .replace('id="api-reference"', 'id="api-reference" type="application/json"');
}
