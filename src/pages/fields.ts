import { escapeHtml } from "./layout.ts";
import type { Html } from "./page.ts";

/** One input with its label, and what is wrong with it. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  /** Sentence that tells the fault; the input is then marked and described by it. */
  readonly fault?: string | undefined;
  /** What helps to fill it, in a sentence. */
  readonly hint?: string | undefined;
  /** How many lines it shows; one unless said otherwise. */
  readonly lines?: number;
  readonly focus?: boolean;
  /** Further attributes, by name. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** The field's label, hint, fault and input, in the order in which they are read. */
export function field({ name, label, value, fault, hint, lines, focus, attributes }: Field): Html {
  const notes = [
    ...(hint === undefined ? [] : [{ id: `${name}-hint`, className: "fine", text: hint }]),
    ...(fault === undefined ? [] : [{ id: `${name}-fault`, className: "fault", text: fault }]),
  ];
  const described =
    notes.length === 0 ? "" : ` aria-describedby="${notes.map(({ id }) => id).join(" ")}"`;
  const more = Object.entries(attributes).map(([key, text]) => ` ${key}="${escapeHtml(text)}"`);
  const named = `id="${name}" name="${name}" required`;
  const rest = `${more.join("")}${fault === undefined ? "" : ` aria-invalid="true"`}${described}${
    focus ? " autofocus" : ""
  }`;
  const shown = value === undefined ? "" : ` value="${escapeHtml(value)}"`;
  return `<div class="field">
<label for="${name}">${escapeHtml(label)}</label>
${notes.map(({ id, className, text }) => `<p class="${className}" id="${id}">${escapeHtml(text)}</p>\n`).join("")}${
  lines === undefined
    ? `<input ${named}${shown}${rest}>`
    : // The parser drops a line feed right behind the tag, and no other.
      `<textarea rows="${lines}" ${named}${rest}>\n${escapeHtml(value ?? "")}</textarea>`
}
</div>`;
}

/** A form that posts to a page of ours; what is inside is HTML. */
export function form(action: string, inside: Html, className = "form"): Html {
  return `<form class="${className}" method="post" action="${escapeHtml(action)}">
${inside}
</form>`;
}

/** A hidden field. It carries no secret and no fact that the server would believe. */
export function hidden(name: string, value: string): Html {
  return `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`;
}

/** A form of one button, for one action. */
export function actionForm(
  target: string,
  { action, label, kind = "", fields = {}, described }: ActionButton,
): Html {
  const more = Object.entries(fields).map(([name, value]) => hidden(name, value));
  const by = described === undefined ? "" : ` aria-describedby="${escapeHtml(described)}"`;
  return form(
    target,
    `${more.join("")}<button class="${kind}" name="action" value="${action}"${by}>${escapeHtml(label)}</button>`,
    "",
  );
}

/** A button that posts `action`. */
export interface ActionButton {
  readonly action: string;
  readonly label: string;
  readonly kind?: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** Id of the element that tells what the button is about. */
  readonly described?: string;
}
