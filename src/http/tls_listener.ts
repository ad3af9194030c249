import { createSecureServer, type Http2SecureServer, type Http2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Connections, createConnections } from "./connections.ts";
import {
  type NodeRequest,
  type NodeResponse,
  sendWebResponse,
  toWebRequest,
} from "./node_request.ts";
import type { Peer } from "./peer.ts";

/** What the listener needs: PEM texts, and who answers. */
export interface TlsListenerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly cert: string;
  readonly key: string;
  readonly handle: (request: Request, peer: Peer) => Promise<Response>;
  /** How long a connection may stand without a request, the handshake included, in milliseconds. */
  readonly idleMs?: number;
}

/** A listener at work. */
export interface TlsListener {
  readonly port: number;
  /** Takes no more connections, and ends those there are: call it when all is answered. */
  close(): Promise<void>;
}

/** How long a connection may stand without a request, unless the caller says otherwise. */
const IDLE_MS = 30_000;

/** How long one request and its answer may take, in milliseconds. */
const REQUEST_MS = 120_000;

/** Most connections at a time. */
const CONNECTIONS_MAX = 10_000;

/** Largest header section of HTTP/2, in bytes; HTTP/1.1 has 16 KiB. */
const HEADERS_BYTES_MAX = 16_384;

/** Most requests that one HTTP/2 connection may have open. */
const STREAMS_MAX = 100;

/** Most that is kept for one HTTP/2 connection, answers that its caller does not take included, in MB. */
const SESSION_MEGABYTES_MAX = 4;

/** Most certificates of a client's chain that are looked at, its own included. */
const CERTIFICATES_MAX = 8;

/**
 * Listens for TLS with HTTP/1.1 and HTTP/2, asks each client for a certificate and takes what it
 * gives, or nothing: whether it proves anything is the endpoints' to judge (RFC 8705 §2). Bun's own
 * server shows no certificates; `node:http2` does. Rejects with the system's error when the port is
 * taken, and with `TypeError` when key and certificate do not fit.
 */
export async function listenTls(options: TlsListenerOptions): Promise<TlsListener> {
  const connections = createConnections({
    idleMs: options.idleMs ?? IDLE_MS,
    requestMs: REQUEST_MS,
  });
  const server = open(options);
  server.on("connection", connections.watch);
  server.on("secureConnection", connections.watch);
  server.on("request", (incoming, outgoing) => {
    void answer(incoming, outgoing, { connections, ...options });
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  await listening(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      connections.endAll();
      await promise;
    },
  };
}

function open({ cert, key, idleMs = IDLE_MS }: TlsListenerOptions): Http2SecureServer {
  try {
    const server = createSecureServer({
      cert,
      key,
      allowHTTP1: true,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: "TLSv1.2",
      handshakeTimeout: idleMs,
      maxSessionMemory: SESSION_MEGABYTES_MAX,
      settings: { maxConcurrentStreams: STREAMS_MAX, maxHeaderListSize: HEADERS_BYTES_MAX },
    });
    server.maxConnections = CONNECTIONS_MAX;
    return server;
  } catch {
    throw new TypeError("TLS_CERT_FILE and TLS_KEY_FILE must hold a certificate and its key");
  }
}

function listening(server: Http2SecureServer, { host, port }: TlsListenerOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, () => resolve());
  return promise;
}

/** Nothing that happens to one request ends the process or another's connection. */
async function answer(
  incoming: NodeRequest,
  outgoing: NodeResponse,
  { connections, handle }: TlsListenerOptions & { readonly connections: Connections },
): Promise<void> {
  incoming.on("error", () => {});
  outgoing.on("error", () => {});
  try {
    const connection = connectionOf(incoming);
    outgoing.on("close", connections.begin(socketOf(connection)));
    const request = toWebRequest(incoming);
    const response = request
      ? await handle(request, peerOf(connection))
      : new Response(null, { status: 400 });
    await sendWebResponse(response, incoming, outgoing);
  } catch {
    incoming.destroy(); // the caller has gone
  }
}

/** What stays the same from one request of a connection to the next: HTTP/2's session, or the socket. */
type Connection = Http2Session | NodeRequest["socket"];

function connectionOf(incoming: NodeRequest): Connection {
  const session = "stream" in incoming ? incoming.stream.session : undefined;
  return session ?? incoming.socket;
}

function socketOf(connection: Connection): TLSSocket {
  return ("socket" in connection ? connection.socket : connection) as TLSSocket;
}

/** Who is at the other end of each connection: reading a long chain takes longer than many an answer. */
const peers = new WeakMap<Connection, Peer>();

function peerOf(connection: Connection): Peer {
  const peer = peers.get(connection) ?? readPeer(socketOf(connection));
  peers.set(connection, peer);
  return peer;
}

/** The certificates are those that the other end proved or sent along. A resumed session keeps them. */
function readPeer(socket: TLSSocket): Peer {
  const certificates: Uint8Array[] = [];
  let shown = socket.getPeerCertificate(true);
  while (shown?.raw !== undefined && certificates.length < CERTIFICATES_MAX) {
    if (certificates.some((known) => shown.raw.equals(known))) break;
    certificates.push(shown.raw);
    shown = shown.issuerCertificate;
  }
  return { address: socket.remoteAddress ?? "", certificates };
}
