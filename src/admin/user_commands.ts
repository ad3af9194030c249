import { SECOND_FACTORS, secondFactorFault } from "../protocol/user_metadata.ts";
import { endAllSessions } from "../services/logout.ts";
import type { Store } from "../store/store.ts";
import type { User } from "../store/users.ts";
import {
  type AdminContext,
  type Command,
  DONE,
  failed,
  type Input,
  type Outcome,
} from "./command.ts";
import { importEntries } from "./import_parties.ts";
import { findJsonFault } from "./json_text.ts";
import { passwordFaults } from "./party_check.ts";
import { PASSWORD_OPTIONS, readPassword } from "./passwords.ts";
import { quote } from "./quote.ts";
import { shownUser } from "./show.ts";

/** `user …`. NAME is a login, a verified phone number or e-mail address, or an id. */
export const USER_COMMANDS: readonly Command[] = [
  {
    name: "user add",
    parameters: "",
    summary: "Add a user and print him",
    options: {
      username: { type: "string", value: "NAME", required: true, help: "What he signs in with" },
      ...PASSWORD_OPTIONS,
      email: { type: "string", value: "ADDRESS", help: "His verified e-mail address" },
      phone: { type: "string", value: "NUMBER", help: "His verified phone number, as E.164" },
      "second-factor": {
        type: "string",
        value: "KIND",
        help: "sms or email: where a code goes when he signs in; none without it",
      },
      claims: { type: "string", value: "JSON", help: "Further claims about him, as an object" },
    },
    run: add,
  },
  {
    name: "user list",
    parameters: "",
    summary: "Print all users, one JSON object a line",
    options: {},
    async run(_input, { services, terminal }) {
      for (const user of await services.store.listUsers()) {
        terminal.out(JSON.stringify(shownUser(user)));
      }
      return DONE;
    },
  },
  {
    name: "user show",
    parameters: "NAME",
    summary: "Print a user as JSON that `import` takes; his password is not in it",
    options: {},
    run: (input, context) =>
      withUser(input, context, async (user) => {
        context.terminal.out(JSON.stringify(shownUser(user), null, 2));
        return DONE;
      }),
  },
  {
    name: "user disable",
    parameters: "NAME",
    summary: "Refuse a user and all his tokens until he is enabled, and end his sessions",
    options: {},
    run: (input, context) =>
      withUser(input, context, async ({ id, username }, services) => {
        const { store, audit, now } = services;
        await store.setUserDisabled(id, now());
        await endAllSessions(id, services);
        await audit.record("user.disabled", { userId: id });
        context.terminal.err(`user ${quote(username)} is disabled`);
        return { settles: true };
      }),
  },
  {
    name: "user enable",
    parameters: "NAME",
    summary: "Undo `user disable`",
    options: {},
    run: (input, context) =>
      withUser(input, context, async ({ id, username }, { store, audit }) => {
        await store.setUserDisabled(id, null);
        await audit.record("user.enabled", { userId: id });
        context.terminal.err(`user ${quote(username)} is enabled`);
        return { settles: true };
      }),
  },
  {
    name: "user delete",
    parameters: "NAME",
    summary: "Delete a user and all that was issued for him",
    options: {},
    run: (input, context) =>
      withUser(input, context, async ({ id, username }, services) => {
        const { store, audit } = services;
        await endAllSessions(id, services);
        await store.deleteUser(id);
        await audit.record("user.deleted", { userId: id });
        context.terminal.err(`user ${quote(username)} is deleted`);
        return { settles: true };
      }),
  },
  {
    name: "user revoke-tokens",
    parameters: "NAME",
    summary: "End every token, authorization and session of a user",
    options: {},
    run: (input, context) =>
      withUser(input, context, async ({ id, username }, services) => {
        const { store, audit, now } = services;
        await store.setUserNotBefore(id, now());
        await store.revokeAuthorizationsOfUser(id, now());
        await endAllSessions(id, services);
        await audit.record("user.tokens_revoked", { userId: id });
        context.terminal.err(`all tokens of user ${quote(username)} are revoked`);
        return { settles: true };
      }),
  },
  {
    name: "user set-password",
    parameters: "NAME",
    summary: "Change a user's password, which ends all his authorizations and sessions",
    options: PASSWORD_OPTIONS,
    run: (input, context) => withUser(input, context, (user) => setPassword(user, input, context)),
  },
  {
    name: "user set-second-factor",
    parameters: "NAME KIND",
    summary: "Choose what a user must show beside his password when he signs in",
    details: ["KIND is sms or email, for a code sent to his verified address, or none."],
    options: {},
    run: (input, context) =>
      withUser(input, context, (user) => setSecondFactor(user, input, context)),
  },
];

