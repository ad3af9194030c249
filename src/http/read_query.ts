import { malformedParameter, OAuthError } from "../protocol/oauth_error.ts";
import { FORM_BYTES_MAX } from "./read_form.ts";

/**
 * Reads the query of a URL where parameters belong there, by a parser of form text. The rows of
 * `parseForm` that speak of a body become `parameter_malformed` about the query; those about one
 * parameter stay.
 */
export function readQuery<T>(url: string, parse: (text: string) => T): T {
  const query = /\?([^#]*)/.exec(url)?.[1] ?? "";
  try {
    if (query.length > FORM_BYTES_MAX) throw new OAuthError("body_too_large");
    return parse(query);
  } catch (error) {
    const aboutBody = error instanceof OAuthError && error.parameter === undefined;
    throw aboutBody ? malformedParameter("query") : error;
  }
}
