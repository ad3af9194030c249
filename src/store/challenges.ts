import {
  and,
  eq,
  gt,
  gte,
  inArray,
  isNotNull,
  isNull,
  lte,
  not,
  or,
  type SQL,
  sql,
} from "drizzle-orm";
import type { Address } from "../protocol/address.ts";
import { CHALLENGE_LIMITS } from "../protocol/pin.ts";
import type { Authorization } from "./authorizations.ts";
import { type Database, Outpaced, wins } from "./database.ts";
import type { Tables } from "./tables.ts";

/** A process that proves an address, from `/setup` until its token ends. */
export type Challenge = Tables["challenges"]["$inferSelect"];

/** What `/authorize` says about where the code goes and how it is bound. */
export type ChallengeRequest = Pick<
  Challenge,
  "redirectUri" | "state" | "codeChallenge" | "codeChallengeMethod"
>;

/** A PIN on its way: the address, the MAC, and when the next may follow. */
export interface Transmission {
  readonly address: Address;
  readonly pinMac: string;
  readonly now: number;
  readonly resendAt: number;
  /** The count of what was sent to the address by all processes, and how much may be. */
  readonly quota: { readonly key: string; readonly max: number };
}

/** Processes of the Challenger protocol. Their counters change by one conditional statement each. */
export interface ChallengeStore {
  /** The next whole number of a name, from 1 on; nobody else gets the same. */
  nextNumber(name: string): Promise<number>;
  insertChallenge(challenge: Challenge): Promise<void>;
  findChallenge(id: string): Promise<Challenge | undefined>;
  findChallengeOfAuthorization(authorizationId: string): Promise<Challenge | undefined>;
  /** Writes the request of a live process that is not solved yet; undefined when it is not so. */
  writeChallengeRequest(
    id: string,
    request: ChallengeRequest,
    now: number,
  ): Promise<Challenge | undefined>;
  /**
   * Takes one transmission of the current address, once its pause is over, or one address and its
   * first transmission when the address is another; either brings a new PIN with all its entries.
   * Undefined when the process is over or solved, keeps another address, or has none left, and when
   * the address's own quota is used up.
   */
  takeTransmission(id: string, transmission: Transmission): Promise<Challenge | undefined>;
  /** Gives a failed transmission back while that may be; false when a later PIN replaced it. */
  refundTransmission(id: string, failed: { pinMac: string; now: number }): Promise<boolean>;
  /**
   * Takes one entry and solves the process when one of the MACs is that of its PIN; the row as it then
   * stands, or undefined when the process is over or solved, has no PIN, or no entry left.
   */
  takeEntry(
    id: string,
    entry: { pinMacs: readonly string[]; now: number },
  ): Promise<Challenge | undefined>;
  /**
   * Spends the code of a solved process and writes the authorization that it gives; the row lives as
   * long as that. False when another request did.
   */
  spendChallenge(id: string, authorization: Authorization, now: number): Promise<boolean>;
}

