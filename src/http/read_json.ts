import { OAuthError } from "../protocol/oauth_error.ts";
import { readBytes } from "./read_form.ts";

/** Reads a body that is one JSON object, of at most 64 KiB. Throws `json_unreadable`. */
export async function readJsonObject(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const type = (request.headers.get("content-type") ?? "").toLowerCase().split(";")[0]?.trim();
  if (type !== "application/json" || request.headers.has("content-encoding")) {
    throw new OAuthError("json_unreadable");
  }
  const value = await parse(request);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new OAuthError("json_unreadable");
  }
  return { ...value };
}

async function parse(request: Request): Promise<unknown> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await readBytes(request));
    return JSON.parse(text);
  } catch {
    throw new OAuthError("json_unreadable");
  }
}
