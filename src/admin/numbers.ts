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
