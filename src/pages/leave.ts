import { type ErrorDetails, errorDetails } from "./browser_error.ts";
import { placeOf } from "./consent.ts";
import { hidden } from "./fields.ts";
import { escapeHtml } from "./layout.ts";
import { type Frame, type Html, page, phrase, plain } from "./page.ts";
import type { Texts } from "./texts/all.ts";

/** What the page shows that comes before an address which nobody here has checked. */
export interface LeaveView {
  readonly clientName: string;
  readonly redirectUri: string;
  /** How the answer travels: in the address of a link, or as fields of a form. */
  readonly answer:
    | { readonly href: string }
    | { readonly fields: Readonly<Record<string, string>> };
  readonly details: ErrorDetails;
}

/**
 * Names the host that a self-registered client wants the browser to go to, and lets its user
 * decide (RFC 9700 §4.11.2).
 */
export function leavePage(frame: Frame, view: LeaveView): Html {
  const { texts } = frame;
  const { clientName, redirectUri, answer } = view;
  const place = placeOf(redirectUri, texts);
  const button =
    "href" in answer
      ? `<div class="choices">\n${onwardLink(answer.href, redirectUri, texts)}\n</div>`
      : onwardForm(redirectUri, answer.fields, texts);
  return page(frame, {
    title: texts.leaveTitle,
    lead: phrase(texts.leaveLead, clientName, place),
    body: `<p class="notice bad">${escapeHtml(texts.leaveUnchecked)}</p>
${button}
<p class="fine">${escapeHtml(texts.leaveStay)}</p>
${errorDetails(view.details, texts)}`,
  });
}

/** A link that names the host that it leads to, since a client's name is what the client says. */
export function onwardLink(href: string, redirectUri: string, texts: Texts): Html {
  return `<a class="button" href="${escapeHtml(href)}">${onwardLabel(redirectUri, texts)}</a>`;
}

function onwardForm(action: string, fields: Readonly<Record<string, string>>, texts: Texts): Html {
  const inputs = Object.entries(fields).map(([name, value]) => hidden(escapeHtml(name), value));
  return `<form class="form" method="post" action="${escapeHtml(action)}">
${inputs.join("\n")}
<button type="submit">${onwardLabel(action, texts)}</button>
</form>`;
}

function onwardLabel(redirectUri: string, texts: Texts): Html {
  return escapeHtml(plain(texts.leaveButton, placeOf(redirectUri, texts)));
}
