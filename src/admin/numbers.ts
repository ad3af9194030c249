import type { Input } from "./command.ts";

/** Reads an option that is a whole number within bounds. */
export function readWholeNumber(
  input: Input,
  name: string,
  { default: usual, min, max }: { default: number; min: number; max: number },
): { readonly number: number } | { readonly fault: string } {
  const text = input.text(name);
  if (text === undefined) return { number: usual };
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return { number };
  return { fault: `--${name} must be a whole number from ${min} to ${max}` };
}

/** Seconds of each unit that a duration may have. */
const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Reads an option that is a time: seconds, or a whole number with `s`, `m`, `h` or `d` after it. */
export function readDuration(
  input: Input,
  name: string,
  { default: usual, max }: { default: number; max: number },
): { readonly number: number } | { readonly fault: string } {
  const text = input.text(name);
  if (text === undefined) return { number: usual };
  const [, count = "", unit = "s"] = /^(\d{1,10})([smhd])?$/.exec(text) ?? [];
  const number = count === "" ? Number.NaN : Number(count) * UNITS[unit as keyof typeof UNITS];
  if (number <= max) return { number };
  return {
    fault: `--${name} must be seconds, or a time such as 90m, 12h or 7d, at most ${max / UNITS.d}d`,
  };
}
