import { escapeHtml } from "./layout.ts";
import { type Frame, type Html, page, phrase } from "./page.ts";

/** What the page that asks before signing out shows. */
export interface ConfirmLogout {
  /** What the client is called that asks; undefined when nobody said. */
  readonly clientName: string | undefined;
  /** The checked request, as the form sends it back. */
  readonly request: string;
}

/** Asks the user before he is signed out (OpenID Connect RP-Initiated Logout 1.0 §2). */
export function confirmLogoutPage(frame: Frame, { clientName, request }: ConfirmLogout): Html {
  const { texts } = frame;
  const root = escapeHtml(frame.root);
  return page(frame, {
    title: texts.signOutTitle,
    lead:
      clientName === undefined
        ? escapeHtml(texts.signOutLeadPlain)
        : phrase(texts.signOutLead, clientName),
    body: `<form class="form" method="post" action="${root}/logout">
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
}

/** Tells the user that he is signed out. */
export function signedOutPage(frame: Frame, { everywhere = false }: SignedOut = {}): Html {
  const { texts, root } = frame;
  return page(frame, {
    title: texts.signedOutTitle,
    lead: escapeHtml(everywhere ? texts.signedOutAllLead : texts.signedOutLead),
    body: `<div class="choices">
<a class="button" href="${escapeHtml(root)}/account">${escapeHtml(texts.signInAgain)}</a>
</div>`,
  });
}
