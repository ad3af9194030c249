import { defineGrant, OAuthError, type Services, t } from "../../plugin.ts";
import { IDENTIFIER_LENGTH_MAX, normalizeIdentifier } from "../../protocol/identifier.ts";
import { PASSWORD_LENGTH_MAX } from "../../protocol/user_metadata.ts";
import type { ThrottleKey } from "../../services/throttle.ts";
import type { User } from "../../store/users.ts";
import { ScopeParameter } from "./parameters.ts";

/** The user's own credentials (RFC 6749 §4.3): login, phone number or e-mail address and password. */
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
      description: "The user's password",
      examples: ["correct horse battery staple"],
    }),
    scope: t.Optional(ScopeParameter),
  }),

  async prove({ client, params, scope, address, now }, services) {
    const found = await services.store.findUserByIdentifier(params.username);
    const account = found ? `user:${found.id}` : `name:${normalizeIdentifier(params.username)}`;
    const keys = throttleKeys(account, client.authMethod === "none" ? address : undefined);
    const user = await proveUser(found, { password: params.password, keys, services });
    return {
      subject: user.id,
      userId: user.id,
      scope,
      authorization: "new",
      authentication: { authTime: now, amr: ["pwd"] },
      refresh: true,
      // Right credentials with a refused scope count as an attempt (decisions D6).
      refused: () => services.throttle.fail(keys),
    };
  },
});

/**
 * The account counts whichever of its names is tried. Only a public caller's address is counted: a
 * confidential client speaks for many users.
 */
function throttleKeys(account: string, address: string | undefined): readonly ThrottleKey[] {
  const key: ThrottleKey = { kind: "account", name: account };
  return address === undefined ? [key] : [key, { kind: "address", name: address }];
}

/** The user, if it is his password. An unknown user costs the same time as a wrong password. */
async function proveUser(found: User | undefined, { password, keys, services }: Attempt) {
  const { passwords, throttle } = services;
  const enabled = found?.disabledAt === null ? found : undefined;
  const proven = await throttle.attempt(keys, () =>
    passwords.verify(password, enabled?.passwordHash),
  );
  if (!proven || !enabled) {
    throw new OAuthError("credentials_incorrect", {
      userId: found?.id,
      cause: !found ? "unknown user" : enabled ? "wrong password" : "disabled user",
    });
  }
  return enabled;
}

interface Attempt {
  readonly password: string;
  readonly keys: readonly ThrottleKey[];
  readonly services: Services;
}
