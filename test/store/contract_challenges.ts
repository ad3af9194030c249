import { describe, expect, test } from "bun:test";
import type { Challenge } from "../../src/store/challenges.ts";
import type { Store } from "../../src/store/store.ts";
import { aClient, anAuthorization, countWins, FAR, NOW, unique } from "./fixtures.ts";

const ADA = { CONTACT_EMAIL: "ada@mail.example" };
const BOB = { CONTACT_EMAIL: "bob@mail.example" };

function aChallenge(changes: Partial<Challenge> = {}): Challenge {
  return {
    id: unique("challenge"),
    number: 7,
    clientId: "1",
    redirectUri: "https://app.example/proof",
    state: null,
    codeChallenge: null,
    codeChallengeMethod: null,
    addressType: "email",
    address: null,
    readOnly: 0,
    addressesLeft: 3,
    transmissionsLeft: 3,
    entriesLeft: 3,
    refundsLeft: 3,
    pinMac: null,
    resendAt: 0,
    createdAt: NOW,
    expiresAt: NOW + 3600,
    solvedAt: null,
    spentAt: null,
    authorizationId: null,
    ...changes,
  };
}

const sending = (address: Record<string, string>, pinMac: string, resendAt = NOW) => ({
  address,
  pinMac,
  now: NOW,
  resendAt,
  quota: { key: `sent to ${address["CONTACT_EMAIL"]}`, max: 1000 },
});

