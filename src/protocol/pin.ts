/** The arithmetic of a Challenger process: what a PIN looks like, and how often what may happen. */

/** Decimal digits of a PIN (decisions D8). */
export const PIN_DIGITS = 8;

/** How many PINs there are. */
export const PINS = 10 ** PIN_DIGITS;

/** Addresses of a process, the first included; transmissions to each; entries of each PIN. */
export const CHALLENGE_LIMITS = { addresses: 3, transmissions: 3, entries: 3 } as const;

/** How many failed deliveries of a process give their transmission back. */
export const REFUNDS_MAX = 3;

/** A number below {@linkcode PINS} as a PIN is kept: eight digits. */
export function pinOf(number: number): string {
  return String(number).padStart(PIN_DIGITS, "0");
}

/** A PIN as people see it: two groups of four digits. */
export function shownPin(pin: string): string {
  return `${pin.slice(0, PIN_DIGITS / 2)}-${pin.slice(PIN_DIGITS / 2)}`;
}

/**
 * What somebody entered as PIN, without the dashes and spaces that it is shown or pasted with;
 * undefined when it cannot be one.
 */
export function readPin(entered: string): string | undefined {
  const digits = entered.replace(/[\s\u2010-\u2015-]/g, "");
  return /^\d{8}$/.test(digits) ? digits : undefined;
}
