import { and, eq, isNull } from "drizzle-orm";
import type { AccessTokenClaims } from "../protocol/token_claims.ts";
import type { Authorization } from "./authorizations.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./tables.ts";

/** A refresh token, without its text. */
export type RefreshToken = Tables["refreshTokens"]["$inferSelect"];

/** A refresh token together with the authorization it belongs to. */
export interface RefreshTokenOfAuthorization {
  readonly token: RefreshToken;
  readonly authorization: Authorization;
}

/** Opaque access tokens, refresh tokens, and the identifiers of revoked access tokens. */
export interface TokenStore {
  insertAccessToken(key: string, claims: AccessTokenClaims): Promise<void>;
  findAccessToken(key: string): Promise<AccessTokenClaims | undefined>;
  /** Ends one access token of either format until it would have expired anyway. */
  revokeToken(jti: string, expiresAt: number): Promise<void>;
  isTokenRevoked(jti: string): Promise<boolean>;
  /** Inserts the token unless it is there: a successor may be written by several requests. */
  insertRefreshToken(token: RefreshToken): Promise<void>;
  findRefreshToken(key: string): Promise<RefreshTokenOfAuthorization | undefined>;
  /** Spends the token and keeps the salt of its successor; false when another request did. */
  consumeRefreshToken(key: string, spent: { now: number; salt: string }): Promise<boolean>;
}

/** Tokens over either dialect. */
export function tokenStore(db: Database, t: Tables): TokenStore {
  const r = t.refreshTokens;
  return {
    async insertAccessToken(key, claims) {
      await db.write((q) =>
        q.insert(t.accessTokens).values({ key, claims, expiresAt: claims.exp }),
      );
    },
    async findAccessToken(key) {
      const [row] = await db.read((q) =>
        q.select().from(t.accessTokens).where(eq(t.accessTokens.key, key)),
      );
      return row?.claims;
    },
    async revokeToken(jti, expiresAt) {
      await db.write((q) =>
        q.insert(t.revokedTokens).values({ jti, expiresAt }).onConflictDoNothing(),
      );
    },
    async isTokenRevoked(jti) {
      const rows = await db.read((q) =>
        q.select().from(t.revokedTokens).where(eq(t.revokedTokens.jti, jti)),
      );
      return rows.length > 0;
    },
    async insertRefreshToken(token) {
      await db.write((q) => q.insert(r).values(token).onConflictDoNothing());
    },
    async findRefreshToken(key) {
      const [row] = await db.read((q) =>
        q
          .select({ token: r, authorization: t.authorizations })
          .from(r)
          .innerJoin(t.authorizations, eq(t.authorizations.id, r.authorizationId))
          .where(eq(r.key, key)),
      );
      return row;
    },
    async consumeRefreshToken(key, { now, salt }) {
      const won = await db.write((q) =>
        q
          .update(r)
          .set({ consumedAt: now, salt })
          .where(and(eq(r.key, key), isNull(r.consumedAt)))
          .returning({ key: r.key }),
      );
      return won.length === 1;
    },
  };
}
