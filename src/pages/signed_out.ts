import { placeOf } from "./consent.ts";
import { escapeHtml } from "./layout.ts";
import { onwardLink } from "./leave.ts";
import { type Frame, type Html, page, phrase } from "./page.ts";

/** What the page that asks before signing out shows. */
export interface ConfirmLogout {
  /** What the client is called that asks; undefined when nobody said. */
  readonly clientName: string | undefined;
  /** Where the browser goes then, when the client said. */
  readonly redirectUri: string | undefined;
  /** The checked request, as the form sends it back. */
  readonly request: string;
}

/** Asks the user before he is signed out (OpenID Connect RP-Initiated Logout 1.0 §2). */
export function confirmLogoutPage(
  frame: Frame,
  { clientName, redirectUri, request }: ConfirmLogout,
): Html {
  const { texts } = frame;
  const onward =
    redirectUri === undefined
      ? ""
      : `<dl class="facts">
<div><dt>${escapeHtml(texts.signOutReturn)}</dt><dd>${escapeHtml(placeOf(redirectUri, texts))}</dd></div>
</dl>
`;
  const root = escapeHtml(frame.root);
  return page(frame, {
    title: texts.signOutTitle,
    lead:
      clientName === undefined
        ? escapeHtml(texts.signOutLeadPlain)
        : phrase(texts.signOutLead, clientName),
    body: `${onward}<form class="form" method="post" action="${root}/logout">
<input type="hidden" name="request" value="${escapeHtml(request)}">
<div class="choices pair">
<button class="main" type="submit">${escapeHtml(texts.signOut)}</button>
<a class="button" href="${root}/account">${escapeHtml(texts.signOutCancel)}</a>
</div>
</form>`,
  });
}

/** What the page after signing out shows. */
export interface SignedOut {
  /** Whether every session of the user has ended, not only this browser's. */
  readonly everywhere?: boolean;
  /** Where a client wants the user, which he was not asked about yet. */
  readonly onward?: { readonly redirectUri: string; readonly href: string };
}

/** Tells the user that he is signed out. */
export function signedOutPage(frame: Frame, { everywhere = false, onward }: SignedOut = {}): Html {
  const { texts, root } = frame;
  return page(frame, {
    title: texts.signedOutTitle,
    lead: escapeHtml(everywhere ? texts.signedOutAllLead : texts.signedOutLead),
    body: `<div class="choices">
${onward ? `${onwardLink(onward.href, onward.redirectUri, texts)}\n` : ""}<a class="button" href="${escapeHtml(root)}/account">${escapeHtml(texts.signInAgain)}</a>
</div>`,
  });
}