async function add(input: Input, context: AdminContext): Promise<Outcome> {
  const { services, terminal } = context;
  const username = input.text("username") ?? "";
  if (await services.store.findUserByIdentifier(username)) {
    return failed(`there is a user ${quote(username)} already`);
  }
  const claims = readClaims(input.text("claims"));
  if ("fault" in claims) return failed(claims.fault);
  const read = await readPassword(input, terminal);
  if ("fault" in read) return failed(read.fault);
  const [email, phone] = [input.text("email"), input.text("phone")];
  const secondFactor = input.text("second-factor");
  const value = {
    username,
    password: read.password,
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone_number: phone }),
    ...(secondFactor !== undefined && { second_factor: secondFactor }),
    ...claims,
  };
  const { faults, warnings } = await importEntries(
    [{ kind: "user", label: "user add", value }],
    context,
    { newOnly: true },
  );
  for (const warning of warnings) terminal.err(`warning: ${warning}`);
  if (faults.length > 0) return failed(...faults);
  const added = await services.store.findUserByIdentifier(username);
  if (added) terminal.out(JSON.stringify(shownUser(added), null, 2));
  return DONE;
}

function readClaims(text: string | undefined): { claims?: unknown } | { fault: string } {
  if (text === undefined) return {};
  const wrong = findJsonFault(text);
  return wrong ? { fault: `--claims is not JSON: ${wrong.fault}` } : { claims: JSON.parse(text) };
}

/** The old password may be what leaked, so nothing that rests on it goes on, even if it stays the same. */
async function setPassword(
  user: User,
  input: Input,
  { services, terminal }: AdminContext,
): Promise<Outcome> {
  const read = await readPassword(input, terminal);
  if ("fault" in read) return failed(read.fault);
  const faults = passwordFaults(user.username, read.password);
  if (faults.length > 0) return failed(...faults);
  const { store, passwords, audit, now } = services;
  const passwordHash = await passwords.hash(read.password);
  // Whoever disabled or deleted him while the password was typed is not undone.
  if (!(await store.setPassword(user.id, { passwordHash, now: now() }))) {
    return failed(unknownUser(user.username));
  }
  await store.revokeAuthorizationsOfUser(user.id, now());
  await endAllSessions(user.id, services);
  await audit.record("user.password_set", { userId: user.id });
  terminal.err(`the password of user ${quote(user.username)} is set`);
  return { settles: true };
}

async function setSecondFactor(
  user: User,
  { positionals: [, kind] }: Input,
  { services: { store, audit }, terminal }: AdminContext,
): Promise<Outcome> {
  const known = SECOND_FACTORS.find((name) => name === kind);
  if (known === undefined) return failed(`KIND must be one of ${SECOND_FACTORS.join(", ")}`);
  const factor = known === "none" ? null : known;
  const fault = secondFactorFault(user, factor);
  if (fault !== undefined) return failed(fault);
  await store.setSecondFactor(user.id, factor);
  await audit.record("user.second_factor_set", {
    userId: user.id,
    details: { second_factor: known },
  });
  terminal.err(`the second factor of user ${quote(user.username)} is ${known}`);
  return { settles: true };
}

/** The user by login, verified phone number or e-mail address, or by id. */
export async function findUserByName(store: Store, name: string): Promise<User | undefined> {
  return (await store.findUserByIdentifier(name)) ?? (await store.findUser(name));
}

/** What is said of a name that no user has. */
export function unknownUser(name: string): string {
  return `there is no user ${quote(name)}`;
}

async function withUser(
  { positionals: [name = ""] }: Input,
  { services }: AdminContext,
  act: (user: User, services: AdminContext["services"]) => Promise<Outcome>,
): Promise<Outcome> {
  const user = await findUserByName(services.store, name);
  return user ? act(user, services) : failed(unknownUser(name));
}
