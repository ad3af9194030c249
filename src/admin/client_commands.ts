import {
  newClientSecret,
  newSecretToken,
  secretRow,
  usesSecret,
} from "../services/client_secrets.ts";
import type { Client } from "../store/clients.ts";
import { MEMBER_OPTIONS, membersOf } from "./client_members.ts";
import {
  type AdminContext,
  type Command,
  DONE,
  failed,
  type Input,
  type Outcome,
} from "./command.ts";
import { importEntries } from "./import_parties.ts";
import { jwksOf } from "./jwks_file.ts";
import { readDuration } from "./numbers.ts";
import { quote } from "./quote.ts";
import { shownClient } from "./show.ts";

/** `client …`. */
export const CLIENT_COMMANDS: readonly Command[] = [
  {
    name: "client add",
    parameters: "",
    summary: "Register a client and print it, its new secret included, once",
    options: {
      ...MEMBER_OPTIONS,
      jwks: { type: "string", value: "FILE", help: "A JWK Set with its public keys" },
    },
    run: add,
  },
  {
    name: "client list",
    parameters: "",
    summary: "Print all clients, one JSON object a line",
    options: {},
    async run(_input, { services, terminal }) {
      for (const client of await services.store.listClients()) {
        terminal.out(JSON.stringify(shownClient(client)));
      }
      return DONE;
    },
  },
  {
    name: "client show",
    parameters: "ID",
    summary: "Print a client as JSON that `import` takes; its secrets are not in it",
    options: {},
    run: (input, context) =>
      withClient(input, context, async (client) => {
        context.terminal.out(JSON.stringify(shownClient(client), null, 2));
        return DONE;
      }),
  },
  {
    name: "client disable",
    parameters: "ID",
    summary: "Refuse a client and all its tokens until it is enabled",
    options: {},
    run: (input, context) =>
      withClient(input, context, async ({ id }, { store, audit, now }) => {
        await store.setClientDisabled(id, now());
        await audit.record("client.disabled", { clientId: id });
        context.terminal.err(`client ${quote(id)} is disabled`);
        return { settles: true };
      }),
  },
  {
    name: "client enable",
    parameters: "ID",
    summary: "Undo `client disable`",
    options: {},
    run: (input, context) =>
      withClient(input, context, async ({ id }, { store, audit }) => {
        await store.setClientDisabled(id, null);
        await audit.record("client.enabled", { clientId: id });
        context.terminal.err(`client ${quote(id)} is enabled`);
        return { settles: true };
      }),
  },
  {
    name: "client delete",
    parameters: "ID",
    summary: "Delete a client and all that was issued to it",
    options: {},
    run: (input, context) =>
      withClient(input, context, async ({ id }, { store, audit }) => {
        await store.deleteClient(id);
        await audit.record("client.deleted", { clientId: id });
        context.terminal.err(`client ${quote(id)} is deleted`);
        return { settles: true };
      }),
  },
  {
    name: "client revoke-tokens",
    parameters: "ID",
    summary: "End every token and authorization of a client",
    options: {},
    run: (input, context) =>
      withClient(input, context, async ({ id }, { store, audit, now }) => {
        await store.setClientNotBefore(id, now());
        await store.revokeAuthorizationsOfClient(id, now());
        await audit.record("client.tokens_revoked", { clientId: id });
        context.terminal.err(`all tokens of client ${quote(id)} are revoked`);
        return { settles: true };
      }),
  },
  {
    name: "client rotate-secret",
    parameters: "ID",
    summary: "Give a client a new secret and print it once",
    options: {
      overlap: {
        type: "string",
        value: "TIME",
        help: "How long the old secrets still work, such as 90m, 12h or 7d; 0 without it",
      },
    },
    run: (input, context) =>
      withClient(input, context, (client) => rotateSecret(client, input, context)),
  },
];

async function add(input: Input, context: AdminContext): Promise<Outcome> {
  const { services, terminal } = context;
  const keys = await jwksOf(input);
  if ("fault" in keys) return failed(keys.fault);
  const given = { ...membersOf(input), ...keys.metadata };
  const id = input.text("id") ?? crypto.randomUUID();
  if (await services.store.findClient(id)) return failed(`there is a client ${quote(id)} already`);
  const method = input.text("auth-method") ?? "client_secret_basic";
  const secret =
    usesSecret(method) && input.text("secret") === undefined
      ? { client_secret: newClientSecret(method) }
      : {};
  const entry = {
    kind: "client",
    label: "client add",
    value: { ...given, ...secret, client_id: id },
  } as const;
  const { faults, warnings } = await importEntries([entry], context, { newOnly: true });
  for (const warning of warnings) terminal.err(`warning: ${warning}`);
  if (faults.length > 0) return failed(...faults);
  const added = await services.store.findClient(id);
  if (added) terminal.out(JSON.stringify({ ...shownClient(added), ...secret }, null, 2));
  return DONE;
}

async function rotateSecret(
  client: Client,
  input: Input,
  { services, terminal }: AdminContext,
): Promise<Outcome> {
  const overlap = readDuration(input, "overlap", { default: 0, max: OVERLAP_MAX });
  if ("fault" in overlap) return failed(overlap.fault);
  const { id, authMethod, profile } = client;
  if (!usesSecret(authMethod))
    return failed(`client ${quote(id)} uses ${authMethod}, not a secret`);
  const now = services.now();
  const text = profile === "challenger" ? newSecretToken() : newClientSecret(authMethod);
  const secret = secretRow(text, { clientId: id, authMethod, expiresAt: null }, services);
  const rotation = { secret, now, end: now + overlap.number };
  if (!(await services.store.rotateSecret(id, rotation))) return failed(unknownClient(id));
  await services.audit.record("client.written", {
    clientId: id,
    details: { change: "secret rotated" },
  });
  terminal.out(JSON.stringify({ client_id: id, client_secret: text }));
  return { settles: true };
}

/** Longest overlap of two secrets: a year, in seconds. */
const OVERLAP_MAX = 31_536_000;

/** Runs `act` on the client whom the first argument names. */
export async function withClient(
  { positionals: [id = ""] }: Input,
  { services }: AdminContext,
  act: (client: Client, services: AdminContext["services"]) => Promise<Outcome>,
): Promise<Outcome> {
  const client = await services.store.findClient(id);
  return client ? act(client, services) : failed(unknownClient(id));
}

/** What is said of an id that no client has. */
export function unknownClient(id: string): string {
  return `there is no client ${quote(id)}`;
}
