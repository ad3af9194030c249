import { actionForm, field, form } from "./fields.ts";
import { escapeHtml } from "./layout.ts";
import { type Frame, type Html, page, phrase, plain, shown } from "./page.ts";

/** What the sign-in page shows. */
export interface SignInView {
  /** Path and query that the form posts to. */
  readonly target: string;
  /** Name of the application that asks, if one does. */
  readonly client: string | undefined;
  /** What stands in the first field already. */
  readonly identifier: string;
  /** Who is signed in and has to show it again. */
  readonly again: string | undefined;
  /** Link to this page for somebody else. */
  readonly otherHref: string | undefined;
  readonly fault?: "incorrect" | "identifier_missing" | "password_missing" | undefined;
}

/** The page that asks for name and password. A fault says the same of both. */
export function signInPage(frame: Frame, view: SignInView): Html {
  const { texts } = frame;
  const { fault, identifier, again } = view;
  const faults = {
    incorrect: texts.credentialsIncorrect,
    identifier_missing: texts.identifierMissing,
    password_missing: texts.passwordMissing,
  };
  const inPassword = fault === "identifier_missing" ? undefined : fault;
  const toPassword = identifier !== "" && fault !== "identifier_missing";
  const fields = [
    field({
      name: "identifier",
      label: texts.identifierLabel,
      value: identifier,
      fault: fault === "identifier_missing" ? faults[fault] : undefined,
      focus: !toPassword,
      attributes: {
        autocomplete: "username",
        autocapitalize: "none",
        spellcheck: "false",
        maxlength: "320",
      },
    }),
    field({
      name: "password",
      label: texts.passwordLabel,
      fault: inPassword && faults[inPassword],
      focus: toPassword,
      attributes: { type: "password", autocomplete: "current-password", maxlength: "1024" },
    }),
    `<button class="main" name="action" value="password">${escapeHtml(texts.signInButton)}</button>`,
  ];
  const other =
    view.otherHref === undefined
      ? ""
      : `<p><a href="${escapeHtml(view.otherHref)}">${escapeHtml(texts.useAnotherAccount)}</a></p>`;
  return page(frame, {
    title: again === undefined ? texts.signInTitle : texts.signInAgainTitle,
    ...asideOf(frame, view.client),
    ...(again !== undefined && { lead: phrase(texts.signInAgainLead, again) }),
    body: form(view.target, fields.join("\n")) + other,
    faulty: fault !== undefined,
  });
}

/** What the page for the second factor shows. */
export interface CodeView {
  readonly target: string;
  readonly client: string | undefined;
  readonly factor: "sms" | "email";
  /** Where the code went, with most of it hidden. */
  readonly maskedAddress: string;
  readonly fault?: "incorrect" | "missing" | undefined;
  /** Whether another code has just been sent. */
  readonly resent?: boolean;
}

/** The page that asks for the code that was sent. */
export function codePage(frame: Frame, view: CodeView): Html {
  const { texts } = frame;
  const { target, fault } = view;
  const input = field({
    name: "code",
    label: texts.codeLabel,
    fault: fault && (fault === "missing" ? texts.codeMissing : texts.codeIncorrect),
    focus: true,
    attributes: {
      class: "code",
      inputmode: "numeric",
      autocomplete: "one-time-code",
      maxlength: "12",
      spellcheck: "false",
    },
  });
  const sent = view.factor === "sms" ? texts.codeSentSms : texts.codeSentEmail;
  return page(frame, {
    title: texts.codeTitle,
    ...asideOf(frame, view.client),
    lead: phrase(sent, view.maskedAddress),
    body: [
      view.resent ? `<p class="notice" role="status">${escapeHtml(texts.codeResent)}</p>` : "",
      form(
        target,
        `${input}\n<button class="main" name="action" value="code">${escapeHtml(texts.codeButton)}</button>`,
      ),
      `<div class="more">${actionForm(target, { action: "resend", label: texts.codeResend, kind: "plain" })}
${actionForm(target, { action: "restart", label: texts.startAgain, kind: "plain" })}</div>`,
    ].join("\n"),
    faulty: fault !== undefined,
  });
}

/** What the page for the choice of an account shows. */
export interface SelectView {
  readonly target: string;
  readonly client: string | undefined;
  /** Who is signed in. */
  readonly name: string;
  readonly sessionId: string;
  readonly otherHref: string;
}

/** The page that offers the account signed in, or another. */
export function selectPage(frame: Frame, view: SelectView): Html {
  const { texts } = frame;
  return page(frame, {
    title: texts.selectTitle,
    ...asideOf(frame, view.client),
    body: `<div class="choices">
${form(
  view.target,
  `<input type="hidden" name="session" value="${escapeHtml(view.sessionId)}">
<button class="main" name="action" value="choose">${escapeHtml(plain(texts.selectContinue, view.name))}</button>`,
)}
<a class="button" href="${escapeHtml(view.otherHref)}">${escapeHtml(texts.useAnotherAccount)}</a>
</div>`,
  });
}

/** What the page for too many failures shows. */
export interface TooManyView {
  /** Until sign-in goes on. */
  readonly seconds: number;
  readonly client: string | undefined;
  readonly href: string;
  /** Whether another browser, in which the user signed in before, would let him in. */
  readonly elsewhere: boolean;
}

/** The page that says when sign-in goes on after too many failures. */
export function tooManyPage(frame: Frame, view: TooManyView): Html {
  const { texts } = frame;
  const minutes = Math.max(1, Math.ceil(view.seconds / 60));
  const when = new Intl.RelativeTimeFormat(frame.locale).format(minutes, "minute");
  const elsewhere = view.elsewhere ? `<p>${escapeHtml(texts.tooManyElsewhere)}</p>` : "";
  return page(frame, {
    title: texts.tooManyTitle,
    ...asideOf(frame, view.client),
    body: `<p class="notice bad" role="alert">${escapeHtml(plain(texts.tooManyLead, when))}</p>
${elsewhere}
<p><a href="${escapeHtml(view.href)}">${escapeHtml(texts.tooManyBack)}</a></p>`,
    faulty: true,
  });
}

/** For whom the page is, in the operator's half. */
export function asideOf({ texts }: Frame, client: string | undefined): { aside?: Html } {
  if (client === undefined) return {};
  const [before = "", after = ""] = texts.continueTo.split("{0}");
  return {
    aside: `${escapeHtml(before)}<strong><bdi>${shown(client)}</bdi></strong>${escapeHtml(after)}`,
  };
}
