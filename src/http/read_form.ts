import { type Params, parseForm } from "../protocol/form.ts";
import { OAuthError } from "../protocol/oauth_error.ts";

/** Largest form body, in bytes. */
export const FORM_BYTES_MAX = 65_536;

/** How long a body may take to arrive, in milliseconds. */
const BODY_TIMEOUT_MS = 10_000;

/** Largest request body that Bun accepts; above ours, so that our 400 comes before its bare 413. */
export const BODY_BYTES_MAX = Number.MAX_SAFE_INTEGER;

/**
 * Reads a form body, and refuses parameters that the endpoint knows in the URL (decisions D3). The
 * parameters of `multiline` may have several lines.
 * Throws `body_unreadable`, `body_too_large`, `parameter_in_url` and what `parseForm` throws.
 */
export async function readForm(
  request: Request,
  knownParameters: ReadonlySet<string>,
  multiline?: ReadonlySet<string>,
): Promise<Params> {
  refuseUrlParameters(request.url, knownParameters);
  return parseForm(await readFormText(request), multiline);
}

/** The text of a form body. Throws `body_unreadable`, `body_too_large` or `body_malformed`. */
export async function readFormText(request: Request): Promise<string> {
  if (!isForm(request.headers)) throw new OAuthError("body_unreadable");
  const bytes = await readBytes(request);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new OAuthError("body_malformed");
  }
}

/** Throws `parameter_in_url` when the query names a parameter that belongs in the body. */
export function refuseUrlParameters(url: string, known: ReadonlySet<string>): void {
  const query = url.indexOf("?");
  if (query < 0) return;
  for (const name of new URLSearchParams(url.slice(query + 1)).keys()) {
    if (known.has(name)) {
      throw new OAuthError("parameter_in_url", { values: [name], parameter: name });
    }
  }
}

/** Whether the headers announce a form in a charset and encoding that are read here. */
export function isForm(headers: Headers): boolean {
  const encoding = headers.get("content-encoding") ?? "identity";
  const [type = "", ...parameters] = (headers.get("content-type") ?? "").toLowerCase().split(";");
  const charset = parameters.map((p) => p.trim()).find((p) => p.startsWith("charset="));
  return (
    type.trim() === "application/x-www-form-urlencoded" &&
    encoding.toLowerCase() === "identity" &&
    (charset === undefined || /^charset="?utf-?8"?$/.test(charset))
  );
}

/** The bytes of a body of at most 64 KiB. Throws `body_too_large`, or `body_unreadable` when it breaks off. */
export async function readBytes(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > FORM_BYTES_MAX) {
    throw new OAuthError("body_too_large");
  }
  const reader = request.body?.getReader();
  if (!reader) return new Uint8Array();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new OAuthError("body_unreadable")), BODY_TIMEOUT_MS);
  try {
    return await Promise.race([readAll(reader), late]);
  } catch (error) {
    // Not awaited: the cancellation of a body that still arrives may never settle.
    reader.cancel().catch(() => {});
    // A body that breaks off, as when the caller goes away, is his fault and not ours.
    throw error instanceof OAuthError ? error : new OAuthError("body_unreadable");
  } finally {
    clearTimeout(timer);
  }
}

async function readAll(
  reader: Pick<ReadableStreamDefaultReader<Uint8Array>, "read">,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    length += value.byteLength;
    if (length > FORM_BYTES_MAX) throw new OAuthError("body_too_large");
    chunks.push(value);
  }
}
