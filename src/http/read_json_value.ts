import { OAuthError } from "../protocol/oauth_error.ts";
import { readBytes } from "./read_form.ts";

/**
 * Reads a body that is JSON of any kind, of at most 64 KiB. Throws `body_unreadable` when there is
 * none (message 28 of the first seed), `body_too_large`, or `json_malformed`.
 */
export async function readJsonValue(request: Request): Promise<unknown> {
  const bytes = await readBytes(request);
  const type = (request.headers.get("content-type") ?? "").toLowerCase().split(";")[0]?.trim();
  const readable = type === "application/json" && !request.headers.has("content-encoding");
  if (bytes.length === 0 || !readable) throw new OAuthError("body_unreadable");
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new OAuthError("json_malformed");
  }
}
