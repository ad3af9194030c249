import { parseJwks } from "../protocol/client_jwks.ts";
import type { Input } from "./command.ts";
import { quote } from "./quote.ts";

/** Longest file of keys that is read, in bytes. */
const JWKS_BYTES_MAX = 262_144;

/** The keys of the file that `--jwks` names, as metadata; nothing without the option. */
export async function jwksOf(
  input: Input,
): Promise<{ readonly metadata: Readonly<Record<string, unknown>> } | { readonly fault: string }> {
  const path = input.text("jwks");
  if (path === undefined) return { metadata: {} };
  const file = Bun.file(path);
  if (file.size > JWKS_BYTES_MAX) return { fault: `--jwks ${quote(path)}: it is too long` };
  const text = await file.text().catch(() => undefined);
  if (text === undefined) return { fault: `--jwks ${quote(path)}: it cannot be read` };
  const keys = parseJwks(text);
  return typeof keys === "string"
    ? { fault: `--jwks ${quote(path)}: ${keys}` }
    : { metadata: { jwks: { keys } } };
}
