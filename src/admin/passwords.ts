import type { Input, Option, Terminal } from "./command.ts";

/** The options by which a command is given a password. */
export const PASSWORD_OPTIONS: Readonly<Record<string, Option>> = {
  password: {
    type: "string",
    value: "PASSWORD",
    help: "The password; other users of this machine may see it in the list of processes",
  },
  "password-stdin": { type: "boolean", help: "Read the password from standard input" },
};

/** Most bytes of standard input; the longest password is far shorter. */
const STDIN_BYTES_MAX = 65_536;

/** The password by option, by standard input less its last line break, or asked for twice. */
export async function readPassword(
  input: Input,
  terminal: Terminal,
): Promise<{ readonly password: string } | { readonly fault: string }> {
  const given = input.text("password");
  if (input.flag("password-stdin")) {
    if (given !== undefined) return { fault: "--password and --password-stdin exclude each other" };
    const bytes = await readPasswordBytes(terminal);
    if (!bytes) return { fault: `the password is larger than ${STDIN_BYTES_MAX} bytes` };
    return { password: new TextDecoder().decode(bytes).replace(/\r?\n$/, "") };
  }
  if (given !== undefined) return { password: given };
  if (!terminal.prompt) return { fault: "a password is needed: --password or --password-stdin" };
  const password = await terminal.prompt("Password: ");
  const repeated = await terminal.prompt("The same again: ");
  return password === repeated ? { password } : { fault: "the two passwords differ" };
}

async function readPasswordBytes(terminal: Terminal): Promise<Uint8Array | undefined> {
  try {
    return await terminal.readStdin(STDIN_BYTES_MAX);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
