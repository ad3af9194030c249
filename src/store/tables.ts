import type { JWK } from "jose";
import type { ClaimsRequest } from "../protocol/authorization_types.ts";
import type { ClientMetadata } from "../protocol/client_metadata.ts";
import type { CodeChallengeMethod } from "../protocol/pkce.ts";
import type { AccessTokenClaims, Confirmation } from "../protocol/token_claims.ts";
import { defineChallenger } from "./challenger_tables.ts";
import { defineFrontChannel } from "./front_channel_tables.ts";
import type { Kit } from "./kits.ts";
import { defineUma } from "./uma_tables.ts";

/** Who put a client or user into the store; demo rows keep `bun run start` from starting. */
export type Origin = "admin" | "demo" | "dynamic";

/**
 * The tables, defined once; each dialect's schema module calls this with its kit. Columns named
 * `…At` are Unix seconds. A `key` is the hex issue time of a token followed by its SHA-256, so that
 * inserts go to the index's end and no token can be read back out of the store.
 */
export function defineTables(k: Kit) {
  return {
    ...defineParties(k),
    ...defineTokens(k),
    ...defineFrontChannel(k),
    ...defineUma(k),
    ...defineChallenger(k),
    ...defineOperations(k),
  };
}

/** The tables of one dialect, typed as SQLite's. */
export type Tables = ReturnType<typeof defineTables>;

/** Who may ask, and on whose behalf. */
function defineParties(k: Kit) {
  const clients = k.table("clients", {
    id: k.text("id").primaryKey(),
    metadata: k.json("metadata").$type<ClientMetadata>().notNull(),
    origin: k.text("origin").$type<Origin>().notNull(),
    createdAt: k.int("created_at").notNull(),
    updatedAt: k.int("updated_at").notNull(),
    disabledAt: k.int("disabled_at"),
    /** Tokens issued at this second or before are dead. */
    notBefore: k.int("not_before").notNull(),
    /** SHA-256 of the registration access token of a dynamic client (RFC 7592 §3). */
    registrationTokenHash: k.text("registration_token_hash"),
  });
  const clientSecrets = k.table(
    "client_secrets",
    {
      id: k.text("id").primaryKey(),
      clientId: k.text("client_id").notNull(),
      hash: k.text("hash").notNull(),
      /** The secret under the server's seal, for methods that need it back for an HMAC. */
      sealed: k.text("sealed"),
      createdAt: k.int("created_at").notNull(),
      expiresAt: k.int("expires_at"),
      lastUsedAt: k.int("last_used_at"),
    },
    (t) => [k.index("client_secrets_client_id").on(t.clientId)],
  );
  const clientOrigins = k.table(
    "client_origins",
    {
      /** Client and origin, each with its length before it, so that no two pairs share a key. */
      id: k.text("id").primaryKey(),
      clientId: k.text("client_id").notNull(),
      origin: k.text("origin").notNull(),
    },
    (t) => [
      k.index("client_origins_client_id").on(t.clientId),
      k.index("client_origins_origin").on(t.origin),
    ],
  );
  const users = k.table("users", {
    id: k.text("id").primaryKey(),
    username: k.text("username").notNull(),
    passwordHash: k.text("password_hash"),
    phoneNumber: k.text("phone_number"),
    email: k.text("email"),
    /** Where a second factor is sent when the user signs in; null asks for none. */
    secondFactor: k.text("second_factor").$type<"sms" | "email">(),
    claims: k.json("claims").$type<Readonly<Record<string, unknown>>>().notNull(),
    origin: k.text("origin").$type<Origin>().notNull(),
    createdAt: k.int("created_at").notNull(),
    updatedAt: k.int("updated_at").notNull(),
    disabledAt: k.int("disabled_at"),
    /** Tokens issued at this second or before are dead. */
    notBefore: k.int("not_before").notNull(),
  });
  const userIdentifiers = k.table(
    "user_identifiers",
    {
      identifier: k.text("identifier").primaryKey(),
      userId: k.text("user_id").notNull(),
    },
    (t) => [k.index("user_identifiers_user_id").on(t.userId)],
  );
  return { clients, clientSecrets, clientOrigins, users, userIdentifiers };
}

