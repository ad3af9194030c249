import type { ClaimsRequest } from "./authorization_types.ts";

/** Which claims a scope releases (OpenID Connect Core §5.4); `role` is the first seed's. */
export const SCOPE_CLAIMS: Readonly<Record<string, readonly string[]>> = {
  openid: [],
  offline_access: [],
  profile: [
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
  ],
  email: ["email", "email_verified"],
  phone: ["phone_number", "phone_number_verified"],
  address: ["address"],
  role: ["role"],
};

/** Claims of ID tokens that the server itself states; no user's claims can take their place. */
export const ID_TOKEN_CLAIMS = [
  "iss",
  "sub",
  "aud",
  "exp",
  "iat",
  "auth_time",
  "nonce",
  "at_hash",
  "amr",
  "acr",
  "azp",
  "sid",
] as const;

/** Scopes that mean something to the server itself, for the discovery document. */
export const SCOPES_SUPPORTED: readonly string[] = Object.keys(SCOPE_CLAIMS);

/** Every claim that the discovery document promises. */
export const CLAIMS_SUPPORTED: readonly string[] = [
  ...ID_TOKEN_CLAIMS,
  ...Object.values(SCOPE_CLAIMS).flat(),
];

/** Registered names that are about a token, not about a user; a user's claims never fill them. */
const PROTOCOL_CLAIMS: ReadonlySet<string> = new Set([
  ...ID_TOKEN_CLAIMS,
  "nbf",
  "jti",
  "c_hash",
  "s_hash",
  "events",
  "cnf",
  "scope",
  "client_id",
  "authorization_id",
]);

/** What is known of a user, as far as claims are made of it. */
export interface UserFacts {
  readonly username: string;
  readonly email: string | null;
  readonly phoneNumber: string | null;
  readonly updatedAt: number;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What a client may learn, and what it asks for beyond its scopes. */
export interface Release {
  /** Scopes whose claims are given without being asked for one by one. */
  readonly scope: readonly string[];
  /** Scopes that the client is registered for now: nothing outside them is given or can be asked for. */
  readonly allowed: readonly string[];
  /** One member of the `claims` that the user agreed to; whether a claim is essential changes nothing (§5.5.1). */
  readonly requested: ClaimsRequest["userinfo"] | undefined;
}

/**
 * The claims of a user that a client gets: those of the granted scopes, and those it asked for one
 * by one (OpenID Connect Core §5.4, §5.5). Claims that are not known are left out, never null.
 */
export function releasedClaims(
  user: UserFacts,
  { scope, allowed, requested = {} }: Release,
): Record<string, unknown> {
  const known = claimsOf(user);
  const covered = new Set(allowed.flatMap(claimsOfScope));
  const asked = Object.keys(requested).filter((name) => covered.has(baseName(name)));
  const standing = scope.filter((name) => allowed.includes(name));
  const names = new Set([...standing.flatMap(claimsOfScope), ...asked]);
  return Object.fromEntries(
    [...names]
      .filter((name) => !PROTOCOL_CLAIMS.has(baseName(name)) && known.has(name))
      .map((name) => [name, known.get(name)]),
  );
}

/**
 * What the user is asked to agree to: the scopes, and those out of `allowed` that cover the claims
 * asked for one by one, so that it is the same whichever way a client asks (§5.5).
 */
export function wishedScopes(
  { scope, claims }: { scope: readonly string[]; claims?: ClaimsRequest },
  allowed: readonly string[],
): readonly string[] {
  const asked = [claims?.userinfo, claims?.id_token].flatMap((part) => Object.keys(part ?? {}));
  const names = new Set(asked.map(baseName).filter((name) => !PROTOCOL_CLAIMS.has(name)));
  const covering = allowed.filter((one) => claimsOfScope(one).some((name) => names.has(name)));
  return [...new Set([...scope, ...covering])];
}

/**
 * The claims asked for one by one that `allowed` covers: those that the user is shown, by way of
 * their scopes. What is kept of a request, so that scopes registered later add nothing to it.
 */
export function coveredClaims(claims: ClaimsRequest, allowed: readonly string[]): ClaimsRequest {
  const covered = new Set(allowed.flatMap(claimsOfScope));
  const prune = (part: NonNullable<ClaimsRequest["userinfo"]>) =>
    Object.fromEntries(Object.entries(part).filter(([name]) => covered.has(baseName(name))));
  const { userinfo, id_token: idToken } = claims;
  return {
    ...(userinfo && { userinfo: prune(userinfo) }),
    ...(idToken && { id_token: prune(idToken) }),
  };
}

/** The claims of a scope; one that is not in the table stands for the claim of its own name. */
function claimsOfScope(scope: string): readonly string[] {
  return Object.hasOwn(SCOPE_CLAIMS, scope) ? (SCOPE_CLAIMS[scope] ?? []) : [scope];
}

/** A claim's name without its language tag (OpenID Connect Core §5.2). */
function baseName(name: string): string {
  return name.split("#", 1)[0] ?? "";
}

/** All that is known, as claims. What the server keeps in columns wins over the free claims. */
function claimsOf(user: UserFacts): ReadonlyMap<string, unknown> {
  const { email, phoneNumber, claims } = user;
  const { email_verified: emailVerified, phone_number_verified: phoneVerified } = claims;
  return new Map<string, unknown>([
    ["preferred_username", user.username],
    ...Object.entries(claims).filter(([, value]) => value !== null && value !== undefined),
    // An address that identifies the user is verified unless his claims deny it (decisions D6).
    ...(email === null ? [] : verified("email", email, emailVerified)),
    ...(phoneNumber === null ? [] : verified("phone_number", phoneNumber, phoneVerified)),
    ["updated_at", user.updatedAt],
  ]);
}

function verified(
  name: string,
  value: string,
  flag: unknown,
): readonly (readonly [string, unknown])[] {
  return [
    [name, value],
    [`${name}_verified`, flag !== false],
  ];
}
