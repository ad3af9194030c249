/** Text made safe for HTML, in element content and in quoted attributes alike. */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

/** A whole page around `body`, which is HTML already. `root` is the path the server is mounted at. */
export function layout(page: { title: string; body: string; root: string }): string {
  const root = escapeHtml(page.root);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)} · Tessera</title>
<link rel="stylesheet" href="${root}/assets/tessera.css">
<link rel="icon" href="${root}/assets/tessera.svg" type="image/svg+xml">
</head>
<body>
<header><a href="${root}/docs"><img src="${root}/assets/tessera.svg" alt="" width="24" height="24">Tessera</a></header>
<main>
${page.body}
</main>
</body>
</html>
`;
}

/** The icon: a token broken in two, whose halves fit. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<path d="M4 4h13l-3 6 4 6-4 6 3 6H4z" fill="#8a3b12"/>
<path d="M20 4h8v24h-8l-3-6 4-6-4-6z" fill="#d98a55"/>
</svg>
`;

/** The one style sheet: light and dark, phone and desktop. */
export const STYLE_SHEET = `:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf7, #17181a);
  --ink: light-dark(#1d1f22, #e9e7e1);
  --quiet: light-dark(#5b6068, #a3a8b0);
  --line: light-dark(#dedad0, #33363b);
  --accent: light-dark(#8a3b12, #f0a878);
  --panel: light-dark(#ffffff, #1f2124);
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, sans-serif; }
header, main { max-width: 46rem; margin: 0 auto; padding: 1rem 1.25rem; }
header { border-bottom: 1px solid var(--line); }
header a { display: inline-flex; gap: .6rem; align-items: center; color: var(--ink); font-weight: 650; text-decoration: none; }
main { padding-top: 1.5rem; padding-bottom: 4rem; }
nav { margin-bottom: 1.5rem; font-size: .95rem; }
nav a::before { content: "←"; display: inline-block; margin-right: .4em; }
h1 { font-size: clamp(1.4rem, 1.1rem + 1.6vw, 1.9rem); line-height: 1.25; margin: 0 0 .5rem; overflow-wrap: anywhere; text-wrap: balance; }
h2 { font-size: 1.05rem; margin: 2rem 0 .4rem; }
p { margin: 0 0 1rem; overflow-wrap: anywhere; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: .18em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; }
h2 code { font-weight: 650; }
.panel, pre { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem 1.25rem; }
.panel { margin: 1.5rem 0; }
.panel h2 { margin-top: 1.1rem; }
.panel h2:first-child { margin-top: 0; }
.panel p:last-child { margin-bottom: 0; }
pre { margin: 0; line-height: 1.5; white-space: pre-wrap; }
ul { list-style: none; margin: 0; padding: 0; }
.errors li { display: flex; gap: 1rem; justify-content: space-between; align-items: baseline; padding: .5rem 0; border-bottom: 1px solid var(--line); }
section { margin-top: 2.5rem; }
.jumps { display: flex; flex-wrap: wrap; gap: .5rem; }
.jumps a { display: inline-block; padding: .2rem .7rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--panel); text-decoration: none; }
.statuses li { display: flex; gap: .75rem; align-items: baseline; }
.status { font: .92em ui-monospace, monospace; color: var(--quiet); }
.quiet { color: var(--quiet); }
`;
