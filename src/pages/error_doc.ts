import { escapeHtml, layout } from "./layout.ts";

/** What the page of one error shows; all of it comes from its catalogue row. */
export interface ErrorDoc {
  readonly name: string;
  readonly error: string;
  readonly description: string;
  readonly statuses: readonly number[];
  readonly source: string;
  readonly cause: string;
  readonly cure: string;
  /** The JSON body as it is sent. */
  readonly example: unknown;
}

/** The page behind an `error_uri`: cause, cure and an example. */
export function errorDocPage(doc: ErrorDoc, root: string): string {
  const body = `<p class="quiet"><a href="${escapeHtml(root)}/docs/errors">All errors</a></p>
<h1>${escapeHtml(doc.description)}</h1>
<p class="quiet"><code>${escapeHtml(doc.error)}</code>, status ${doc.statuses.join(" or ")}, ${escapeHtml(doc.source)}</p>
<h2>Cause</h2>
<p>${escapeHtml(doc.cause)}</p>
<h2>Cure</h2>
<p>${escapeHtml(doc.cure)}</p>
<h2>Example</h2>
<pre><code>${escapeHtml(JSON.stringify(doc.example, null, 2))}</code></pre>`;
  return layout({ title: `${doc.name}: ${doc.description}`, body, root });
}

/** The list of all errors. */
export function errorIndexPage(docs: readonly ErrorDoc[], root: string): string {
  const rows = docs.map(
    ({ name, error, description }) =>
      `<tr><td><a href="${escapeHtml(root)}/docs/errors/${escapeHtml(name)}">${escapeHtml(description)}</a></td><td><code>${escapeHtml(error)}</code></td></tr>`,
  );
  const body = `<h1>Errors</h1>
<p>Every refusal of this server, with its cause and its cure.</p>
<table><thead><tr><th scope="col">error_description</th><th scope="col">error</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table>`;
  return layout({ title: "Errors", body, root });
}
