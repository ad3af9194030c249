import { decodeJwt, type JWTPayload, jwtVerify } from "jose";
import { ID_TOKEN_CLAIMS, releasedClaims, SCOPES_SUPPORTED } from "../protocol/claims.ts";
import { type Confirmation, TOKEN_LENGTH_MAX } from "../protocol/token_claims.ts";
import type { Party } from "../protocol/uma_party.ts";
import type { Client } from "../store/clients.ts";
import { pairKey } from "../store/pair_key.ts";
import type { User } from "../store/users.ts";
import { readIdTokenHint } from "./id_token.ts";
import type { IssuerKeys } from "./issuer_keys.ts";
import { showsAll } from "./sender_binding.ts";
import type { Services } from "./services.ts";
import { readOwnJwt } from "./sign_jwt.ts";
import { subjectFor, userOfSubject } from "./subjects.ts";

/** The format of claim tokens: an ID token (idserver.md A.8), by the name that clients send. */
export const CLAIM_TOKEN_FORMATS = [
  "http://openid.net/specs/openid-connect-core-1_0.html#IDToken",
  "https://openid.net/specs/openid-connect-core-1_0.html#IDToken",
] as const;

/** Algorithms of other issuers' ID tokens: signatures only, since a shared secret proves no issuer. */
const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

/** How far an issuer's clock may be from ours, in seconds (attack 86). */
const SKEW_SECONDS = 10;

/** Longest name that an owner is shown, in characters. */
const NAME_LENGTH_MAX = 200;

/** What a claim token is judged by. */
export interface ClaimTokenContext {
  readonly client: Client;
  /** The resource server, in whose policies a `sub` is the one that it knows. */
  readonly keeper: Client;
  /** Keys that the request proves. */
  readonly shown: Confirmation;
  readonly keys: IssuerKeys;
  readonly services: Services;
}

/**
 * The requesting party that an ID token speaks of: ours or a configured issuer's, live, and meant for
 * the client that shows it or for us (UMA 2.0 Grant §3.3.1). Undefined for every other text.
 */
export async function readClaimToken(
  text: string,
  context: ClaimTokenContext,
): Promise<Party | undefined> {
  if (text.length > TOKEN_LENGTH_MAX) return undefined;
  // A claim token is sent in base64url, or as it is where its format is so already (UMA 2.0 Grant §3.3.1).
  const token = text.includes(".") ? text : Buffer.from(text, "base64url").toString();
  try {
    const { iss } = decodeJwt(token);
    if (iss === context.services.issuer) return await readOwn(token, context);
    const known = context.services.settings.umaClaimTokenIssuers;
    return iss !== undefined && known.includes(iss)
      ? await readForeign(token, iss, context)
      : undefined;
  } catch {
    return undefined;
  }
}

/** One of our ID tokens: who he is stands in the token, what is true of him in our own records. */
async function readOwn(
  text: string,
  { client, keeper, services }: ClaimTokenContext,
): Promise<Party | undefined> {
  const [hint, claims] = await Promise.all([
    readIdTokenHint(text, services),
    readOwnJwt(text, "JWT", services),
  ]);
  const { exp, iat } = claims ?? {};
  if (hint?.clientId !== client.id || typeof exp !== "number" || typeof iat !== "number") {
    return undefined;
  }
  const user = await userOfSubject(client, hint.subject, services.store);
  // What ended the user's tokens ends what this one says of him.
  if (!user || user.disabledAt !== null || iat <= user.notBefore || exp <= services.now()) {
    return undefined;
  }
  const { issuer } = services;
  return {
    key: pairKey(issuer, user.id),
    name: user.username.slice(0, NAME_LENGTH_MAX),
    issuer,
    userId: user.id,
    claims: { ...factsOf(user), iss: issuer, sub: subjectFor(keeper, user, services) },
  };
}

/** All that is known of a user; policies see it, and clients learn no more than yes or no. */
function factsOf(user: User): Readonly<Record<string, unknown>> {
  const own = Object.entries(user.claims).filter(
    ([name]) => !(ID_TOKEN_CLAIMS as readonly string[]).includes(name),
  );
  const every = { scope: SCOPES_SUPPORTED, allowed: SCOPES_SUPPORTED, requested: undefined };
  return { ...Object.fromEntries(own), ...releasedClaims(user, every) };
}

/** Another issuer's ID token, by its published keys; a subject of his never is a user of ours. */
async function readForeign(
  text: string,
  issuer: string,
  { client, keys, shown, services }: ClaimTokenContext,
): Promise<Party | undefined> {
  const options = {
    issuer,
    audience: [client.id, services.issuer],
    algorithms: ALGORITHMS,
    clockTolerance: SKEW_SECONDS,
    currentDate: new Date(services.now() * 1000),
    requiredClaims: ["sub", "exp", "iat"],
  };
  const { payload, protectedHeader } = await keys.verifyWith(
    issuer,
    (key) => jwtVerify(text, key, options),
    services,
  );
  const { sub, iat = 0, azp } = payload;
  const isIdToken = protectedHeader.typ === undefined || protectedHeader.typ === "JWT";
  const meant = azp === undefined || azp === client.id || azp === services.issuer;
  const early = iat > services.now() + SKEW_SECONDS;
  if (!isIdToken || payload["events"] !== undefined || !meant || early) return undefined;
  // One that is bound to a key speaks for him who proves it only (RFC 7800 §3).
  const { cnf = {} } = payload;
  if (typeof cnf !== "object" || cnf === null || !showsAll(cnf, shown)) return undefined;
  if (typeof sub !== "string" || !isSubject(sub)) return undefined;
  const name = `${nameIn(payload)} (${new URL(issuer).host})`;
  return { key: pairKey(issuer, sub), name, issuer, claims: { ...payload } };
}

/** Whether a text may be a subject: 255 characters at most (OpenID Connect Core §2), and none that a
 * database could not keep. */
const isSubject = (text: string) => /^[^\p{Cc}\p{Cs}]{1,255}$/u.test(text);

/** What the issuer calls him, without what is no character; an owner sees whose word it is. */
function nameIn(payload: JWTPayload): string {
  const names = [payload["preferred_username"], payload["email"], payload["name"], payload.sub]
    .filter((one) => typeof one === "string")
    .map((one) => one.replaceAll(/[\p{Cc}\p{Cs}]/gu, "").trim());
  return (names.find((one) => one !== "") ?? "").slice(0, NAME_LENGTH_MAX);
}
