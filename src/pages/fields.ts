import { escapeHtml } from "./layout.ts";
import type { Html } from "./page.ts";

/** One input with its label, and what is wrong with it. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  /** Sentence that tells the fault; the input is then marked and described by it. */
  readonly fault?: string | undefined;
  readonly focus?: boolean;
  /** Further attributes, by name. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** The field's label, fault and input, in the order in which they are read. */
export function field({ name, label, value, fault, focus, attributes }: Field): Html {
  const described =
    fault === undefined ? "" : ` aria-invalid="true" aria-describedby="${name}-fault"`;
  const more = Object.entries(attributes).map(([key, text]) => ` ${key}="${escapeHtml(text)}"`);
  return `<div class="field">
<label for="${name}">${escapeHtml(label)}</label>
${fault === undefined ? "" : `<p class="fault" id="${name}-fault">${escapeHtml(fault)}</p>`}
<input id="${name}" name="${name}" required${value === undefined ? "" : ` value="${escapeHtml(value)}"`}${more.join("")}${described}${focus ? " autofocus" : ""}>
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
