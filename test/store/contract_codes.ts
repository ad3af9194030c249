import { describe, expect, test } from "bun:test";
import type { Store } from "../../src/store/store.ts";
import { anAuthorization, countWins, FAR, NOW } from "./fixtures.ts";
import { aConfirmationCode, anInteraction, aSession } from "./front_channel_fixtures.ts";

/** Confirmation codes, and what the sweep takes of the front channel. */
export function describeCodes(open: () => Promise<Store>): void {
  describe("confirmation codes", () => {
    test("takeAttempt() gives five of 200 concurrent guesses an attempt, and no more", async () => {
      const store = await open();
      const code = aConfirmationCode();
      await store.writeConfirmationCode(code);
      const taken = await Promise.all(
        Array.from({ length: 200 }, () => store.takeAttempt(code.id, NOW)),
      );
      const left = taken.flatMap((row) => (row ? [row.attemptsLeft] : []));
      expect(left.sort()).toEqual([0, 1, 2, 3, 4]);
      expect(await store.takeAttempt(code.id, NOW)).toBeUndefined();
    });

    test("consumeConfirmationCode() is won by one of 200, by the MAC of the code that is there", async () => {
      const store = await open();
      const code = aConfirmationCode();
      await store.writeConfirmationCode(code);
      expect(await store.consumeConfirmationCode(code.id, "another")).toBe(false);
      const consume = () => store.consumeConfirmationCode(code.id, code.codeMac);
      expect(await countWins(200, consume)).toBe(1);
      expect(await store.takeAttempt(code.id, NOW)).toBeUndefined();
    });

    test("an expired one has no attempts, and a new one replaces it whole", async () => {
      const store = await open();
      const code = aConfirmationCode({ attemptsLeft: 1 });
      await store.writeConfirmationCode(code);
      expect(await store.takeAttempt(code.id, code.expiresAt)).toBeUndefined();
      expect(await store.takeAttempt(code.id, code.expiresAt - 1)).toMatchObject({
        attemptsLeft: 0,
      });
      const fresh = aConfirmationCode({ id: code.id, userId: null, expiresAt: FAR });
      await store.writeConfirmationCode(fresh);
      expect(await store.takeAttempt(code.id, NOW)).toEqual({ ...fresh, attemptsLeft: 4 });
      expect(await store.consumeConfirmationCode(code.id, code.codeMac)).toBe(false);
    });
  });

  describe("the sweep of the front channel", () => {
    test("rows go after their last second; authorizations stay while their session lives", async () => {
      const store = await open();
      const rowsAt = async (expiresAt: number) => {
        const session = aSession({ expiresAt });
        const interaction = anInteraction({ expiresAt });
        const code = aConfirmationCode({ expiresAt });
        const authorization = anAuthorization({
          sessionId: session.id,
          expiresAt: NOW - 10 * 86_400,
        });
        await store.insertSession(session);
        await store.insertInteraction(interaction);
        await store.writeConfirmationCode(code);
        await store.insertAuthorization(authorization);
        return { session, interaction, code, authorization };
      };
      const [old, current] = [await rowsAt(NOW - 1), await rowsAt(NOW)];
      while ((await store.sweepExpired(NOW)) > 0) {
        // Step by step until nothing is left.
      }
      expect(await store.findSession(old.session.id)).toBeUndefined();
      expect(await store.findInteraction(old.interaction.id)).toBeUndefined();
      expect(await store.takeAttempt(old.code.id, NOW - 100)).toBeUndefined();
      expect(await store.findAuthorization(old.authorization.id)).toBeUndefined();
      expect(await store.findSession(current.session.id)).toBeDefined();
      expect(await store.findInteraction(current.interaction.id)).toBeDefined();
      expect(await store.takeAttempt(current.code.id, NOW - 100)).toBeDefined();
      expect(await store.findAuthorization(current.authorization.id)).toBeDefined();
    });
  });
}
