import type { Address, AddressType } from "../protocol/address.ts";
import { field, form, hidden } from "./fields.ts";
import { escapeHtml } from "./layout.ts";
import { type Frame, type Html, page, phrase, plain } from "./page.ts";
import { asideOf } from "./sign_in.ts";
import type { Texts } from "./texts/all.ts";

/** What the page shows that asks for the code. */
export interface PinView {
  /** Path that the code is posted to, and path by which another one is asked for. */
  readonly target: string;
  readonly resendTarget: string;
  readonly client: string;
  readonly addressType: AddressType;
  /** Where the code went; asking for another one sends it along. */
  readonly address: Address;
  readonly entriesLeft: number;
  readonly transmissionsLeft: number;
  /** Until another code may be asked for; 0 when it may be now. */
  readonly waitSeconds: number;
  /** Path of the page for another address; undefined when there is none left. */
  readonly changeHref: string | undefined;
  readonly fault?: "incorrect" | "missing" | "malformed" | undefined;
  /** What came of asking for another code. */
  readonly notice?: "resent" | "recent" | undefined;
}

/** Counts the seconds down on the page, and keeps the button until they are over. */
export const COUNTDOWN_SCRIPT = `"use strict";
const line = document.querySelector("[data-seconds]");
const button = document.querySelector("button[aria-describedby='resend-when']");
if (line && button) {
  const place = line.querySelector("span");
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang);
  const end = Date.now() + Number(line.dataset.seconds) * 1000;
  const tell = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    button.disabled = left > 0;
    line.hidden = left <= 0;
    if (left <= 0) return;
    place.textContent = left < 90 ? format.format(left, "second") : format.format(Math.ceil(left / 60), "minute");
    setTimeout(tell, 500);
  };
  tell();
}
`;

/** The page that asks for the code that was sent, or says that its entries are used up. */
export function pinPage(frame: Frame, view: PinView): Html {
  const { texts } = frame;
  const over = view.entriesLeft === 0;
  const script = `<script src="${escapeHtml(frame.root)}/assets/countdown.js?v=${frame.version}" defer></script>`;
  const body = [
    noticeLine(view, texts),
    over ? "" : pinForm(view, texts),
    resend(frame, view),
    ways(view, texts),
    view.waitSeconds > 0 ? script : "",
  ];
  return page(frame, {
    title: over ? texts.pinExhaustedTitle : texts.codeTitle,
    ...asideOf(frame, view.client),
    lead: phrase(over ? texts.pinExhaustedLead : sentText(view, texts), addressLine(view.address)),
    body: body.filter((part) => part !== "").join("\n"),
    faulty: over || view.fault !== undefined,
  });
}

/** An address as one line, for people. */
export function addressLine(address: Address): string {
  return Object.values(address)
    .flatMap((value) => value.split("\n"))
    .map((part) => part.replace(/,$/, ""))
    .join(", ");
}

function sentText({ addressType }: PinView, texts: Texts): string {
  if (addressType === "email") return texts.pinSentEmail;
  return addressType === "phone" ? texts.pinSentPhone : texts.pinSentPostal;
}

function noticeLine({ notice }: PinView, texts: Texts): Html {
  if (notice === undefined) return "";
  const text = notice === "resent" ? texts.pinResent : texts.pinRecent;
  return `<p class="notice" role="status">${escapeHtml(text)}</p>`;
}

function pinForm({ target, fault, entriesLeft }: PinView, texts: Texts): Html {
  const left = String(entriesLeft);
  const faults = {
    incorrect: plain(texts.pinIncorrect, left),
    missing: texts.pinMissing,
    malformed: texts.pinMalformed,
  };
  const input = field({
    name: "pin",
    label: texts.pinLabel,
    hint: fault === "incorrect" ? undefined : plain(texts.pinAttempts, left),
    fault: fault && faults[fault],
    focus: true,
    attributes: {
      class: "code",
      inputmode: "numeric",
      autocomplete: "one-time-code",
      maxlength: "24",
      spellcheck: "false",
    },
  });
  return form(target, `${input}\n<button class="main">${escapeHtml(texts.codeButton)}</button>`);
}

/** A form that asks for another code. It works at once where no script counts down, and then says when. */
function resend({ locale, texts }: Frame, view: PinView): Html {
  const { transmissionsLeft, waitSeconds, resendTarget, address, entriesLeft } = view;
  if (transmissionsLeft === 0) {
    return `<p class="fine">${escapeHtml(texts.pinTransmissionsNone)}</p>`;
  }
  const fields = Object.entries(address).map(([name, value]) => hidden(name, value));
  const wait = waitLine(waitSeconds, { locale, texts });
  const described = wait === "" ? "" : ` aria-describedby="resend-when"`;
  const className = entriesLeft === 0 ? "main" : "plain";
  return `<div class="resend">
${form(resendTarget, `${fields.join("")}<button class="${className}"${described}>${escapeHtml(texts.codeResend)}</button>`, "")}
${wait}<p class="fine">${escapeHtml(plain(texts.pinTransmissions, String(transmissionsLeft)))}</p>
</div>`;
}

function waitLine(seconds: number, { locale, texts }: Pick<Frame, "locale" | "texts">): Html {
  if (seconds <= 0) return "";
  const format = new Intl.RelativeTimeFormat(locale);
  const when =
    seconds < 90
      ? format.format(seconds, "second")
      : format.format(Math.ceil(seconds / 60), "minute");
  const line = escapeHtml(texts.pinWait).replace("{0}", () => `<span>${escapeHtml(when)}</span>`);
  return `<p class="fine" id="resend-when" data-seconds="${seconds}">${line}</p>\n`;
}

function ways(view: PinView, texts: Texts): Html {
  const { changeHref, entriesLeft, transmissionsLeft, client } = view;
  if (changeHref !== undefined) {
    return `<p><a href="${escapeHtml(changeHref)}">${escapeHtml(texts.pinChange)}</a></p>`;
  }
  return entriesLeft === 0 && transmissionsLeft === 0
    ? `<p class="notice bad">${phrase(texts.pinExhaustedEnd, client)}</p>`
    : "";
}