/** Processes of the Challenger protocol: every counter by one statement. */
export function describeChallenges(open: () => Promise<Store>): void {
  const inserted = async (changes: Partial<Challenge> = {}) => {
    const store = await open();
    const challenge = aChallenge(changes);
    await store.insertChallenge(challenge);
    const row = async () => store.findChallenge(challenge.id);
    return { store, challenge, id: challenge.id, row };
  };

  describe("numbers", () => {
    test("nextNumber() gives 200 who ask at once each a number of their own, by name", async () => {
      const store = await open();
      const numbers = await Promise.all(
        Array.from({ length: 200 }, () => store.nextNumber("things")),
      );
      expect([...numbers].sort((a, b) => a - b)).toEqual(
        Array.from({ length: 200 }, (_, index) => index + 1),
      );
      expect(await store.nextNumber("others")).toBe(1);
    });
  });

  describe("challenges", () => {
    test("a row comes back as it was written", async () => {
      const { challenge, row } = await inserted({
        address: { CONTACT_NAME: `"Ä" \\ 🗝️`, ADDRESS_LINES: "1\n2" },
        addressType: "postal-ch",
        state: "s",
        expiresAt: FAR,
      });
      expect(await row()).toEqual(challenge);
    });

    test("of 200 transmissions of new addresses at once, three are taken, each with all entries", async () => {
      const { store, id, row } = await inserted();
      const taken = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          store.takeTransmission(
            id,
            sending({ CONTACT_EMAIL: `${index}@mail.example` }, `m${index}`),
          ),
        ),
      );
      const won = taken.filter((challenge) => challenge !== undefined);
      expect(won.map(({ addressesLeft }) => addressesLeft).sort()).toEqual([0, 1, 2]);
      for (const { transmissionsLeft, entriesLeft } of won) {
        expect([transmissionsLeft, entriesLeft]).toEqual([2, 3]);
      }
      expect(won).toContainEqual((await row()) as Challenge);
    });

    test("nothing is taken for an address whose quota is used up, until its window ends", async () => {
      const { store, id, row } = await inserted();
      const quota = { key: "sent to ada", max: 2 };
      const window = { now: NOW, expiresAt: NOW + 10 };
      for (let sent = 0; sent < 2; sent++) await store.addFailure(quota.key, window);
      const before = await row();
      const sent = { ...sending(ADA, "a"), quota };
      expect(await store.takeTransmission(id, sent)).toBeUndefined();
      expect(await row()).toEqual(before);
      expect(await store.takeTransmission(id, sending(BOB, "b"))).toBeDefined();
      const later = { ...sent, now: NOW + 10 };
      expect(await store.takeTransmission(id, later)).toBeDefined();
    });

    test("of 200 transmissions to one address at once, three are taken, and none in the pause", async () => {
      const { store, id, row } = await inserted();
      const taken = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          store.takeTransmission(id, sending(ADA, `m${index}`)),
        ),
      );
      const left = taken.flatMap((challenge) => (challenge ? [challenge.transmissionsLeft] : []));
      expect(left.sort()).toEqual([0, 1, 2]);
      expect((await row())?.addressesLeft).toBe(2);

      const pausing = await inserted();
      const paused = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          pausing.store.takeTransmission(pausing.id, sending(ADA, `m${index}`, NOW + 1)),
        ),
      );
      expect(paused.filter((challenge) => challenge !== undefined)).toHaveLength(1);
    });

    test("a new address resets transmissions and entries, a new PIN the entries", async () => {
      const { store, id } = await inserted();
      await store.takeTransmission(id, sending(ADA, "a1"));
      await store.takeEntry(id, { pinMacs: ["wrong"], now: NOW });
      const again = await store.takeTransmission(id, sending(ADA, "a2"));
      expect(again).toMatchObject({ addressesLeft: 2, transmissionsLeft: 1, entriesLeft: 3 });
      await store.takeEntry(id, { pinMacs: ["wrong"], now: NOW });
      const other = await store.takeTransmission(id, sending(BOB, "b1"));
      expect(other).toMatchObject({ addressesLeft: 1, transmissionsLeft: 2, entriesLeft: 3 });
      expect(other).toMatchObject({ address: BOB, pinMac: "b1" });
    });

    test("a prefilled address is no transmission yet; read-only keeps it", async () => {
      const { store, id } = await inserted({ address: ADA, readOnly: 1 });
      expect(await store.takeTransmission(id, sending(BOB, "b"))).toBeUndefined();
      const first = await store.takeTransmission(id, sending(ADA, "a"));
      expect(first).toMatchObject({ addressesLeft: 2, transmissionsLeft: 2 });
    });

    test("of 200 wrong entries at once, three are taken; then even the right one is not", async () => {
      const { store, id } = await inserted();
      expect(await store.takeEntry(id, { pinMacs: ["a"], now: NOW })).toBeUndefined();
      await store.takeTransmission(id, sending(ADA, "a"));
      const taken = await Promise.all(
        Array.from({ length: 200 }, () => store.takeEntry(id, { pinMacs: ["wrong"], now: NOW })),
      );
      const left = taken.flatMap((challenge) => (challenge ? [challenge.entriesLeft] : []));
      expect(left.sort()).toEqual([0, 1, 2]);
      expect(await store.takeEntry(id, { pinMacs: ["a"], now: NOW })).toBeUndefined();
    });

    test("the MAC of the last PIN solves, once, and ends all counting", async () => {
      const { store, id } = await inserted();
      await store.takeTransmission(id, sending(ADA, "a"));
      await store.takeTransmission(id, sending(BOB, "b"));
      const old = await store.takeEntry(id, { pinMacs: ["a"], now: NOW });
      expect(old?.solvedAt).toBeNull();
      const right = await store.takeEntry(id, { pinMacs: ["x", "b"], now: NOW + 1 });
      expect(right).toMatchObject({ solvedAt: NOW + 1, address: BOB });
      expect(await store.takeEntry(id, { pinMacs: ["b"], now: NOW + 1 })).toBeUndefined();
      expect(await store.takeTransmission(id, sending(ADA, "c"))).toBeUndefined();
      expect(await store.refundTransmission(id, { pinMac: "b", now: NOW })).toBe(false);
      const request = {
        redirectUri: "x",
        state: "x",
        codeChallenge: null,
        codeChallengeMethod: null,
      };
      expect(await store.writeChallengeRequest(id, request, NOW)).toBeUndefined();
    });

    test("a refund is for the last PIN, ends the pause, and comes three times at most", async () => {
      const { store, id, row } = await inserted();
      await store.takeTransmission(id, sending(ADA, "a", NOW + 30));
      expect(await store.refundTransmission(id, { pinMac: "other", now: NOW })).toBe(false);
      expect(await store.refundTransmission(id, { pinMac: "a", now: NOW })).toBe(true);
      expect(await row()).toMatchObject({ transmissionsLeft: 3, refundsLeft: 2, resendAt: NOW });
      const refunds = await countWins(200, () =>
        store.refundTransmission(id, { pinMac: "a", now: NOW }),
      );
      expect(refunds).toBe(2);
    });

    test("an ended process takes nothing", async () => {
      const { store, id } = await inserted({ expiresAt: NOW, pinMac: "a", address: ADA });
      expect(await store.takeTransmission(id, sending(ADA, "b"))).toBeUndefined();
      expect(await store.takeEntry(id, { pinMacs: ["a"], now: NOW })).toBeUndefined();
      expect(await store.refundTransmission(id, { pinMac: "a", now: NOW })).toBe(false);
    });

    test("spendChallenge() is won by one of 50, and its authorization alone is written", async () => {
      const { store, id, row } = await inserted({ solvedAt: NOW, address: ADA });
      const authorizations = Array.from({ length: 50 }, () => anAuthorization());
      const won = await Promise.all(
        authorizations.map((authorization) => store.spendChallenge(id, authorization, NOW)),
      );
      const winners = authorizations.filter((_, index) => won[index]);
      expect(winners).toHaveLength(1);
      const [winner] = winners;
      expect(await row()).toMatchObject({
        spentAt: NOW,
        authorizationId: winner?.id,
        expiresAt: winner?.expiresAt,
      });
      expect((await store.findChallengeOfAuthorization(winner?.id ?? ""))?.id).toBe(id);
      for (const { id: authorizationId } of authorizations) {
        const found = await store.findAuthorization(authorizationId);
        expect(found !== undefined).toBe(authorizationId === winner?.id);
      }
    });

    test("spendChallenge() is lost where nothing is solved, or the process is over", async () => {
      for (const changes of [{}, { solvedAt: NOW - 1, expiresAt: NOW }]) {
        const { store, id } = await inserted(changes);
        expect(await store.spendChallenge(id, anAuthorization(), NOW)).toBe(false);
      }
    });

    test("rows go with their client, and after their last second", async () => {
      const { store, id } = await inserted();
      await store.writeParties({ clients: [aClient("1")], users: [] });
      await store.deleteClient("1");
      expect(await store.findChallenge(id)).toBeUndefined();
      const [old, current] = [aChallenge({ expiresAt: NOW - 1 }), aChallenge({ expiresAt: NOW })];
      await store.insertChallenge(old);
      await store.insertChallenge(current);
      while ((await store.sweepExpired(NOW)) > 0) {
        // Step by step until nothing is left.
      }
      expect(await store.findChallenge(old.id)).toBeUndefined();
      expect(await store.findChallenge(current.id)).toEqual(current);
    });
  });
}
