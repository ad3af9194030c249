import { defineGrant, t } from "../../plugin.ts";
import { IDENTIFIER_LENGTH_MAX } from "../../protocol/identifier.ts";
import { PASSWORD_LENGTH_MAX } from "../../protocol/user_metadata.ts";
import { subjectFor } from "../../services/subjects.ts";
import { accountKey, type ThrottleKey } from "../../services/throttle.ts";
import { strangerAt } from "../../services/waiting_line.ts";
import { ScopeParameter } from "./parameters.ts";
import { chooseMethods, proveOwner } from "./resource_owner.ts";

/** The user's own credentials (RFC 6749 §4.3), or a confirmation code in the password's place. */
export const password = defineGrant({
  grantType: "password",
  source: "RFC 6749 §4.3",
  clients: "any",
  scope: "required",
  errors: [
    "username_missing",
    "password_missing",
    "scope_missing",
    "credentials_incorrect",
    "too_many_attempts",
    "server_busy",
  ],
  params: t.Object({
    username: t.String({
      maxLength: IDENTIFIER_LENGTH_MAX,
      description: "Login, phone number or e-mail address",
      examples: ["alice"],
    }),
    password: t.String({
      maxLength: PASSWORD_LENGTH_MAX,
      format: "password",
      description: "The user's password, or a confirmation code that /code sent to the username",
      examples: ["correct horse battery staple"],
    }),
    scope: t.Optional(ScopeParameter),
    amr_values: t.Optional(
      t.String({
        maxLength: 255,
        description: "pwd or sms: which of the two the password is; absent, both are tried",
        examples: ["sms"],
      }),
    ),
  }),

  async prove({ client, params, scope, address, now }, services) {
    const { username, password, amr_values } = params;
    const found = await services.store.findUserByIdentifier(username);
    const caller = client.authMethod === "none" ? address : undefined;
    const keys = throttleKeys(accountKey(found?.id, username), caller);
    const attempt = {
      username,
      password,
      clientId: client.id,
      methods: chooseMethods(amr_values),
      keys,
      // A confidential client speaks for many users, and takes its turns as one caller.
      place:
        client.authMethod === "none"
          ? strangerAt(address)
          : { rank: "stranger" as const, caller: `client ${client.id}` },
    };
    const { user, amr, spend } = await proveOwner(found, attempt, services);
    return {
      subject: subjectFor(client, user, services),
      userId: user.id,
      scope,
      authorization: "new",
      authentication: { authTime: now, amr },
      refresh: true,
      ...(spend && { spend }),
      // Right credentials with a refused scope count as an attempt (decisions D6).
      refused: () => services.throttle.fail(keys),
    };
  },
});

/** Only a public caller's address is counted: a confidential client speaks for many users. */
function throttleKeys(account: ThrottleKey, address: string | undefined): readonly ThrottleKey[] {
  return address === undefined ? [account] : [account, { kind: "address", name: address }];
}
