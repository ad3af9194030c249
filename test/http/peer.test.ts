import { describe, expect, test } from "bun:test";
import { callerAddress, rememberPeer } from "../../src/http/peer.ts";
import { DEFAULT_SETTINGS } from "../../src/protocol/settings.ts";

/** The caller's address as the server sees it behind these proxies. */
function callerOf(peer: string, forwarded: string, trustedProxies: readonly string[]) {
  const request = new Request("http://x", { headers: { "X-Forwarded-For": forwarded } });
  rememberPeer(request, { address: peer });
  return callerAddress(request, { ...DEFAULT_SETTINGS, trustedProxies });
}

describe("RFC 9700 §4.13: whose X-Forwarded-For is believed", () => {
  test.each([
    ["10.1.2.3", ["10.0.0.0/8"], "203.0.113.9"],
    ["11.1.2.3", ["10.0.0.0/8"], "11.1.2.3"],
    ["::ffff:10.1.2.3", ["10.0.0.0/8"], "203.0.113.9"],
    ["10.1.2.3", ["::ffff:10.1.2.3"], "203.0.113.9"],
    ["fd12::1", ["fd00::/8"], "203.0.113.9"],
    ["fe12::1", ["fd00::/8"], "fe12::1"],
    ["0:0:0:0:0:0:0:1", ["::1"], "203.0.113.9"],
    ["127.0.0.1", ["0.0.0.0/0"], "198.51.100.1"],
    ["::1", ["0.0.0.0/0"], "::1"],
    ["10.1.2.3", ["10.1.2.3"], "203.0.113.9"],
    ["10.1.2.3", [], "10.1.2.3"],
    ["no address", ["0.0.0.0/0", "::/0"], "no address"],
  ])("from %p, where %p are trusted, the caller is %p", (peer, proxies, caller) => {
    expect(callerOf(peer, "198.51.100.1, 203.0.113.9", proxies)).toBe(caller);
  });

  test("ranges are passed from the right, until an address that is in none", () => {
    const proxies = ["10.0.0.0/8", "192.168.1.0/24"];
    const forwarded = "198.51.100.1, 192.168.2.1, 192.168.1.7, 10.9.9.9";
    expect(callerOf("10.0.0.1", forwarded, proxies)).toBe("192.168.2.1");
  });

  test("a port that a proxy adds belongs to no address", () => {
    expect(callerOf("10.0.0.1", "203.0.113.9:4711", ["10.0.0.1"])).toBe("203.0.113.9");
    expect(callerOf("10.0.0.1", "[2001:db8::9]:4711", ["10.0.0.1"])).toBe("2001:db8::9");
  });
});