/** What was granted, and the tokens that say so. */
function defineTokens(k: Kit) {
  const authorizations = k.table(
    "authorizations",
    {
      id: k.text("id").primaryKey(),
      clientId: k.text("client_id").notNull(),
      /** `sub` of the tokens. */
      subject: k.text("subject").notNull(),
      /** The user of this server whom the subject is; null for a subject that a plugin vouches for. */
      userId: k.text("user_id"),
      scope: k.json("scope").$type<readonly string[]>().notNull(),
      resource: k.json("resource").$type<readonly string[]>().notNull(),
      authTime: k.int("auth_time"),
      amr: k.json("amr").$type<readonly string[] | null>(),
      acr: k.text("acr"),
      nonce: k.text("nonce"),
      /** The `claims` parameter of the authorization request (OpenID Connect Core §5.5). */
      claims: k.json("claims").$type<ClaimsRequest | null>(),
      sessionId: k.text("session_id"),
      createdAt: k.int("created_at").notNull(),
      expiresAt: k.int("expires_at").notNull(),
      revokedAt: k.int("revoked_at"),
    },
    (t) => [
      k.index("authorizations_client_id").on(t.clientId),
      k.index("authorizations_user_id").on(t.userId),
      k.index("authorizations_session_id").on(t.sessionId),
      k.index("authorizations_expires_at").on(t.expiresAt),
    ],
  );
  const codes = k.table(
    "codes",
    {
      key: k.text("key").primaryKey(),
      authorizationId: k.text("authorization_id").notNull(),
      clientId: k.text("client_id").notNull(),
      redirectUri: k.text("redirect_uri").notNull(),
      codeChallenge: k.text("code_challenge"),
      codeChallengeMethod: k.text("code_challenge_method").$type<CodeChallengeMethod>(),
      /** Thumbprint of the key that redeems it alone (RFC 9449 §10). */
      dpopJkt: k.text("dpop_jkt"),
      expiresAt: k.int("expires_at").notNull(),
      consumedAt: k.int("consumed_at"),
    },
    (t) => [k.index("codes_expires_at").on(t.expiresAt)],
  );
  const accessTokens = k.table(
    "access_tokens",
    {
      key: k.text("key").primaryKey(),
      claims: k.json("claims").$type<AccessTokenClaims>().notNull(),
      expiresAt: k.int("expires_at").notNull(),
    },
    (t) => [k.index("access_tokens_expires_at").on(t.expiresAt)],
  );
  const refreshTokens = k.table(
    "refresh_tokens",
    {
      key: k.text("key").primaryKey(),
      authorizationId: k.text("authorization_id").notNull(),
      clientId: k.text("client_id").notNull(),
      issuedAt: k.int("issued_at").notNull(),
      expiresAt: k.int("expires_at").notNull(),
      consumedAt: k.int("consumed_at"),
      /** Drawn when the token is spent; its successor is a function of token and salt. */
      salt: k.text("salt"),
      /** Key or certificate that it is bound to, where its client is public (RFC 9449 §5). */
      confirmation: k.json("confirmation").$type<Confirmation | null>(),
    },
    (t) => [
      k.index("refresh_tokens_authorization_id").on(t.authorizationId),
      k.index("refresh_tokens_expires_at").on(t.expiresAt),
    ],
  );
  const revokedTokens = k.table(
    "revoked_tokens",
    {
      jti: k.text("jti").primaryKey(),
      expiresAt: k.int("expires_at").notNull(),
    },
    (t) => [k.index("revoked_tokens_expires_at").on(t.expiresAt)],
  );
  return { authorizations, codes, accessTokens, refreshTokens, revokedTokens };
}

/** What the server itself needs. */
function defineOperations(k: Kit) {
  const keys = k.table(
    "keys",
    {
      /** The `kid` of the JWK. */
      id: k.text("id").primaryKey(),
      algorithm: k.text("algorithm").notNull(),
      /** 1 for the first key of an algorithm; unique, so that two instances never both rotate. */
      generation: k.int("generation").notNull(),
      publicKey: k.json("public_key").$type<JWK>().notNull(),
      sealedPrivateKey: k.text("sealed_private_key").notNull(),
      createdAt: k.int("created_at").notNull(),
      /** From when the key signs; it is published before. */
      activatesAt: k.int("activates_at").notNull(),
    },
    (t) => [k.uniqueIndex("keys_algorithm_generation").on(t.algorithm, t.generation)],
  );
  const records = k.table(
    "records",
    {
      id: k.text("id").primaryKey(),
      value: k.json("value").notNull(),
      expiresAt: k.int("expires_at").notNull(),
    },
    (t) => [k.index("records_expires_at").on(t.expiresAt)],
  );
  const throttles = k.table(
    "throttles",
    {
      key: k.text("key").primaryKey(),
      failures: k.int("failures").notNull(),
      expiresAt: k.int("expires_at").notNull(),
    },
    (t) => [k.index("throttles_expires_at").on(t.expiresAt)],
  );
  const auditLog = k.table(
    "audit_log",
    {
      /** Chain and sequence number: one hash chain per process. */
      id: k.text("id").primaryKey(),
      chain: k.text("chain").notNull(),
      sequence: k.int("sequence").notNull(),
      at: k.int("at").notNull(),
      event: k.text("event").notNull(),
      clientId: k.text("client_id"),
      userId: k.text("user_id"),
      /** How often the same refusal came within the minute. */
      count: k.int("count").notNull(),
      details: k.json("details").$type<Readonly<Record<string, unknown>>>().notNull(),
      previousHash: k.text("previous_hash").notNull(),
      hash: k.text("hash").notNull(),
    },
    (t) => [k.index("audit_log_at").on(t.at)],
  );
  return { keys, records, throttles, auditLog };
}
