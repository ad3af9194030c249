import { describe, expect, test } from "bun:test";
import { callerNetwork, isPublicAddress } from "../../src/protocol/network.ts";

describe("callerNetwork() (decisions D6, attack 85)", () => {
  test.each([
    ["192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:0DB8:0000::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["no address", "no address"],
  ])("counts %p as %p", (address, network) => {
    expect(callerNetwork(address)).toBe(network);
  });
});

describe("isPublicAddress() (attack 77)", () => {
  test.each([
    ["8.8.8.8", 4, true],
    ["127.0.0.1", 4, false],
    ["10.1.2.3", 4, false],
    ["172.31.255.255", 4, false],
    ["172.32.0.1", 4, true],
    ["192.168.0.1", 4, false],
    ["169.254.169.254", 4, false],
    ["100.64.0.1", 4, false],
    ["0.0.0.0", 4, false],
    ["255.255.255.255", 4, false],
    ["2606:4700::1111", 6, true],
    ["::1", 6, false],
    ["::", 6, false],
    ["fe80::1", 6, false],
    ["fc00::1", 6, false],
    ["::ffff:127.0.0.1", 6, false],
    ["64:ff9b::7f00:1", 6, false],
    ["2002:7f00:1::", 6, false],
    ["2001:db8::1", 6, false],
  ] as const)("%p of family %p is public: %p", (address, family, isPublic) => {
    expect(isPublicAddress(address, family)).toBe(isPublic);
  });
});
