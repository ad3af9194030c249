import { OAuthError } from "../protocol/oauth_error.ts";
import { splitScope } from "../protocol/scope.ts";
import { type CodeRequest, checkCodeRequest, grantedRequest } from "../services/code_request.ts";
import { issueCode } from "../services/issue_code.ts";
import type { Client } from "../store/clients.ts";
import { unknownClient } from "./client_commands.ts";
import {
  type AdminContext,
  type Command,
  DONE,
  failed,
  type Input,
  type Outcome,
} from "./command.ts";
import { readWholeNumber } from "./numbers.ts";
import { findUserByName, unknownUser } from "./user_commands.ts";

/** `code …`: for integrators who test without a browser. */
export const CODE_COMMANDS: readonly Command[] = [
  {
    name: "code issue",
    parameters: "",
    summary: "Print one authorization code, as if the user had just agreed",
    details: ["It lives CODE_LIFETIME_SECONDS and is redeemed at /token."],
    options: {
      client: { type: "string", value: "ID", required: true, help: "The client that redeems it" },
      user: { type: "string", value: "NAME", required: true, help: "The user who agrees" },
      "redirect-uri": {
        type: "string",
        value: "URI",
        required: true,
        help: "A redirect URI of the client",
      },
      scope: {
        type: "string",
        value: "SCOPES",
        help: "Scopes, separated by spaces; the client's default_scope without it",
      },
      resource: {
        type: "string",
        value: "URI",
        multiple: true,
        help: "A resource the tokens are for",
      },
      nonce: { type: "string", value: "NONCE", help: "Nonce of the ID token" },
      "code-challenge": { type: "string", value: "CHALLENGE", help: "PKCE challenge" },
      "code-challenge-method": { type: "string", value: "METHOD", help: "S256; plain without it" },
      "auth-time": {
        type: "string",
        value: "SECONDS",
        help: "When the user signed in, as Unix time; now without it",
      },
    },
    run: issue,
  },
];

async function issue(input: Input, { services, terminal }: AdminContext): Promise<Outcome> {
  const { store, now } = services;
  const [id, name] = [input.text("client") ?? "", input.text("user") ?? ""];
  const [client, user] = await Promise.all([store.findClient(id), findUserByName(store, name)]);
  if (!client || !user) {
    return failed(...(client ? [] : [unknownClient(id)]), ...(user ? [] : [unknownUser(name)]));
  }
  const authTime = readWholeNumber(input, "auth-time", { default: now(), min: 0, max: now() });
  if ("fault" in authTime) return failed(authTime.fault);
  const scope = input.text("scope");
  if (scope === undefined && client.defaultScopes === undefined) {
    return failed("--scope is missing, and the client has no default_scope");
  }
  const request = grantedRequest(checkCodeRequest(requestOf(input, client)));
  if (user.disabledAt !== null) throw new OAuthError("credentials_incorrect");
  const code = await issueCode({ client, user, request, authTime: authTime.number }, services);
  terminal.out(code);
  return DONE;
}

function requestOf(input: Input, client: Client): CodeRequest {
  const scope = input.text("scope");
  return {
    client,
    redirectUri: input.text("redirect-uri") ?? "",
    scope: scope === undefined ? (client.defaultScopes ?? []) : splitScope(scope),
    resource: input.texts("resource"),
    nonce: input.text("nonce"),
    codeChallenge: input.text("code-challenge"),
    codeChallengeMethod: input.text("code-challenge-method"),
  };
}
