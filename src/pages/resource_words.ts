import { escapeHtml } from "./layout.ts";
import { type Frame, type Html, phrase, plain, shown } from "./page.ts";

/** An application as far as a resource's owner may judge it. */
export interface ApplicationName {
  readonly name: string;
  /** Nobody here has checked who runs it. */
  readonly unchecked: boolean;
}

/** A person, as an issuer of ID tokens vouches for him. */
export interface PersonName {
  readonly name: string;
  /** Host of the issuer. */
  readonly voucher: string;
}

/** Who wants, has or lost access, and to what. */
export interface Access {
  readonly application: ApplicationName;
  /** Undefined where the application speaks for nobody but itself. */
  readonly person: PersonName | undefined;
  readonly resource: { readonly name: string; readonly scopes: readonly string[] };
}

/** As much of a text as is shown, in characters; what others chose shall not fill the page. */
const SHOWN_MAX = 120;

/** Who and what, in a sentence; the scopes; and what an owner should know before he trusts names. */
export function accessPhrase(
  frame: Frame,
  { application, person, resource }: Access,
  { both, alone }: { readonly both: string; readonly alone: string },
): Html {
  const { texts } = frame;
  const by = nameOf(application.name, texts.unknownApplication);
  const what = nameOf(resource.name, texts.resourceUnnamed);
  const who = person && nameOf(person.name, texts.personUnnamed);
  return [
    `<p>${who === undefined ? phrase(alone, by, what) : phrase(both, who, by, what)}</p>`,
    scopeItems(frame, resource.scopes),
    ...(person ? [fine(phrase(texts.partyVouched, person.voucher))] : []),
    ...(application.unchecked ? [warning(frame)] : []),
  ].join("\n");
}

/** A name that can be seen: what others chose may be nothing but invisible characters. */
export function nameOf(name: string, unnamed: string): string {
  const visible = [...plain("{0}", name).trim()];
  if (visible.length === 0) return unnamed;
  return visible.length <= SHOWN_MAX
    ? visible.join("")
    : `${visible.slice(0, SHOWN_MAX).join("")}…`;
}

/** Scopes as a list of what may be done. */
function scopeItems({ texts }: Frame, scopes: readonly string[]): Html {
  const items =
    scopes.length === 0
      ? [escapeHtml(texts.scopesNone)]
      : scopes.map((scope) => `<bdi>${shown(nameOf(scope, "–"))}</bdi>`);
  return `<ul class="wishes">${items.map((item) => `<li>${item}</li>`).join("")}</ul>`;
}

/** Scopes in one line, each on its own so that none can pretend to be several. */
export function scopeList(scopes: readonly string[]): Html {
  return scopes
    .map((scope) => `<strong><bdi>${shown(nameOf(scope, "–"))}</bdi></strong>`)
    .join(" · ");
}

/** What is said of an application that nobody here has checked. */
export function warning({ texts }: Frame): Html {
  return `<p class="fault">${escapeHtml(texts.applicationUnchecked)}</p>`;
}

/** A line in small letters. */
export const fine = (html: Html): Html => `<p class="fine">${html}</p>`;
