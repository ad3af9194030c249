/**
 * Rules of the pages that users see. A page is a tessera broken in two: the operator's half and the
 * user's, whose broken edges fit. The seam runs down on wide screens and across on narrow ones.
 */
export const PAGE_RULES = `*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; display: flex; flex-direction: column; align-items: center;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
}
h1, h2, p, ul, dl, dd, form { margin: 0; padding: 0; }
h1 { font-size: 1.6rem; line-height: 1.2; font-weight: 680; letter-spacing: -.015em; text-wrap: balance; }
h2 { font-size: 1.05rem; line-height: 1.35; font-weight: 650; }
h1, h2, p, li, dd, strong { overflow-wrap: anywhere; }
strong { font-weight: 650; }
ul { list-style: none; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: .2em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
svg, img { display: block; }

.token { width: 100%; display: flex; flex-direction: column; }
.ours {
  background: var(--brand); color: var(--on-brand); padding: 1.25rem 1.25rem 2.4rem;
  clip-path: polygon(0 0, 100% 0, 100% calc(100% - 6px), 75% calc(100% - 16px), 50% 100%, 25% calc(100% - 16px), 0 calc(100% - 6px));
}
.ours a { color: inherit; }
.ours :focus-visible, .ours:focus-visible { outline-color: var(--on-brand); }
.name { display: flex; align-items: center; gap: .65rem; font-weight: 660; font-size: 1.05rem; overflow-wrap: anywhere; }
.name svg { flex: none; fill: currentColor; }
.name img { width: 2.25rem; height: 2.25rem; object-fit: contain; background: #fff; border-radius: .45rem; padding: .2rem; flex: none; }
.who { margin-top: .75rem; line-height: 1.4; }
.who span { display: block; overflow-wrap: anywhere; }
.who strong { display: block; font-size: 1.15rem; line-height: 1.3; }
.place { display: none; font-size: .875rem; line-height: 1.45; }
.yours { padding: 1.5rem 1.25rem 2rem; display: flex; flex-direction: column; gap: 1.25rem; width: 100%; max-width: 34rem; margin: 0 auto; }
.lead { color: var(--quiet); }
.head { display: grid; gap: .5rem; }

.form { display: grid; gap: 1.1rem; }
.field { display: grid; gap: .35rem; }
.field label { font-weight: 600; font-size: .94rem; }
input, textarea {
  font: inherit; color: inherit; background: var(--panel); width: 100%; min-height: 3rem; padding: .6rem .8rem;
  border: 1px solid var(--edge); border-radius: .55rem;
}
textarea { display: block; resize: vertical; line-height: 1.45; }
input:focus-visible, textarea:focus-visible { outline-offset: 0; border-color: var(--accent); border-radius: .55rem; }
input[aria-invalid="true"], textarea[aria-invalid="true"] { border-color: var(--danger); border-width: 2px; }
.code { font: 600 1.5rem/1 ui-monospace, "SF Mono", "Liberation Mono", monospace; letter-spacing: .35em; max-width: 15rem; font-variant-numeric: tabular-nums; }
input[readonly], textarea[readonly] { background: var(--tint); border-style: dashed; }
.fault { color: var(--danger); font-weight: 550; font-size: .95rem; }
.notice { background: var(--tint); border-left: 4px solid var(--accent); border-radius: .3rem; padding: .7rem .9rem; }
.notice.bad { border-left-color: var(--danger); }

button, .button {
  font: inherit; font-weight: 620; line-height: 1.3; min-height: 3rem; padding: .6rem 1.2rem; border-radius: .55rem; cursor: pointer;
  display: inline-flex; align-items: center; justify-content: center; text-align: center; text-decoration: none;
  background: var(--panel); color: var(--accent); border: 1px solid var(--edge); overflow-wrap: anywhere;
}
button:hover, .button:hover { border-color: var(--accent); background: var(--tint); }
button.main, .button.main { background: var(--accent); color: var(--on-accent); border-color: var(--accent); }
button.main:hover, .button.main:hover { box-shadow: inset 0 0 0 2px var(--on-accent); }
button:focus-visible, .button:focus-visible { border-radius: .55rem; }
button.plain { background: none; border: 0; padding: .3rem 0; min-height: 2.25rem; font-weight: 500; text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: .2em; justify-self: start; }
button.plain:hover { background: none; text-decoration-thickness: 2px; }
button:disabled, button.main:disabled { color: var(--quiet); background: var(--tint); border-color: var(--line); cursor: default; box-shadow: none; }
button.plain:disabled { background: none; text-decoration: none; }
button.small { min-height: 2.5rem; padding: .35rem .85rem; font-size: .94rem; }
.choices { display: grid; gap: .7rem; }
.resend { display: grid; gap: .3rem; justify-items: start; }
.more { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: center; }

.wishes { display: grid; gap: .45rem; }
.wishes li { position: relative; padding-left: 1.6rem; }
.wishes li::before { content: ""; position: absolute; left: .15rem; top: .55em; width: .5rem; height: .5rem; background: var(--accent); border-radius: 1px; transform: rotate(45deg); }
.known li { color: var(--quiet); }
.known li::before { background: var(--edge); }
.group { display: grid; gap: .6rem; }
.facts { display: grid; gap: .75rem; border-top: 1px solid var(--line); padding-top: 1rem; font-size: .94rem; }
.facts dt { color: var(--quiet); }
.facts dd { font-weight: 600; }
.fine { font-size: .9rem; color: var(--quiet); }

.rows { border-top: 1px solid var(--line); }
.rows > li { display: flex; flex-wrap: wrap; gap: .6rem 1rem; align-items: center; justify-content: space-between; padding: .9rem 0; border-bottom: 1px solid var(--line); }
.rows > li:has(.wishes) { align-items: flex-start; }
.rows .what { flex: 1 1 14rem; min-width: 0; display: grid; gap: .15rem; }
.rows .wishes { margin: .35rem 0; }
.rows .fault { font-size: .9rem; }
.answers { flex: 1 1 100%; display: flex; flex-wrap: wrap; gap: .6rem; }
.badge { display: inline-block; font-size: .82rem; font-weight: 600; color: var(--accent); background: var(--tint); border: 1px solid var(--line); border-radius: 1rem; padding: 0 .55rem; margin-left: .35rem; }
.part { display: grid; gap: .8rem; }
.part + .part { margin-top: 1rem; }

details { font-size: .94rem; border-top: 1px solid var(--line); padding-top: 1rem; }
summary { cursor: pointer; color: var(--quiet); }
details p { margin-top: .6rem; }
code { font: .92em ui-monospace, "SF Mono", "Liberation Mono", monospace; overflow-wrap: anywhere; }

.foot { width: 100%; max-width: 34rem; margin-top: auto; padding: .5rem 1.25rem 1.5rem; font-size: .9rem; color: var(--quiet); display: grid; gap: .4rem; }
.foot ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; }
.foot a { color: inherit; display: inline-block; padding: .25rem 0; }
.foot [aria-current] { font-weight: 650; color: var(--ink); padding: .25rem 0; display: inline-block; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

@media (min-width: 52rem) {
  body { padding: 3rem 1.5rem 1.5rem; }
  .token { max-width: 56rem; margin: auto 0; flex-direction: row; min-height: 29rem; filter: drop-shadow(0 1px 1px rgb(0 0 0 / .08)) drop-shadow(0 12px 28px rgb(0 0 0 / .1)); }
  .ours {
    flex: 0 0 19.5rem; display: flex; flex-direction: column; padding: 2.25rem 2.5rem 2rem 2.25rem; border-radius: 1.1rem 0 0 1.1rem;
    clip-path: polygon(0 0, calc(100% - 8px) 0, calc(100% - 18px) 25%, 100% 50%, calc(100% - 18px) 75%, calc(100% - 8px) 100%, 0 100%);
  }
  .who { margin-top: 4.5rem; }
  .who strong { font-size: 1.45rem; line-height: 1.25; letter-spacing: -.01em; }
  .place { display: block; margin-top: auto; padding-top: 2rem; }
  .yours {
    flex: 1; max-width: none; min-width: 0; margin: 0 0 0 -10px; padding: 2.25rem 2.75rem 2.25rem 3.75rem; background: var(--panel); border-radius: 0 1.1rem 1.1rem 0;
    justify-content: center; clip-path: polygon(10px 0, 100% 0, 100% 100%, 10px 100%, 0 75%, 18px 50%, 0 25%);
  }
  .pair { display: grid; grid-template-columns: 1fr 1fr; gap: .8rem; }
  .foot { max-width: 56rem; margin-top: 1.25rem; padding: 0 .5rem; display: flex; justify-content: flex-end; }
  .foot .place { display: none; }
}
@media (max-width: 51.99rem) { .foot .place { display: block; } }
@media (forced-colors: active) { .ours, .yours { clip-path: none; } .wishes li::before { background: CanvasText; forced-color-adjust: none; } }
@media print { .foot { display: none; } .token { filter: none; } }
`;
