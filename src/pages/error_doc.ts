import { escapeHtml, layout } from "./layout.ts";

/** What the page of one error shows; all of it comes from its catalogue row. */
export interface ErrorDoc {
  readonly name: string;
  readonly error: string;
  /** Text of `error_description`, with `{0}` where a name is filled in. */
  readonly description: string;
  readonly statuses: {
    readonly oauth: number;
    /** When the client tried the `Authorization` header. */
    readonly triedHeader: number;
    /** For clients of the profile challenger. */
    readonly challenger: number;
  };
  readonly source: string;
  readonly cause: string;
  readonly cure: string;
  /** The JSON body as it is sent. */
  readonly example: unknown;
}

/** The page behind an `error_uri`: cause, cure and an example. */
export function errorDocPage(doc: ErrorDoc, root: string): string {
  const body = `<nav><a href="${escapeHtml(root)}/docs/errors#${escapeHtml(doc.error)}">All errors</a></nav>
<h1>${escapeHtml(titleOf(doc))}</h1>
<p class="quiet"><code>${escapeHtml(doc.error)}</code> · <code>${escapeHtml(doc.name)}</code> · ${escapeHtml(doc.source)}</p>
<section class="panel">
<h2>Cause</h2>
<p>${prose(doc.cause)}</p>
<h2>Cure</h2>
<p>${prose(doc.cure)}</p>
</section>
<h2>Status</h2>
<ul class="statuses">
${statusLines(doc).join("\n")}
</ul>
<h2>Example</h2>
<pre><code>${escapeHtml(JSON.stringify(doc.example, null, 2))}</code></pre>`;
  return layout({ title: titleOf(doc), body, root });
}

/** The list of all errors, by the value of `error`. */
export function errorIndexPage(docs: readonly ErrorDoc[], root: string): string {
  const kinds = [...new Set(docs.map(({ error }) => error))];
  const jumps = kinds.map(
    (error) => `<li><a href="#${escapeHtml(error)}"><code>${escapeHtml(error)}</code></a></li>`,
  );
  const sections = kinds.map((error) => {
    const rows = docs.filter((doc) => doc.error === error).map((doc) => indexLine(doc, docs, root));
    return `<section>
<h2 id="${escapeHtml(error)}"><code>${escapeHtml(error)}</code></h2>
<ul class="errors">
${rows.join("\n")}
</ul>
</section>`;
  });
  const body = `<nav><a href="${escapeHtml(root)}/docs">API reference</a></nav>
<h1>Errors</h1>
<p>Every refusal of this server, by the value of <code>error</code>. Each has a page with its cause,
its cure and an example; <code>error_uri</code> in the answer points to it.</p>
<ul class="jumps">
${jumps.join("\n")}
</ul>
${sections.join("\n")}`;
  return layout({ title: "Errors", body, root });
}

/** One row; rows with the same text are told apart by their names. */
function indexLine(doc: ErrorDoc, docs: readonly ErrorDoc[], root: string): string {
  const href = `${escapeHtml(root)}/docs/errors/${escapeHtml(doc.name)}`;
  const twins = docs.filter(({ description }) => description === doc.description).length > 1;
  const name = twins ? ` <code class="quiet">${escapeHtml(doc.name)}</code>` : "";
  return `<li><span><a href="${href}">${escapeHtml(titleOf(doc))}</a>${name}</span> <span class="status">${doc.statuses.oauth}</span></li>`;
}

/** One line when the status is always the same, else one for each circumstance. */
function statusLines({ statuses: { oauth, triedHeader, challenger } }: ErrorDoc): string[] {
  const rows: readonly (readonly [number, string])[] = [
    [oauth, oauth === triedHeader && oauth === challenger ? "" : "ordinarily"],
    ...(triedHeader === oauth
      ? []
      : [[triedHeader, "when the request has an Authorization header"] as const]),
    ...(challenger === oauth
      ? []
      : [[challenger, "to clients registered with the profile challenger"] as const]),
  ];
  return rows.map(
    ([status, when]) => `<li><span class="status">${status}</span> ${escapeHtml(when)}</li>`,
  );
}

/** The description for readers: a gap where a name is filled in. */
function titleOf({ description }: ErrorDoc): string {
  return description.replace(/\{\d\}/g, "…");
}

/** A sentence of the catalogue, whose commands stand in backticks. */
function prose(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, "<code>$1</code>");
}
