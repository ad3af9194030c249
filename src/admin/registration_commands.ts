import { newInitialAccessToken } from "../services/registration.ts";
import { type AdminContext, type Command, DONE, type Outcome } from "./command.ts";

/** `registration …`. */
export const REGISTRATION_COMMANDS: readonly Command[] = [
  {
    name: "registration invite",
    parameters: "",
    summary: "Print an initial access token, by which clients may register",
    details: [
      "It is for servers with REGISTRATION=token, and shown this once. Whoever holds it registers",
      "clients by POST /register (RFC 7591 §3) for INITIAL_ACCESS_TOKEN_LIFETIME_SECONDS.",
    ],
    options: {},
    run: (_input, context) => invite(context),
  },
];

async function invite({ services, terminal }: AdminContext): Promise<Outcome> {
  const token = await newInitialAccessToken(services);
  await services.audit.record("registration.invited", {});
  terminal.out(token);
  return DONE;
}
