/** Callers of the TLS listener, down to the bytes. */
import { afterAll } from "bun:test";
import { connect as connectHttp2, type IncomingHttpHeaders } from "node:http2";
import { connect, type TLSSocket } from "node:tls";
import { listenTls, type TlsListenerOptions } from "../../src/http/tls_listener.ts";
import type { IssuedCertificate } from "../support/certificates.ts";
import { issueCa, issueCertificate } from "../support/certificates.ts";

/** CA of the listener's certificate, which is for localhost. */
export const WEB_CA = issueCa("web CA");

/** The listener's own certificate. */
export const WEB = issueCertificate({
  issuer: WEB_CA,
  names: [{ dNSName: "localhost" }, { iPAddress: "127.0.0.1" }],
});

/** Port of a listener that stays open until the test file ends. */
export async function listen(
  handle: TlsListenerOptions["handle"],
  more: Partial<TlsListenerOptions> = {},
): Promise<number> {
  const identity = { cert: WEB.pem, key: WEB.keyPem };
  const listener = await listenTls({ host: "127.0.0.1", port: 0, ...identity, handle, ...more });
  afterAll(listener.close);
  return listener.port;
}

/** How a caller connects. */
export interface Caller {
  readonly certificate?: IssuedCertificate | undefined;
  readonly chain?: readonly IssuedCertificate[];
  readonly session?: Buffer | undefined;
  readonly maxVersion?: "TLSv1.2" | "TLSv1.3";
}

const optionsOf = (port: number, { certificate, chain = [], session, maxVersion }: Caller) => ({
  host: "127.0.0.1",
  servername: "localhost",
  port,
  ca: WEB_CA.pem,
  ...(certificate && {
    cert: [certificate, ...chain].map(({ pem }) => pem).join(""),
    key: certificate.keyPem,
  }),
  ...(session && { session }),
  ...(maxVersion && { maxVersion }),
});

/** A connection whose handshake is done. */
export function connected(port: number, caller: Caller = {}): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const socket = connect(optionsOf(port, caller), () => resolve(socket));
  socket.on("error", reject);
  return promise;
}

/** Everything that a connection says until it ends, or until the text that is waited for has come. */
export function heard(socket: TLSSocket, until = /$^/): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    if (until.test(text)) resolve(text);
  });
  socket.on("close", () => resolve(text));
  socket.on("error", () => resolve(text));
  return promise;
}

/** Sends bytes of HTTP/1.1, and gives what came back. */
export async function talk(port: number, text: string, caller: Caller = {}): Promise<string> {
  const socket = await connected(port, caller);
  const answer = heard(socket);
  socket.write(text);
  const result = await answer;
  socket.destroy();
  return result;
}

/** A request by HTTP/2. */
export interface Http2Request {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string;
}

/** Its answer. */
export interface Http2Answer {
  readonly headers: IncomingHttpHeaders & { readonly ":status"?: number | undefined };
  readonly text: string;
}

/** Sends one request by HTTP/2 on a connection of its own. */
export async function askHttp2(
  port: number,
  { path, method = "GET", headers = {}, body }: Http2Request,
  caller: Caller = {},
): Promise<Http2Answer> {
  const session = connectHttp2(`https://localhost:${port}`, optionsOf(port, caller));
  const { promise, resolve, reject } = Promise.withResolvers<Http2Answer>();
  session.on("error", reject);
  const stream = session.request({ ":path": path, ":method": method, ...headers });
  let answered: Http2Answer["headers"] = {};
  let text = "";
  stream.on("response", (found) => {
    answered = found;
  });
  stream.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  // Closed on both sides: the request, too, was sent to its end.
  stream.on("close", () => resolve({ headers: answered, text }));
  stream.on("error", reject);
  stream.end(body);
  try {
    return await promise;
  } finally {
    session.destroy();
  }
}
