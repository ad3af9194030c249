import { escapeHtml } from "./layout.ts";
import { type Frame, type Html, page } from "./page.ts";
import type { Texts } from "./texts/all.ts";

/** What the page of a refusal shows. */
export interface BrowserError {
  /** The heading; "This did not work" unless said otherwise. */
  readonly title?: string;
  /** For the person in front of the browser, in his language. */
  readonly message: string;
  /** For those who run the application: the `error` word, what it means here, and where it is explained. */
  readonly details?: ErrorDetails;
}

/** A refusal in the words of its protocol. */
export interface ErrorDetails {
  readonly error: string;
  readonly description: string;
  readonly href: string;
}

/** The page for a refusal that must not be sent to a redirect URI, or has none. */
export function errorPage(frame: Frame, { title, message, details }: BrowserError): string {
  const { texts } = frame;
  const more = details === undefined ? "" : errorDetails(details, texts);
  return page(frame, {
    title: title ?? texts.errorTitle,
    body: `<p role="alert">${escapeHtml(message)}</p>\n${more}`,
    faulty: true,
  });
}

/** What those who run the application want to know, folded. */
export function errorDetails({ error, description, href }: ErrorDetails, texts: Texts): Html {
  return `<details>
<summary>${escapeHtml(texts.errorDetails)}</summary>
<p lang="en"><code>${escapeHtml(error)}</code>: <a href="${escapeHtml(href)}">${escapeHtml(description)}</a></p>
</details>`;
}
