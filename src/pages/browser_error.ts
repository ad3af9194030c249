import { escapeHtml } from "./layout.ts";
import { type Frame, page } from "./page.ts";

/** What the page of a refusal shows. */
export interface BrowserError {
  /** The heading; "This did not work" unless said otherwise. */
  readonly title?: string;
  /** For the person in front of the browser, in his language. */
  readonly message: string;
  /** For those who run the application: the `error` word, what it means here, and where it is explained. */
  readonly details?: {
    readonly error: string;
    readonly description: string;
    readonly href: string;
  };
}

/** The page for a refusal that must not be sent to a redirect URI, or has none. */
export function errorPage(frame: Frame, { title, message, details }: BrowserError): string {
  const { texts } = frame;
  const more =
    details === undefined
      ? ""
      : `<details>
<summary>${escapeHtml(texts.errorDetails)}</summary>
<p lang="en"><code>${escapeHtml(details.error)}</code>: <a href="${escapeHtml(details.href)}">${escapeHtml(details.description)}</a></p>
</details>`;
  return page(frame, {
    title: title ?? texts.errorTitle,
    body: `<p role="alert">${escapeHtml(message)}</p>\n${more}`,
    faulty: true,
  });
}
