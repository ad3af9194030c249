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
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<link rel="stylesheet" href="${escapeHtml(page.root)}/assets/tessera.css">
</head>
<body>
<main>
${page.body}
</main>
</body>
</html>
`;
}

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
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, sans-serif; }
main { max-width: 44rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 2rem 0 .4rem; }
p { margin: 0 0 1rem; }
a { color: var(--accent); text-underline-offset: .15em; }
a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
code { font: .92em ui-monospace, monospace; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .45rem .6rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--quiet); font-weight: 600; }
.quiet { color: var(--quiet); }
`;
