import type { Authorization, Code } from "../../src/store/authorizations.ts";
import type { ClientWrite } from "../../src/store/clients.ts";
import type { RefreshToken } from "../../src/store/tokens.ts";
import type { UserWrite } from "../../src/store/users.ts";

/** Where the clock of the store's tests stands: 2027-01-15. */
export const NOW = 1_800_000_000;

/** The end of the year 9999, far past the 32 bits that end in 2038. */
export const FAR = 253_402_300_799;

/** A text that nothing else in a test has. */
export function unique(prefix = "id"): string {
  return `${prefix}-${crypto.randomUUID()}`;
}

/** JSON that a careless driver or column would change. */
export const AWKWARD_JSON = {
  quotes: `"'\\ \u0000 \u2028 %_`,
  unicode: "é e\u0301 ß İ 🗝️",
  numbers: [0, -1, 1.5, 2 ** 53 - 1],
  nested: { empty: {}, list: [[], [null]], text: '{"a":1}' },
  yes: true,
  nothing: null,
} as const;

/** A client as it is written, without secrets unless told. */
export function aClient(
  id: string,
  changes: Partial<ClientWrite["row"]> = {},
  secrets: ClientWrite["secrets"] = [],
): ClientWrite {
  const row = {
    id,
    metadata: { client_name: id },
    origin: "admin",
    createdAt: NOW,
    updatedAt: NOW,
    disabledAt: null,
    notBefore: 0,
    ...changes,
  } as const;
  return { row, secrets };
}

/** A secret of a client. */
export function aSecret(clientId: string, changes: { expiresAt?: number } = {}) {
  return {
    id: unique("secret"),
    clientId,
    hash: unique("hash"),
    sealed: null,
    createdAt: NOW,
    expiresAt: null,
    lastUsedAt: null,
    ...changes,
  };
}

/** A user as he is written; his name is an identifier. */
export function aUser(
  username: string,
  changes: Partial<UserWrite["row"]> = {},
  identifiers: readonly string[] = [username],
): UserWrite {
  const row = {
    id: unique("user"),
    username,
    passwordHash: null,
    phoneNumber: null,
    email: null,
    secondFactor: null,
    claims: {},
    origin: "admin",
    createdAt: NOW,
    updatedAt: NOW,
    disabledAt: null,
    notBefore: 0,
    ...changes,
  } as const;
  return { row, identifiers, passwordChanged: false };
}

/** An authorization that lives for a day. */
export function anAuthorization(changes: Partial<Authorization> = {}): Authorization {
  return {
    id: unique("authorization"),
    clientId: "c",
    subject: "alice",
    userId: null,
    scope: ["api1"],
    resource: [],
    authTime: null,
    amr: null,
    acr: null,
    nonce: null,
    claims: null,
    sessionId: null,
    createdAt: NOW,
    expiresAt: NOW + 86_400,
    revokedAt: null,
    ...changes,
  };
}

/** A code of an authorization. */
export function aCode(authorization: Authorization, changes: Partial<Code> = {}): Code {
  return {
    key: unique("code"),
    authorizationId: authorization.id,
    clientId: authorization.clientId,
    redirectUri: "https://rp.example/cb",
    codeChallenge: null,
    codeChallengeMethod: null,
    dpopJkt: null,
    expiresAt: NOW + 60,
    consumedAt: null,
    ...changes,
  };
}

/** A refresh token of an authorization. */
export function aRefreshToken(
  authorization: Authorization,
  changes: Partial<RefreshToken> = {},
): RefreshToken {
  return {
    key: unique("refresh"),
    authorizationId: authorization.id,
    clientId: authorization.clientId,
    issuedAt: NOW,
    expiresAt: NOW + 3600,
    consumedAt: null,
    salt: null,
    confirmation: null,
    ...changes,
  };
}

/** Claims of an access token that lives for an hour. */
export function someClaims(changes: { exp?: number; authorization_id?: string } = {}) {
  return {
    iss: "https://as.example",
    sub: "alice",
    aud: ["https://api.example", "https://other.example"],
    client_id: "c",
    scope: "api1 api2",
    iat: NOW,
    exp: NOW + 3600,
    jti: unique("jti"),
    cnf: { "x5t#S256": "abc" },
    ...changes,
  };
}

/** Runs `attempt` that often at once and counts how often it said true. */
export async function countWins(
  times: number,
  attempt: (index: number) => Promise<boolean>,
): Promise<number> {
  const outcomes = await Promise.all(Array.from({ length: times }, (_, index) => attempt(index)));
  return outcomes.filter((won) => won).length;
}
