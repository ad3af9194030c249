import { OAuthError } from "../protocol/oauth_error.ts";
import { readBytes } from "./read_form.ts";

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads a body that is one JSON object, of at most 64 KiB. Throws `json_unreadable`. */
export async function readJsonObject(request: Request): Promise<JsonObject> {
  if (!isJson(request.headers)) throw new OAuthError("json_unreadable");
  return parse(await bytesOf(request));
}

/** The same for a body that may be left out. */
export async function readOptionalJsonObject(request: Request): Promise<JsonObject | undefined> {
  const bytes = await bytesOf(request);
  if (bytes.length === 0) return undefined;
  if (!isJson(request.headers)) throw new OAuthError("json_unreadable");
  return parse(bytes);
}

/**
 * The same for JSON of any kind, in the words of the first seed. Throws `body_unreadable` when there is
 * none (message 28), `body_too_large`, or `json_malformed`.
 */
export async function readJsonValue(request: Request): Promise<unknown> {
  const bytes = await readBytes(request);
  if (bytes.length === 0 || !isJson(request.headers)) throw new OAuthError("body_unreadable");
  return decode(bytes, "json_malformed");
}

function isJson(headers: Headers): boolean {
  const type = (headers.get("content-type") ?? "").toLowerCase().split(";")[0]?.trim();
  return type === "application/json" && !headers.has("content-encoding");
}

async function bytesOf(request: Request): Promise<Uint8Array> {
  try {
    return await readBytes(request);
  } catch {
    throw new OAuthError("json_unreadable");
  }
}

function parse(bytes: Uint8Array): JsonObject {
  const value = decode(bytes, "json_unreadable");
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new OAuthError("json_unreadable");
  }
  return { ...value };
}

function decode(bytes: Uint8Array, otherwise: "json_unreadable" | "json_malformed"): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new OAuthError(otherwise);
  }
}
