/** A colour as #rrggbb. */
export type Color = string;

/** Every colour of the pages in one mode, light or dark. */
export interface Palette {
  /** Behind everything. */
  readonly paper: Color;
  /** Behind text and forms. */
  readonly panel: Color;
  /** Behind what stands out a little within a panel. */
  readonly tint: Color;
  readonly ink: Color;
  /** Text of second rank. */
  readonly quiet: Color;
  readonly line: Color;
  /** Edge of what can be filled in or pressed. */
  readonly edge: Color;
  /** Links, and the fill of buttons. */
  readonly accent: Color;
  /** Text on the accent. */
  readonly onAccent: Color;
  /** The half of the page that is the operator's, and text on it. */
  readonly brand: Color;
  readonly onBrand: Color;
  readonly danger: Color;
}

/** Least contrast of text with what is behind it (WCAG 2.2 §1.4.3). */
export const TEXT_CONTRAST_MIN = 4.5;

/** Least contrast of the edges of controls (WCAG 2.2 §1.4.11). */
export const EDGE_CONTRAST_MIN = 3;

const WHITE = "#ffffff";
const BLACK = "#000000";

/**
 * The colours that go with a brand's: neutrals with a breath of it, and an accent that is the brand
 * colour made only as much darker or lighter as its contrast needs.
 */
export function paletteOf(brand: Color, mode: "light" | "dark"): Palette {
  const light = mode === "light";
  const far = light ? BLACK : WHITE;
  const paper = mix(brand, light ? "#f7f7f6" : "#121315", light ? 0.045 : 0.06);
  const panel = mix(brand, light ? WHITE : "#1c1d20", light ? 0 : 0.05);
  const tint = mix(brand, panel, 0.07);
  const behind = [paper, panel, tint];
  const legible = (color: Color, least = TEXT_CONTRAST_MIN) => moved(color, far, behind, least);
  // In the dark more light makes the brand's colour recognisable.
  const accent = legible(brand, light ? TEXT_CONTRAST_MIN : 6);
  const pane = light ? brand : mix(brand, "#121315", 0.62);
  return {
    paper,
    panel,
    tint,
    ink: legible(mix(brand, light ? "#17181b" : "#eceae6", 0.06)),
    quiet: legible(mix(brand, light ? "#5a5e66" : "#a6aab2", 0.1)),
    line: mix(brand, light ? "#dcdcdc" : "#35373c", 0.1),
    edge: moved(mix(brand, "#888b91", 0.1), far, behind, EDGE_CONTRAST_MIN),
    accent,
    onAccent: textOn(accent),
    brand: pane,
    onBrand: textOn(pane),
    danger: legible(light ? "#b3261e" : "#ff8f85"),
  };
}

/** White or black, whichever can be read on the colour: one of them always can. */
export function textOn(color: Color): Color {
  return contrast(WHITE, color) >= TEXT_CONTRAST_MIN ? WHITE : BLACK;
}

/** Contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrast(a: Color, b: Color): number {
  const [bright = 0, dim = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (bright + 0.05) / (dim + 0.05);
}

/** Makes the colour darker or lighter, in its own hue, until it stands out from all behind it. */
function moved(color: Color, far: Color, behind: readonly Color[], least: number): Color {
  const { hue, saturation, lightness } = toHsl(color);
  const end = far === WHITE ? 1 : 0;
  for (let share = 0; share < 1; share += 0.02) {
    const step = lightness + (end - lightness) * share;
    const candidate = share === 0 ? color : fromHsl({ hue, saturation, lightness: step });
    if (behind.every((other) => contrast(candidate, other) >= least)) return candidate;
  }
  return far;
}

/** Hue in degrees, saturation and lightness from 0 to 1. */
interface Hsl {
  readonly hue: number;
  readonly saturation: number;
  readonly lightness: number;
}

function toHsl(color: Color): Hsl {
  const [red = 0, green = 0, blue = 0] = channels(color).map((value) => value / 255);
  const most = Math.max(red, green, blue);
  const span = most - Math.min(red, green, blue);
  const lightness = most - span / 2;
  if (span === 0) return { hue: 0, saturation: 0, lightness };
  const sixth =
    most === red
      ? (green - blue) / span
      : most === green
        ? (blue - red) / span + 2
        : (red - green) / span + 4;
  return { hue: sixth * 60, saturation: span / (1 - Math.abs(2 * lightness - 1)), lightness };
}

function fromHsl({ hue, saturation, lightness }: Hsl): Color {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (turn: number) => {
    const place = (turn + hue / 30 + 12) % 12;
    return (lightness - reach * Math.max(-1, Math.min(place - 3, 9 - place, 1))) * 255;
  };
  return toHex([channel(0), channel(8), channel(4)]);
}

/** `share` of the first colour in the second. */
function mix(a: Color, b: Color, share: number): Color {
  const [from, to] = [channels(a), channels(b)];
  const mixed = from.map((value, index) => value * share + (to[index] ?? 0) * (1 - share));
  return toHex(mixed);
}

function toHex(values: readonly number[]): Color {
  return `#${values.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;
}

function luminance(color: Color): number {
  const [red = 0, green = 0, blue = 0] = channels(color).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(color: Color): readonly number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}
