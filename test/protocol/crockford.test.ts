import { describe, expect, test } from "bun:test";
import { fromCrockford, toCrockford } from "../../src/protocol/crockford.ts";

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));

describe("Crockford base-32", () => {
  /** Made of crockford.com/base32.html by hand: five bits a character, zeros at the end. */
  const VECTORS = [
    ["", ""],
    ["00", "00"],
    ["ff", "ZW"],
    ["f8", "Z0"],
    ["0123456789abcdef", "04HMASW9NF6YY"],
    ["ffffffffff", "ZZZZZZZZ"],
    ["00443214c74254b635cf84653a56d7c675be77df", "0123456789ABCDEFGHJKMNPQRSTVWXYZ"],
  ] as const;

  test.each(VECTORS)("%s is written %s and read back", (hex, text) => {
    expect(toCrockford(bytes(hex))).toBe(text);
    expect(fromCrockford(text, hex.length / 2)).toEqual(bytes(hex));
  });

  test("every character stands for its five bits", () => {
    for (let value = 0; value < 32; value++) {
      const text = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".charAt(value);
      expect(toCrockford(new Uint8Array([value << 3])).charAt(0)).toBe(text);
    }
  });

  test("lower case is read, and O, I and L are the digits they look like", () => {
    expect(fromCrockford("zw", 1)).toEqual(bytes("ff"));
    for (const one of ["10", "I0", "i0", "L0", "l0", "IO", "lo"]) {
      expect(fromCrockford(one, 1)).toEqual(bytes("08"));
    }
  });

  test.each([
    ["U is no character", "U0", 1],
    ["nor a hyphen", "Z-", 1],
    ["nor a letter that folds into one", "ſ0", 1],
    ["spare bits must be zero, so that no two texts are one value", "ZZ", 1],
    ["too short", "Z", 1],
    ["too long", "ZW0", 1],
    ["another length", "ZW", 2],
  ])("%s", (_, text, length) => {
    expect(fromCrockford(text, length)).toBeUndefined();
  });
});
