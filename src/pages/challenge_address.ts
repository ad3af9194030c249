import { ADDRESS_TYPES, type AddressField, type AddressType } from "../protocol/address.ts";
import { type Policies, policyLinks } from "./consent.ts";
import { field, form } from "./fields.ts";
import { escapeHtml } from "./layout.ts";
import { type Frame, type Html, page, phrase, plain } from "./page.ts";
import { asideOf } from "./sign_in.ts";
import type { Texts } from "./texts/all.ts";

/** What the page shows that asks for an address. */
export interface AddressView {
  /** Path that the form posts to. */
  readonly target: string;
  /** Name of the application that asks. */
  readonly client: string;
  readonly addressType: AddressType;
  /** What stands in the fields already, by name. */
  readonly values: Readonly<Record<string, string>>;
  /** What the operator asks of fields, by name, in the language of the page. */
  readonly hints: Readonly<Record<string, string | undefined>>;
  /** Sentence of the operator's for all who enter an address. */
  readonly about: string | undefined;
  /** The client has chosen the address. */
  readonly readOnly: boolean;
  /** How many addresses may still be used. */
  readonly addressesLeft: number;
  /** Path of the page that asks for the code, when one was sent. */
  readonly codeHref: string | undefined;
  /** The operator's legal texts, for who reads before he tells where he can be reached. */
  readonly policies: Policies;
  readonly fault?: AddressFault | undefined;
  /** Why no code could be sent. */
  readonly unsent?: Unsent | undefined;
}

/** A code was not sent: nothing took it, or the address has got too many. */
export type Unsent = "undelivered" | "paused";

/** What is wrong with a field. */
export interface AddressFault {
  readonly field: string;
  readonly kind: "missing" | "malformed";
}

/** The page that asks where a code shall be sent. */
export function addressPage(frame: Frame, view: AddressView): Html {
  const { texts } = frame;
  const { client, readOnly, fault, unsent } = view;
  const names: readonly AddressField[] = ADDRESS_TYPES[view.addressType];
  const inputs = names.map((name) => input(name, view, texts));
  const left = leftLine(view, texts);
  const body = [
    unsent === undefined ? "" : unsentLine(unsent, texts),
    view.about === undefined ? "" : `<p>${escapeHtml(view.about)}</p>`,
    readOnly ? `<p class="notice">${phrase(texts.addressFixed, client)}</p>` : "",
    form(
      view.target,
      `${inputs.join("\n")}\n<button class="main">${escapeHtml(texts.addressButton)}</button>`,
    ),
    left === "" && view.codeHref === undefined
      ? ""
      : `<div class="more">${left}${codeLink(view.codeHref, texts)}</div>`,
    policyLinks(view.policies, texts),
  ];
  return page(frame, {
    title: titleOf(view.addressType, texts),
    ...asideOf(frame, client),
    lead: phrase(leadOf(view.addressType, texts), client),
    body: body.filter((part) => part !== "").join("\n"),
    faulty: fault !== undefined || unsent !== undefined,
  });
}

/** Says why no code is on its way. */
function unsentLine(unsent: Unsent, texts: Texts): Html {
  const text = unsent === "paused" ? texts.addressPaused : texts.addressUndelivered;
  return `<p class="notice bad" role="alert">${escapeHtml(text)}</p>`;
}

/** How each field is asked for: its label, a hint of ours, and what tells browsers to help. */
interface Asking {
  readonly label: keyof Texts;
  readonly hint?: keyof Texts;
  readonly malformed: keyof Texts;
  readonly lines?: number;
  readonly attributes: Readonly<Record<string, string>>;
}

const ASKING: Readonly<Record<AddressField, Asking>> = {
  CONTACT_EMAIL: {
    label: "addressEmail",
    malformed: "addressEmailMalformed",
    attributes: {
      type: "email",
      autocomplete: "email",
      autocapitalize: "none",
      spellcheck: "false",
      maxlength: "320",
    },
  },
  CONTACT_PHONE: {
    label: "addressPhone",
    hint: "addressPhoneHint",
    malformed: "addressPhoneMalformed",
    attributes: { type: "tel", autocomplete: "tel", maxlength: "64" },
  },
  CONTACT_NAME: {
    label: "addressName",
    malformed: "addressOtherMalformed",
    attributes: { autocomplete: "name", maxlength: "100" },
  },
  ADDRESS_LINES: {
    label: "addressLines",
    hint: "addressLinesHint",
    malformed: "addressOtherMalformed",
    lines: 4,
    attributes: { autocomplete: "street-address", maxlength: "800" },
  },
  ADDRESS_COUNTRY: {
    label: "addressCountry",
    malformed: "addressOtherMalformed",
    attributes: { autocomplete: "country-name", maxlength: "100" },
  },
};

function input(name: AddressField, view: AddressView, texts: Texts): Html {
  const { label, hint, malformed, lines, attributes } = ASKING[name];
  const { values, hints, fault, readOnly } = view;
  const wrong = fault?.field === name ? fault.kind : undefined;
  const ours = hint === undefined ? undefined : texts[hint];
  // What the operator asks for is also what was not met.
  const wanted = hints[name];
  const faultText = wrong === "missing" ? texts.addressMissing : (wanted ?? texts[malformed]);
  const [first] = ADDRESS_TYPES[view.addressType];
  const focus = fault === undefined ? name === first && !readOnly : wrong !== undefined;
  return field({
    name,
    label: texts[label],
    value: values[name] ?? "",
    hint: wrong === "malformed" ? undefined : (wanted ?? ours),
    fault: wrong && faultText,
    ...(lines !== undefined && { lines }),
    focus,
    attributes: { ...attributes, ...(readOnly && { readonly: "" }) },
  });
}

function leftLine({ addressesLeft, readOnly, codeHref }: AddressView, texts: Texts): Html {
  if (readOnly || codeHref === undefined) return "";
  const line =
    addressesLeft === 0 ? texts.addressesNone : plain(texts.addressesLeft, String(addressesLeft));
  return `<p class="fine">${escapeHtml(line)}</p>`;
}

function codeLink(href: string | undefined, texts: Texts): Html {
  if (href === undefined) return "";
  return `<p><a href="${escapeHtml(href)}">${escapeHtml(texts.pinBack)}</a></p>`;
}

function titleOf(type: AddressType, texts: Texts): string {
  if (type === "email") return texts.addressEmailTitle;
  return type === "phone" ? texts.addressPhoneTitle : texts.addressPostalTitle;
}

function leadOf(type: AddressType, texts: Texts): string {
  if (type === "email") return texts.addressEmailLead;
  return type === "phone" ? texts.addressPhoneLead : texts.addressPostalLead;
}
