import { type AdminContext, type Command, failed, type Input, type Outcome } from "./command.ts";
import { importEntries } from "./import_parties.ts";
import { readEntries } from "./party_files.ts";
import type { Change } from "./party_writes.ts";

/** `import FILE…`. */
export const IMPORT_COMMAND: Command = {
  name: "import",
  parameters: "FILE…",
  summary: "Create or change clients and users, all or none",
  details: [
    "A file holds one client or user, a list of them, or an object with lists clients and users;",
    "- is standard input. Clients are RFC 7591 metadata with client_id and client_secret; users",
    "have username, password, phone_number, email and claims. What a file says replaces what is",
    "stored, except that an absent client_secret or password leaves the stored one. A changed",
    "password ends the user's authorizations.",
  ],
  options: {},
  run,
};

async function run(input: Input, context: AdminContext): Promise<Outcome> {
  const { terminal } = context;
  const read = await readEntries(input.positionals, terminal.readStdin);
  const imported = await importEntries(read.entries, context, { fileFaults: read.faults });
  for (const warning of [...read.warnings, ...imported.warnings]) {
    terminal.err(`warning: ${warning}`);
  }
  if (imported.faults.length > 0) {
    return failed(...imported.faults, "nothing was changed");
  }
  const { clients, users } = imported;
  terminal.err(`clients: ${counted(clients)}; users: ${counted(users)}`);
  return { settles: [...clients, ...users].includes("changed") };
}

/** `2 created, 1 changed, 0 unchanged`. */
function counted(changes: readonly Change[]): string {
  const kinds = ["created", "changed", "unchanged"] as const;
  return kinds
    .map((kind) => `${changes.filter((change) => change === kind).length} ${kind}`)
    .join(", ");
}
