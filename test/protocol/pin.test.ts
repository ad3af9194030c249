import { describe, expect, test } from "bun:test";
import { PINS, pinOf, readPin, shownPin } from "../../src/protocol/pin.ts";

describe("the PIN (decisions D8)", () => {
  test("has eight digits, leading zeros included, and is shown 4-4", () => {
    expect(pinOf(0)).toBe("00000000");
    expect(pinOf(PINS - 1)).toBe("99999999");
    expect(shownPin(pinOf(1_234_567))).toBe("0123-4567");
  });

  test.each(["0123-4567", "01234567", " 0123 4567 ", "0123–4567", "01-23-45-67", "0123\u00a04567"])(
    "%p is read without what it is shown with",
    (entered) => {
      expect(readPin(entered)).toBe("01234567");
    },
  );

  test.each(["", "-", "1234567", "123456789", "0123456a", "٠١٢٣٤٥٦٧", "+1234567", "1e7"])(
    "%p is no PIN",
    (entered) => {
      expect(readPin(entered)).toBeUndefined();
    },
  );
});
