import { describe, expect, test } from "bun:test";
import type { Store } from "../../src/store/store.ts";
import {
  anAuthorization,
  aRefreshToken,
  countWins,
  FAR,
  NOW,
  someClaims,
  unique,
} from "./fixtures.ts";

/** Opaque access tokens, refresh tokens, and revoked identifiers. */
export function describeTokens(open: () => Promise<Store>): void {
  describe("tokens", () => {
    test("findAccessToken() returns the claims as they were minted, by the exact key alone", async () => {
      const store = await open();
      const claims = someClaims({ exp: FAR });
      const key = unique("access");
      await store.insertAccessToken(key, claims);
      expect(await store.findAccessToken(key)).toEqual(claims);
      expect(await store.findAccessToken(key.toUpperCase())).toBeUndefined();
      expect(await store.findAccessToken(key.slice(0, -1))).toBeUndefined();
    });

    test("one key is one token: a second insert fails and changes nothing", async () => {
      const store = await open();
      const claims = someClaims();
      await store.insertAccessToken("key", claims);
      await expect(store.insertAccessToken("key", someClaims())).rejects.toMatchObject({
        code: "store_write_failed",
      });
      expect(await store.findAccessToken("key")).toEqual(claims);
    });

    test("revokeToken() holds, may come twice, and is about that identifier alone", async () => {
      const store = await open();
      const jti = unique("jti");
      expect(await store.isTokenRevoked(jti)).toBe(false);
      await Promise.all(Array.from({ length: 20 }, () => store.revokeToken(jti, FAR)));
      expect(await store.isTokenRevoked(jti)).toBe(true);
      expect(await store.isTokenRevoked(jti.toUpperCase())).toBe(false);
    });
  });

  describe("refresh tokens", () => {
    test("findRefreshToken() returns the token with its authorization, and no orphan", async () => {
      const store = await open();
      const authorization = anAuthorization();
      const token = aRefreshToken(authorization, { expiresAt: FAR, confirmation: { jkt: "j" } });
      await store.insertRefreshToken(token);
      expect(await store.findRefreshToken(token.key)).toBeUndefined();
      await store.insertAuthorization(authorization);
      expect(await store.findRefreshToken(token.key)).toEqual({ token, authorization });
      expect(await store.findRefreshToken(token.key.toUpperCase())).toBeUndefined();
    });

    test("insertRefreshToken() leaves a token alone that is there, even a spent one", async () => {
      const store = await open();
      const authorization = anAuthorization();
      const token = aRefreshToken(authorization);
      await store.insertAuthorization(authorization);
      await Promise.all(Array.from({ length: 50 }, () => store.insertRefreshToken(token)));
      expect(await store.consumeRefreshToken(token.key, { now: NOW, salt: "s" })).toBe(true);
      await store.insertRefreshToken({ ...token, expiresAt: FAR });
      expect((await store.findRefreshToken(token.key))?.token).toEqual({
        ...token,
        consumedAt: NOW,
        salt: "s",
      });
    });

    test("consumeRefreshToken() is won by one of 200 concurrent calls, whose salt is kept", async () => {
      const store = await open();
      const authorization = anAuthorization();
      const token = aRefreshToken(authorization);
      await store.insertAuthorization(authorization);
      await store.insertRefreshToken(token);
      const winners: string[] = [];
      const wins = await countWins(200, async (index) => {
        const salt = `salt-${index}`;
        const won = await store.consumeRefreshToken(token.key, { now: NOW, salt });
        if (won) winners.push(salt);
        return won;
      });
      expect(wins).toBe(1);
      const found = await store.findRefreshToken(token.key);
      expect([found?.token.salt ?? ""]).toEqual(winners);
      expect(await store.consumeRefreshToken(unique(), { now: NOW, salt: "s" })).toBe(false);
    });
  });
}
