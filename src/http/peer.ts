import { BlockList, isIP } from "node:net";
import type { Settings } from "../protocol/settings.ts";

/** Who is at the other end of the connection, as the listener knows it. */
export interface Peer {
  readonly address: string;
  /** Certificates that it showed to our own TLS listener, DER, its own first; undefined elsewhere. */
  readonly certificates?: readonly Uint8Array[];
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
  while (address !== undefined && isTrusted(address, settings)) {
    const next = canonicalAddress(forwarded.pop()?.trim());
    if (next === undefined) break;
    address = next;
  }
  return address;
}

/** Whether the connection itself comes from a trusted proxy, so that its headers about it are believed. */
export function isFromTrustedProxy(request: Request, settings: Settings): boolean {
  const address = canonicalAddress(peerOf(request)?.address);
  return address !== undefined && isTrusted(address, settings);
}

/**
 * What IP addresses and CIDR ranges cover, such as `10.0.0.1`, `10.0.0.0/8` and `fd00::/8`. Throws
 * `TypeError` that names an entry which is neither.
 */
export function addressRanges(entries: readonly string[]): BlockList {
  const ranges = new BlockList();
  for (const entry of entries) {
    const [, address = "", prefix] = /^([\d.a-f:]+)(?:\/(\d{1,3}))?$/i.exec(entry) ?? [];
    const family = isIP(address);
    const bits = family === 4 ? 32 : 128;
    const length = Number(prefix ?? bits);
    if (family === 0 || length > bits) {
      throw new TypeError(`${JSON.stringify(entry)} is no IP address or CIDR range`);
    }
    ranges.addSubnet(address, length, family === 4 ? "ipv4" : "ipv6");
  }
  return ranges;
}

/** What settings trust, worked out once for each list. */
const trusted = new WeakMap<readonly string[], BlockList>();

function isTrusted(address: string, { trustedProxies }: Settings): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  const ranges = trusted.get(trustedProxies) ?? addressRanges(trustedProxies);
  trusted.set(trustedProxies, ranges);
  return ranges.check(address, family === 4 ? "ipv4" : "ipv6");
}

/** IPv4 addresses mapped into IPv6 are the same callers, and ports that proxies add are none. */
function canonicalAddress(address: string | undefined): string | undefined {
  const text = address
    ?.replace(/^\[(.+)\](:\d+)?$/, "$1")
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1")
    .replace(/^::ffff:(?=\d+\.)/i, "")
    .toLowerCase();
  return text === "" || (text !== undefined && text.length > 64) ? undefined : text;
}