/** Processes over either dialect. */
export function challengeStore(db: Database, t: Tables): ChallengeStore {
  const { challenges: c, counters } = t;
  const isOpen = (id: string, now: number) =>
    and(eq(c.id, id), gt(c.expiresAt, now), isNull(c.solvedAt));
  return {
    async nextNumber(name) {
      const [row] = await db.write((q) =>
        q
          .insert(counters)
          .values({ name, value: 1 })
          .onConflictDoUpdate({ target: counters.name, set: { value: sql`${counters.value} + 1` } })
          .returning(),
      );
      return row?.value ?? 1;
    },
    async insertChallenge(challenge) {
      await db.write((q) => q.insert(c).values(challenge));
    },
    async findChallenge(id) {
      const [row] = await db.read((q) => q.select().from(c).where(eq(c.id, id)));
      return row;
    },
    async findChallengeOfAuthorization(authorizationId) {
      const [row] = await db.read((q) =>
        q.select().from(c).where(eq(c.authorizationId, authorizationId)),
      );
      return row;
    },
    async writeChallengeRequest(id, request, now) {
      const [row] = await db.write((q) =>
        q.update(c).set(request).where(isOpen(id, now)).returning(),
      );
      return row;
    },
    async takeTransmission(id, { address, pinMac, now, resendAt, quota }) {
      const [row] = await db.write((q) =>
        q
          .update(c)
          .set({
            address,
            pinMac,
            resendAt,
            entriesLeft: CHALLENGE_LIMITS.entries,
            ...countTransmission(c, address),
          })
          .where(and(isOpen(id, now), mayTransmit(c, address, now), not(isUsedUp(t, quota, now))))
          .returning(),
      );
      return row;
    },
    async refundTransmission(id, { pinMac, now }) {
      const rows = await db.write((q) =>
        q
          .update(c)
          .set({
            transmissionsLeft: sql`${c.transmissionsLeft} + 1`,
            refundsLeft: sql`${c.refundsLeft} - 1`,
            resendAt: now,
          })
          .where(and(isOpen(id, now), eq(c.pinMac, pinMac), gt(c.refundsLeft, 0)))
          .returning({ id: c.id }),
      );
      return rows.length === 1;
    },
    async takeEntry(id, { pinMacs, now }) {
      const [row] = await db.write((q) =>
        q
          .update(c)
          .set({
            entriesLeft: sql`${c.entriesLeft} - 1`,
            solvedAt: sql`CASE WHEN ${inArray(c.pinMac, [...pinMacs])} THEN ${now} ELSE ${c.solvedAt} END`,
          })
          .where(and(isOpen(id, now), isNotNull(c.pinMac), gt(c.entriesLeft, 0)))
          .returning(),
      );
      return row;
    },
    spendChallenge: (id, authorization, now) =>
      wins(db, (q) => [
        {
          statement: q
            .update(c)
            .set({
              spentAt: now,
              authorizationId: authorization.id,
              expiresAt: authorization.expiresAt,
            })
            .where(
              and(eq(c.id, id), gt(c.expiresAt, now), isNotNull(c.solvedAt), isNull(c.spentAt)),
            )
            .returning({ id: c.id }),
          lost: new Outpaced(id),
        },
        q.insert(t.authorizations).values(authorization),
      ]),
  };
}

/** Whether the address got all that it may within the running hour. */
function isUsedUp({ throttles }: Tables, { key, max }: Transmission["quota"], now: number): SQL {
  const isFull = and(
    eq(throttles.key, key),
    gt(throttles.expiresAt, now),
    gte(throttles.failures, max),
  );
  return sql`EXISTS (SELECT 1 FROM ${throttles} WHERE ${isFull})`;
}

/** Whether the last PIN went to this very address. */
function isCurrent(c: Tables["challenges"], address: Address): SQL {
  return sql`(${isNotNull(c.pinMac)} AND ${eq(c.address, address)})`;
}

/** What a transmission costs: one of the address's, or an address and one of its own. */
function countTransmission(c: Tables["challenges"], address: Address) {
  const current = isCurrent(c, address);
  const first = CHALLENGE_LIMITS.transmissions - 1;
  return {
    addressesLeft: sql`CASE WHEN ${current} THEN ${c.addressesLeft} ELSE ${c.addressesLeft} - 1 END`,
    transmissionsLeft: sql`CASE WHEN ${current} THEN ${c.transmissionsLeft} - 1 ELSE ${first} END`,
  };
}

function mayTransmit(c: Tables["challenges"], address: Address, now: number): SQL | undefined {
  const current = isCurrent(c, address);
  const again = and(current, gt(c.transmissionsLeft, 0), lte(c.resendAt, now));
  const kept = or(eq(c.readOnly, 0), eq(c.address, address));
  return or(again, and(not(current), gt(c.addressesLeft, 0), kept));
}
