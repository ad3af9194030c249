import { defineGrant, OAuthError, type Services, t } from "../../plugin.ts";
import { IDENTIFIER_LENGTH_MAX, normalizeIdentifier } from "../../protocol/identifier.ts";
import type { ThrottleKey } from "../../services/throttle.ts";
import { ScopeParameter } from "./parameters.ts";

/** Longest password, in characters. */
export const PASSWORD_LENGTH_MAX = 1024;

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
    }),
    password: t.String({
      maxLength: PASSWORD_LENGTH_MAX,
      format: "password",
      description: "The user's password",
    }),
    scope: t.Optional(ScopeParameter),
  }),

  async prove({ client, params, scope, address, now }, services) {
    const keys = throttleKeys(params.username, client.authMethod === "none" ? address : undefined);
    const user = await findProvenUser(params, keys, services);
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

/** Only a public caller's address is counted: a confidential client speaks for many users. */
function throttleKeys(username: string, address: string | undefined): readonly ThrottleKey[] {
  const account: ThrottleKey = { kind: "account", name: normalizeIdentifier(username) };
  return address === undefined ? [account] : [account, { kind: "address", name: address }];
}

/** The user whose password it is. An unknown user costs the same time as a wrong password. */
async function findProvenUser(
  { username, password }: { username: string; password: string },
  keys: readonly ThrottleKey[],
  { store, passwords, throttle }: Services,
) {
  const user = await store.findUserByIdentifier(username);
  const enabled = user?.disabledAt === null ? user : undefined;
  const proven = await throttle.attempt(keys, () =>
    passwords.verify(password, enabled?.passwordHash),
  );
  if (!proven || !enabled) {
    throw new OAuthError("credentials_incorrect", {
      cause: !user ? "unknown user" : enabled ? "wrong password" : "disabled user",
    });
  }
  return enabled;
}
