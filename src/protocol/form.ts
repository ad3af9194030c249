import { malformedParameter, OAuthError } from "./oauth_error.ts";

/**
 * Request parameters by name. A name stands once; `resource`, which RFC 8707 lets a client repeat,
 * is kept as one list separated by spaces, since no URI holds a space.
 */
export type Params = ReadonlyMap<string, string>;

/** Most parameters that a form may have. */
export const FORM_PARAMETERS_MAX = 64;

/**
 * A parameter name that a refusal may repeat (RFC 6749 §8.2, and brackets). Any other could be a body
 * that is no form at all, with a secret in it.
 */
const NAME = /^[A-Za-z0-9._[\]-]{1,128}$/;

/** The one parameter that may be repeated (RFC 8707 §2). */
const REPEATABLE = "resource";

/**
 * Parses the text of an `application/x-www-form-urlencoded` body. A blank value counts as absent
 * (RFC 6749 §3.2); line ends are allowed in the values of `multiline` only. Throws `body_malformed`, `too_many_parameters`, `parameter_repeated` or
 * `parameter_malformed`.
 */
export function parseForm(text: string, multiline: ReadonlySet<string> = new Set()): Params {
  const pairs = text.split("&").filter((pair) => pair !== "");
  if (pairs.length > FORM_PARAMETERS_MAX) throw new OAuthError("too_many_parameters");
  const seen = new Set<string>();
  const params = new Map<string, string>();
  for (const [name, value] of pairs.map((pair) => parsePair(pair, multiline))) {
    if (seen.has(name) && name !== REPEATABLE) throw repeated(name);
    seen.add(name);
    if (value.trim() === "") continue;
    const earlier = params.get(name);
    params.set(name, earlier === undefined ? value : `${earlier} ${value}`);
  }
  return params;
}

/** One name and its value; what no parameter may hold is refused here. */
function parsePair(
  pair: string,
  multiline: ReadonlySet<string>,
): readonly [name: string, value: string] {
  const equals = pair.indexOf("=");
  const name = decode(equals < 0 ? pair : pair.slice(0, equals));
  const value = equals < 0 ? "" : decode(pair.slice(equals + 1));
  const line = multiline.has(name) ? value.replace(/[\r\n]/g, " ") : value;
  if (hasControl(name) || hasControl(line)) throw malformed(name);
  return [name, value];
}

/** One name or value of a form: `+` is a space, percent-encodings are UTF-8 (RFC 6749 App. B). */
export function decodeFormValue(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

function decode(text: string): string {
  const decoded = decodeFormValue(text);
  if (decoded === undefined) throw new OAuthError("body_malformed");
  return decoded;
}

/** Whether a text holds what no parameter may: control characters other than the tab (RFC 6749 App. A). */
export function hasControl(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return /[\x00-\x08\x0a-\x1f\x7f]/.test(value);
}

function malformed(name: string): OAuthError {
  return NAME.test(name) ? malformedParameter(name) : new OAuthError("body_malformed");
}

function repeated(name: string): OAuthError {
  return NAME.test(name)
    ? new OAuthError("parameter_repeated", { values: [name], parameter: name })
    : new OAuthError("body_malformed");
}
