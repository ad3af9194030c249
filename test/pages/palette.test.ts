import { describe, expect, test } from "bun:test";
import {
  contrast,
  EDGE_CONTRAST_MIN,
  paletteOf,
  TEXT_CONTRAST_MIN,
  textOn,
} from "../../src/pages/palette.ts";
import { documentStyles, pageStyleSheet, pageStyles } from "../../src/pages/theme.ts";

/** The corners and edges of the colour cube, and a lattice within. */
const BRANDS = [0, 51, 102, 153, 204, 255].flatMap((red) =>
  [0, 51, 102, 153, 204, 255].flatMap((green) =>
    [0, 51, 102, 153, 204, 255].map(
      (blue) => `#${[red, green, blue].map((v) => v.toString(16).padStart(2, "0")).join("")}`,
    ),
  ),
);

describe("contrast() of WCAG 2.2", () => {
  test.each([
    ["#000000", "#ffffff", 21],
    ["#777777", "#ffffff", 4.48],
    ["#0000ff", "#ffffff", 8.59],
  ] as const)("%s on %s is %d", (text, behind, ratio) => {
    expect(contrast(text, behind)).toBeCloseTo(ratio, 1);
    expect(contrast(behind, text)).toBeCloseTo(ratio, 1);
  });
});

describe.each(["light", "dark"] as const)("the %s palette of any brand colour", (mode) => {
  test("has text that can be read on everything behind it", () => {
    for (const brand of BRANDS) {
      const palette = paletteOf(brand, mode);
      for (const behind of [palette.paper, palette.panel, palette.tint]) {
        for (const text of [palette.ink, palette.quiet, palette.accent, palette.danger]) {
          expect(contrast(text, behind), `${brand} ${text} ${behind}`).toBeGreaterThanOrEqual(
            TEXT_CONTRAST_MIN,
          );
        }
        expect(contrast(palette.edge, behind), brand).toBeGreaterThanOrEqual(EDGE_CONTRAST_MIN);
      }
      const { accent, onAccent, brand: pane, onBrand } = palette;
      expect(contrast(onAccent, accent), brand).toBeGreaterThanOrEqual(TEXT_CONTRAST_MIN);
      expect(contrast(onBrand, pane), brand).toBeGreaterThanOrEqual(TEXT_CONTRAST_MIN);
    }
  });

  test("keeps a brand colour that can be read as it is", () => {
    const brand = mode === "light" ? "#8a3b12" : "#f0a878";
    expect(paletteOf(brand, mode).accent).toBe(brand);
  });
});

test("textOn() chooses white or black", () => {
  expect(textOn("#8a3b12")).toBe("#ffffff");
  expect(textOn("#ffee00")).toBe("#000000");
});

test("the style sheets carry the brand's colour in both modes, and their version follows", () => {
  const { accent } = paletteOf("#0055aa", "light");
  const { accent: dark } = paletteOf("#0055aa", "dark");
  for (const styles of [pageStyles("#0055aa"), documentStyles("#0055aa")]) {
    expect(styles).toContain(`--accent: ${accent};`);
    expect(styles).toContain(`--accent: ${dark};`);
  }
  const versions = ["#0055aa", "#8a3b12"].map(
    (color) => pageStyleSheet({ name: "Acme", logoPath: undefined, color }).version,
  );
  expect(new Set(versions).size).toBe(2);
});
