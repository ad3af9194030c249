import type { Settings } from "../protocol/settings.ts";

/** Who is at the other end of the connection, as the listener knows it. */
export interface Peer {
  readonly address: string;
}

/** A `Request` of the web has no field for its peer, so the listener leaves it here. */
const peers = new WeakMap<Request, Peer>();

/** Tells the server who sent the request. Called once, by whoever listens. */
export function rememberPeer(request: Request, peer: Peer | undefined): void {
  if (peer) peers.set(request, peer);
}

/** The peer of a request's connection; undefined when the request came from no network. */
export function peerOf(request: Request): Peer | undefined {
  return peers.get(request);
}

/**
 * The network address of the caller. `X-Forwarded-For` is read from the right, and only while the
 * one who added the entry is a trusted proxy (RFC 9700 §4.13).
 */
export function callerAddress(request: Request, settings: Settings): string | undefined {
  let address = canonicalAddress(peerOf(request)?.address);
  const forwarded = (request.headers.get("x-forwarded-for") ?? "").split(",");
  while (address !== undefined && settings.trustedProxies.includes(address)) {
    const next = canonicalAddress(forwarded.pop()?.trim());
    if (next === undefined) break;
    address = next;
  }
  return address;
}

/** IPv4 addresses mapped into IPv6 are the same callers. */
function canonicalAddress(address: string | undefined): string | undefined {
  const text = address?.replace(/^::ffff:(?=\d+\.)/i, "").toLowerCase();
  return text === "" || (text !== undefined && text.length > 64) ? undefined : text;
}
