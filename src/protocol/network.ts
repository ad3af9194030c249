import { BlockList, isIP } from "node:net";

/**
 * Networks that no request of ours goes to: this machine, private and link-local ones, and what
 * routes nowhere. One list each, since a list takes IPv4 for IPv6 in other clothes.
 */
const FORBIDDEN = { ipv4: new BlockList(), ipv6: new BlockList() };

const IPV4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const;

/** Only 2000::/3 is routed; within it, documentation, 6to4 and Teredo hide other addresses. */
const IPV6 = [
  ["::", 3],
  ["4000::", 2],
  ["8000::", 1],
  ["2001::", 32],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const;

for (const [network, prefix] of IPV4) FORBIDDEN.ipv4.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of IPV6) FORBIDDEN.ipv6.addSubnet(network, prefix, "ipv6");

/** Whether an address is one of the public internet; IPv4 in IPv6 clothes is judged as what it is. */
export function isPublicAddress(address: string, family: 4 | 6): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return isPublicAddress(mapped, 4);
  const name = family === 4 ? "ipv4" : "ipv6";
  return !FORBIDDEN[name].check(address, name);
}

/** Whether the host of a URL is an address, and none of the public internet; a name is not looked up. */
export function isPrivateLiteral(hostname: string): boolean {
  const literal = hostname.replace(/^\[|\]$/g, "");
  const family = isIP(literal);
  return family !== 0 && !isPublicAddress(literal, family === 4 ? 4 : 6);
}

/**
 * Whom an address stands for when callers are counted: itself, or for IPv6 its /64, since one
 * caller has all 2^64 addresses of it.
 */
export function callerNetwork(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  const network = [...left, ...zeros, ...right].slice(0, 4);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}
