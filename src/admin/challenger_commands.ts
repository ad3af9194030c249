import { newSecretToken, SECRET_TOKEN_PREFIX } from "../services/client_secrets.ts";
import type { Store } from "../store/store.ts";
import {
  type AdminContext,
  type Command,
  DONE,
  failed,
  type Input,
  type Outcome,
} from "./command.ts";
import { importEntries } from "./import_parties.ts";

/** Counter of the ids of Challenger clients. */
const CLIENT_NUMBERS = "challenger client";

/** `challenger …`. */
export const CHALLENGER_COMMANDS: readonly Command[] = [
  {
    name: "challenger add",
    parameters: "",
    summary: "Register a client of the Challenger protocol and print its number",
    details: [
      "A secret that is not given is made, and printed once on the second line. The commands",
      "`client list`, `show`, `disable`, `rotate-secret` and `delete` take the number as ID.",
    ],
    options: {
      "redirect-uri": {
        type: "string",
        value: "URI",
        required: true,
        help: "Where its codes go: one http or https address",
      },
      secret: { type: "string", value: "SECRET", help: "Its secret, secret-token:…" },
      name: { type: "string", value: "NAME", help: "What people know it by" },
    },
    run: add,
  },
];

async function add(input: Input, context: AdminContext): Promise<Outcome> {
  const redirectUri = input.text("redirect-uri") ?? "";
  if (!/^https?:\/\//.test(redirectUri))
    return failed("--redirect-uri must be an http or https address");
  const given = input.text("secret");
  if (given !== undefined && !isSecretToken(given)) {
    return failed(
      `--secret must begin with ${SECRET_TOKEN_PREFIX} and go on as a URI may (RFC 8959)`,
    );
  }
  const secret = given ?? newSecretToken();
  const name = input.text("name");
  const id = await nextId(context.services.store);
  const value = {
    client_id: id,
    client_secret: secret,
    profile: "challenger",
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code"],
    token_endpoint_auth_method: "client_secret_post",
    ...(name !== undefined && { client_name: name }),
  };
  const entry = { kind: "client", label: "challenger add", value } as const;
  const { faults, warnings } = await importEntries([entry], context, { newOnly: true });
  for (const warning of warnings) context.terminal.err(`warning: ${warning}`);
  if (faults.length > 0) return failed(...faults);
  context.terminal.out(id);
  if (given === undefined) context.terminal.out(secret);
  return DONE;
}

/** The next number that no client has; the counter gives each once, whoever else adds clients. */
async function nextId(store: Store): Promise<string> {
  for (;;) {
    const id = String(await store.nextNumber(CLIENT_NUMBERS));
    if (!(await store.findClient(id))) return id;
  }
}

/** A token after the prefix is made of the characters of a path segment (RFC 3986 §3.3). */
function isSecretToken(text: string): boolean {
  return /^secret-token:(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+$/.test(text);
}
