import { placeOf } from "./consent.ts";
import { form, hidden } from "./fields.ts";
import { escapeHtml } from "./layout.ts";
import { type Frame, type Html, page, phrase, plain } from "./page.ts";
import { asideOf } from "./sign_in.ts";

/** Where the browser goes from a page, when an address is proven. */
export interface Onward {
  readonly client: string;
  readonly redirectUri: string;
  /** The redirect URI with the code. */
  readonly href: string;
}

/** The page of a process that is over, for who opens it again. */
export function provenPage(frame: Frame, onward: Onward, address: string): Html {
  const { texts } = frame;
  return page(frame, {
    title: texts.provenTitle,
    ...asideOf(frame, onward.client),
    lead: phrase(texts.provenLead, address),
    body: `<div class="choices">${onwardButton(frame, onward)}</div>`,
  });
}

/** What the page shows that offers to keep a proven address. */
export interface ClaimView {
  readonly target: string;
  readonly client: string;
  readonly redirectUri: string;
  /** The proven address, and the one whose place it takes. */
  readonly address: string;
  readonly replaced: string | undefined;
  /** Name of the user who is signed in. */
  readonly user: string;
  /** Shows that his session entered the code, so that nobody else answers; worth nothing in any other. */
  readonly proof: string;
}

/** The page that asks whether a proven address shall belong to the user who is signed in. */
export function claimPage(frame: Frame, view: ClaimView): Html {
  const { texts } = frame;
  const replaces =
    view.replaced === undefined ? "" : `<p>${phrase(texts.claimReplaces, view.replaced)}</p>\n`;
  return page(frame, {
    title: texts.claimTitle,
    ...asideOf(frame, view.client),
    lead: phrase(texts.claimLead, view.address, view.user),
    body: `<p>${escapeHtml(texts.claimEffect)}</p>
${replaces}<dl class="facts">
<div><dt>${escapeHtml(texts.claimEither)}</dt><dd>${escapeHtml(placeOf(view.redirectUri, texts))}</dd></div>
</dl>
${form(
  view.target,
  `${hidden("proof", view.proof)}
<div class="choices pair">
<button class="main" name="action" value="add">${escapeHtml(texts.claimAdd)}</button>
<button name="action" value="skip">${escapeHtml(texts.claimSkip)}</button>
</div>`,
)}`,
  });
}

/** The page that says that nothing was added to the account, and why; the way to the client is open. */
export function claimRefusedPage(frame: Frame, onward: Onward, why: "taken" | "changed"): Html {
  const { texts } = frame;
  const text = why === "taken" ? texts.claimTaken : texts.claimChanged;
  return page(frame, {
    title: texts.claimTakenTitle,
    ...asideOf(frame, onward.client),
    lead: phrase(text, onward.client),
    body: `<div class="choices">${onwardButton(frame, onward)}</div>`,
  });
}

function onwardButton({ texts }: Frame, { href, client }: Onward): Html {
  return `<a class="button main" href="${escapeHtml(href)}">${escapeHtml(plain(texts.provenBack, client))}</a>`;
}
