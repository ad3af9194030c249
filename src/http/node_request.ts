import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { constants, type Http2ServerRequest } from "node:http2";

/** A request of `node:http2`'s server in either version of HTTP. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** Its answer, as far as both versions agree. */
export interface NodeResponse {
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown;
  end(body: string | Uint8Array): unknown;
  on(event: "error" | "close", listener: () => void): unknown;
}

/** Methods that no web `Request` can have (Fetch §2.2.1). */
const FORBIDDEN_METHODS = ["CONNECT", "TRACE", "TRACK"];

/**
 * The web-standard request. Its host is a constant: no answer depends on what a caller calls us.
 * Header fields that came twice are joined, so that whoever reads one sees that there were two.
 * Undefined for a request that no web `Request` can be.
 */
export function toWebRequest(incoming: NodeRequest): Request | undefined {
  const { method = "GET", url = "/" } = incoming;
  if (FORBIDDEN_METHODS.includes(method) || !namesHost(incoming)) return undefined;
  try {
    const path = url.startsWith("/") ? url : originForm(url);
    return new Request(`https://localhost${path}`, {
      method,
      headers: headersOf(incoming),
      ...(!isBodiless(incoming) && { body: bodyOf(incoming) }),
    });
  } catch {
    return undefined;
  }
}

/** HTTP/1.1 demands one `Host`, since two let a proxy and us read two different requests (RFC 9112 §3.2). */
function namesHost({ httpVersion, rawHeaders }: NodeRequest): boolean {
  const hosts = rawHeaders.filter((text, index) => index % 2 === 0 && /^host$/i.test(text));
  return httpVersion === "1.1" ? hosts.length === 1 : hosts.length <= 1;
}

/** The path of a target in absolute form (RFC 9112 §3.2.2). Throws `TypeError` for any other target. */
function originForm(target: string): string {
  const { pathname, search } = new URL(target);
  return pathname + search;
}

function headersOf({ rawHeaders }: NodeRequest): Headers {
  const headers = new Headers();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = rawHeaders.slice(index, index + 2);
    if (!name.startsWith(":")) addHeader(headers, name, value);
  }
  return headers;
}

/** HTTP/2 may send each cookie in a field of its own (RFC 9113 §8.2.3). */
function addHeader(headers: Headers, name: string, value: string): void {
  const cookies = name.toLowerCase() === "cookie" ? headers.get(name) : null;
  if (cookies === null) headers.append(name, value);
  else headers.set(name, `${cookies}; ${value}`);
}

/** The body, read as fast as it is asked for; it fails when the caller goes away. */
function bodyOf(incoming: NodeRequest): ReadableStream<Uint8Array> {
  incoming.pause();
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        incoming.on("data", (chunk: Uint8Array) => {
          controller.enqueue(new Uint8Array(chunk));
          incoming.pause();
        });
        // A stream that is cancelled or over takes no more news.
        const tell = (news: () => void) => {
          try {
            news();
          } catch {}
        };
        const fail = () => tell(() => controller.error(new TypeError("The body broke off")));
        incoming.on("end", () => tell(() => controller.close()));
        incoming.on("error", fail);
        incoming.on("close", fail);
      },
      pull: () => void incoming.resume(),
      cancel: () => void incoming.removeAllListeners("data"),
    },
    { highWaterMark: 0 },
  );
}

/** How much of a body that nobody reads is taken before the answer goes out: bytes, milliseconds. */
const DISCARDED = { bytes: 1_048_576, milliseconds: 2000 };

/**
 * Takes what is left of a body and forgets it, since a caller who is still sending may not come to
 * read the answer. False for who sends too much or too slowly.
 */
function discard(incoming: NodeRequest): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let left = DISCARDED.bytes;
  const timer = setTimeout(() => resolve(false), DISCARDED.milliseconds);
  incoming.removeAllListeners("data");
  incoming.on("data", ({ length }: Uint8Array) => {
    left -= length;
    if (left < 0) resolve(false);
  });
  incoming.on("end", () => resolve(true));
  incoming.on("close", () => resolve(incoming.readableEnded));
  incoming.resume();
  return promise.finally(() => {
    clearTimeout(timer);
    incoming.pause();
  });
}

/**
 * Sends an answer, once the request's body is read or forgotten. From who does not come to its end
 * nothing more is taken: the answer is the connection's last in HTTP/1.1, and in HTTP/2 the stream
 * ends with it (RFC 9113 §8.1).
 */
export async function sendWebResponse(
  response: Response,
  incoming: NodeRequest,
  outgoing: NodeResponse,
): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  const headers: OutgoingHttpHeaders = Object.fromEntries(response.headers);
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) headers["set-cookie"] = cookies;
  if (hasContent(incoming, response)) headers["content-length"] = String(body.length);
  const whole = isBodiless(incoming) || incoming.readableEnded || (await discard(incoming));
  if (!whole && incoming.httpVersionMajor === 1) headers["connection"] = "close";
  outgoing.writeHead(response.status, headers);
  outgoing.end(incoming.method === "HEAD" ? "" : body);
  // Sent behind the answer, which is whole.
  if (!whole && "stream" in incoming) incoming.stream.close(constants.NGHTTP2_NO_ERROR);
}

/** Where there is no content, no length is told: it would be that of another answer (RFC 9110 §8.6). */
const hasContent = ({ method }: NodeRequest, { status }: Response) =>
  method !== "HEAD" && status !== 204 && status !== 304;

const isBodiless = ({ method }: NodeRequest) => method === "GET" || method === "HEAD";
