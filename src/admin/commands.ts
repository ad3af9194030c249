import { OPERATION_COMMANDS } from "./audit_commands.ts";
import { CHALLENGER_COMMANDS } from "./challenger_commands.ts";
import { CLIENT_COMMANDS } from "./client_commands.ts";
import { CODE_COMMANDS } from "./code_commands.ts";
import type { Command } from "./command.ts";
import { IMPORT_COMMAND } from "./import_command.ts";
import { KEY_COMMANDS } from "./key_commands.ts";
import { REGISTRATION_COMMANDS } from "./registration_commands.ts";
import { USER_COMMANDS } from "./user_commands.ts";

/** Every command of `bun run admin`, in the order of its usage text. */
export const COMMANDS: readonly Command[] = [
  IMPORT_COMMAND,
  ...CLIENT_COMMANDS,
  ...REGISTRATION_COMMANDS,
  ...CHALLENGER_COMMANDS,
  ...USER_COMMANDS,
  ...CODE_COMMANDS,
  ...KEY_COMMANDS,
  ...OPERATION_COMMANDS,
];
