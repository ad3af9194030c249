import { describe, expect, test } from "bun:test";
import { isLive } from "../../src/store/authorizations.ts";
import type { Store } from "../../src/store/store.ts";
import { aCode, anAuthorization, countWins, FAR, NOW, unique } from "./fixtures.ts";

/** Authorizations and codes. */
export function describeAuthorizations(open: () => Promise<Store>): void {
  describe("authorizations", () => {
    test("a subject leads to its user at the client that knows him by it, and nowhere else", async () => {
      const store = await open();
      const known = { clientId: "c", subject: "pairwise-1" };
      await store.insertAuthorization(anAuthorization({ ...known, userId: "ada" }));
      await store.insertAuthorization(anAuthorization({ clientId: "d", subject: "plugin's" }));
      expect(await store.findUserOfSubject("c", "pairwise-1")).toBe("ada");
      expect(await store.findUserOfSubject("d", "pairwise-1")).toBeUndefined();
      expect(await store.findUserOfSubject("d", "plugin's")).toBeUndefined();
    });

    test("findAuthorization() returns what was inserted", async () => {
      const store = await open();
      const full = anAuthorization({
        userId: "u",
        scope: ["é\"'", "b"],
        resource: ["https://api.example/ä"],
        authTime: NOW,
        amr: ["pwd", "otp"],
        acr: "1",
        nonce: "n",
        sessionId: "s",
        expiresAt: FAR,
        revokedAt: FAR,
      });
      const bare = anAuthorization({ scope: [] });
      await store.insertAuthorization(full);
      await store.insertAuthorization(bare);
      expect(await store.findAuthorization(full.id)).toEqual(full);
      expect(await store.findAuthorization(bare.id)).toEqual(bare);
      expect(await store.findAuthorization(full.id.toUpperCase())).toBeUndefined();
    });

    test("isLive() ends with the expiry, and at once with the revocation", () => {
      expect(isLive(anAuthorization({ expiresAt: NOW + 1 }), NOW)).toBe(true);
      expect(isLive(anAuthorization({ expiresAt: NOW }), NOW)).toBe(false);
      expect(isLive(anAuthorization({ revokedAt: NOW }), NOW)).toBe(false);
      expect(isLive(anAuthorization({ revokedAt: NOW + 10 }), NOW)).toBe(false);
    });

    test("revokeAuthorization() is won by one of 200 concurrent calls", async () => {
      const store = await open();
      const authorization = anAuthorization();
      await store.insertAuthorization(authorization);
      const wins = await countWins(200, (i) =>
        store.revokeAuthorization(authorization.id, NOW + i),
      );
      expect(wins).toBe(1);
      expect(await store.revokeAuthorization(unique(), NOW)).toBe(false);
      const found = await store.findAuthorization(authorization.id);
      expect(found && isLive(found, NOW)).toBe(false);
    });

    test("revoking all of a user or client leaves others, and the time of those revoked before", async () => {
      const store = await open();
      const theirs = ["u1", "u2"].flatMap((userId) =>
        ["c1", "c2"].map((clientId) => anAuthorization({ userId, clientId })),
      );
      const before = anAuthorization({ userId: "u1", revokedAt: NOW - 5 });
      const nobodys = anAuthorization({ clientId: "c3" });
      for (const authorization of [...theirs, before, nobodys]) {
        await store.insertAuthorization(authorization);
      }
      const revoked = () =>
        Promise.all(
          [...theirs, before, nobodys].map(
            async ({ id }) => (await store.findAuthorization(id))?.revokedAt,
          ),
        );
      await store.revokeAuthorizationsOfUser("u1", NOW);
      expect(await revoked()).toEqual([NOW, NOW, null, null, NOW - 5, null]);
      await store.revokeAuthorizationsOfClient("c1", NOW + 1);
      expect(await revoked()).toEqual([NOW, NOW, NOW + 1, null, NOW - 5, null]);
    });
  });

  describe("codes", () => {
    test("findCode() returns the code and what it stands for, late times included", async () => {
      const store = await open();
      const authorization = anAuthorization({ nonce: "n" });
      const code = aCode(authorization, {
        codeChallenge: "x".repeat(43),
        codeChallengeMethod: "S256",
        dpopJkt: "thumbprint",
        expiresAt: FAR,
      });
      await store.insertCode(code, authorization);
      expect(await store.findCode(code.key)).toEqual({ code, authorization });
    });

    test("attack 38: a code is looked up exactly", async () => {
      const store = await open();
      const authorization = anAuthorization();
      const code = aCode(authorization, {
        dpopJkt: "thumbprint",
        key: unique("abcdef"),
      });
      await store.insertCode(code, authorization);
      for (const key of [code.key.toUpperCase(), `${code.key} `, code.key.slice(0, -1), "%", ""]) {
        expect(await store.findCode(key)).toBeUndefined();
        expect(await store.consumeCode(key, NOW)).toBe(false);
      }
      expect((await store.findCode(code.key))?.code.consumedAt).toBeNull();
    });

    test("consumeCode() is won by one of 200 concurrent redemptions (RFC 6749 §4.1.2)", async () => {
      const store = await open();
      const authorization = anAuthorization();
      const code = aCode(authorization);
      await store.insertCode(code, authorization);
      expect(await countWins(200, () => store.consumeCode(code.key, NOW))).toBe(1);
      expect(await store.consumeCode(code.key, NOW)).toBe(false);
      expect((await store.findCode(code.key))?.code.consumedAt).toBe(NOW);
    });
  });
}
