import { escapeHtml } from "./layout.ts";
import { type Frame, page, phrase } from "./page.ts";

/** The answer to a client, as a form that the browser posts to it. */
export interface FormPost {
  /** Where the form goes: a checked redirect URI. */
  readonly action: string;
  /** What the client is called. */
  readonly clientName: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Submits the one form of the page; the button does the same where no script runs. */
export const FORM_POST_SCRIPT = `document.forms[0].submit();\n`;

/** The page of OAuth 2.0 Form Post Response Mode §2. */
export function formPostPage(frame: Frame, { action, clientName, fields }: FormPost): string {
  const { texts, root } = frame;
  const inputs = Object.entries(fields).map(
    ([name, value]) =>
      `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  return page(frame, {
    title: texts.continueTitle,
    lead: phrase(texts.continueLead, clientName),
    body: `<form class="form" method="post" action="${escapeHtml(action)}">
${inputs.join("\n")}
<button class="main" type="submit">${escapeHtml(texts.continueButton)}</button>
</form>
<script src="${escapeHtml(root)}/assets/form_post.js" defer></script>`,
  });
}
