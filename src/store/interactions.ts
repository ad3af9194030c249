import { and, desc, eq, gt, isNull, sql } from "drizzle-orm";
import type { InteractionFacts } from "../protocol/authorization_types.ts";
import type { Client } from "./clients.ts";
import { type Database, type Guarded, Outpaced, outpacedOf, type Queries } from "./database.ts";
import { pairKey } from "./pair_key.ts";
import type { Tables } from "./tables.ts";

/** An authorization request on its way through sign-in and consent. */
export type Interaction = Tables["interactions"]["$inferSelect"];

/** What a user let a client do. */
export type Consent = Tables["consents"]["$inferSelect"];

/** A six-digit code that was sent to an address. */
export type ConfirmationCode = Tables["confirmationCodes"]["$inferSelect"];

/** Stored authorization requests, consents and confirmation codes. */
export interface InteractionStore {
  insertInteraction(interaction: Interaction): Promise<void>;
  findInteraction(id: string): Promise<Interaction | undefined>;
  /** Replaces the facts of an interaction that has not ended; false when it has. */
  writeFacts(id: string, facts: InteractionFacts): Promise<boolean>;
  /** Ends the interaction; false when another request did, so that it gives one code. */
  endInteraction(id: string, now: number): Promise<boolean>;
  findConsent(userId: string, clientId: string): Promise<Consent | undefined>;
  /**
   * Writes what a user lets a client do where the stored consent still says what was `seen`,
   * undefined for none; false when another request wrote or withdrew it meanwhile. With the client
   * as it was `shown`, only while that is as it is: else it throws `store_write_failed`, whose cause
   * is `Outpaced`.
   */
  writeConsent(
    consent: Omit<Consent, "id">,
    seen: Consent | undefined,
    shown?: Pick<Client, "id" | "updatedAt">,
  ): Promise<boolean>;
  listConsents(userId: string): Promise<readonly Consent[]>;
  deleteConsent(userId: string, clientId: string): Promise<boolean>;
  /** Writes the one live code of its purpose, client and address. */
  writeConfirmationCode(code: ConfirmationCode): Promise<void>;
  /** Takes one attempt and returns the code as it then stands; undefined when none is left. */
  takeAttempt(id: string, now: number): Promise<ConfirmationCode | undefined>;
  /** Spends the code; false when another request did, or when it was replaced meanwhile. */
  consumeConfirmationCode(id: string, codeMac: string): Promise<boolean>;
}

/**
 * Holds the client's row as it was shown until the consent to it is written: who changes the client
 * either comes first and is seen here, or waits and then finds the consent to end.
 */
function holdClient(
  q: Queries,
  { clients }: Tables,
  { id, updatedAt }: Pick<Client, "id" | "updatedAt">,
): Guarded {
  const statement = q
    .update(clients)
    .set({ updatedAt })
    .where(and(eq(clients.id, id), eq(clients.updatedAt, updatedAt)))
    .returning({ id: clients.id });
  return { statement, lost: new Outpaced(id) };
}

/** Interactions over either dialect. */
export function interactionStore(db: Database, t: Tables): InteractionStore {
  const { interactions, consents, confirmationCodes: codes } = t;
  return {
    async insertInteraction(interaction) {
      await db.write((q) => q.insert(interactions).values(interaction));
    },
    async findInteraction(id) {
      const [row] = await db.read((q) =>
        q.select().from(interactions).where(eq(interactions.id, id)),
      );
      return row;
    },
    async writeFacts(id, facts) {
      const rows = await db.write((q) =>
        q
          .update(interactions)
          .set({ facts })
          .where(and(eq(interactions.id, id), isNull(interactions.endedAt)))
          .returning({ id: interactions.id }),
      );
      return rows.length === 1;
    },
    async endInteraction(id, now) {
      const rows = await db.write((q) =>
        q
          .update(interactions)
          .set({ endedAt: now })
          .where(and(eq(interactions.id, id), isNull(interactions.endedAt)))
          .returning({ id: interactions.id }),
      );
      return rows.length === 1;
    },
    async findConsent(userId, clientId) {
      const [row] = await db.read((q) =>
        q
          .select()
          .from(consents)
          .where(eq(consents.id, pairKey(userId, clientId))),
      );
      return row;
    },
    async writeConsent(consent, seen, shown) {
      const { scope, resource, updatedAt } = consent;
      const key = { id: consents.id };
      const row = { id: pairKey(consent.userId, consent.clientId), ...consent };
      const statement = (q: Queries) =>
        seen === undefined
          ? q.insert(consents).values(row).onConflictDoNothing().returning(key)
          : q
              .update(consents)
              .set({ scope, resource, updatedAt })
              // By what it says, since two changes within a second have the same time.
              .where(
                and(
                  eq(consents.id, row.id),
                  eq(consents.scope, seen.scope),
                  eq(consents.resource, seen.resource),
                ),
              )
              .returning(key);
      if (!shown) return (await db.write(statement)).length === 1;
      const lost = new Outpaced(row.id);
      try {
        await db.atomically((q) => [holdClient(q, t, shown), { statement: statement(q), lost }]);
        return true;
      } catch (error) {
        if (outpacedOf(error) === lost) return false;
        throw error;
      }
    },
    listConsents: (userId) =>
      db.read((q) =>
        q
          .select()
          .from(consents)
          .where(eq(consents.userId, userId))
          .orderBy(desc(consents.updatedAt)),
      ),
    async deleteConsent(userId, clientId) {
      const rows = await db.write((q) =>
        q
          .delete(consents)
          .where(eq(consents.id, pairKey(userId, clientId)))
          .returning({ id: consents.id }),
      );
      return rows.length === 1;
    },
    async writeConfirmationCode(code) {
      const { id, ...set } = code;
      await db.write((q) =>
        q.insert(codes).values(code).onConflictDoUpdate({ target: codes.id, set }),
      );
    },
    async takeAttempt(id, now) {
      const [row] = await db.write((q) =>
        q
          .update(codes)
          .set({ attemptsLeft: sql`${codes.attemptsLeft} - 1` })
          .where(and(eq(codes.id, id), gt(codes.attemptsLeft, 0), gt(codes.expiresAt, now)))
          .returning(),
      );
      return row;
    },
    async consumeConfirmationCode(id, codeMac) {
      const rows = await db.write((q) =>
        q
          .delete(codes)
          .where(and(eq(codes.id, id), eq(codes.codeMac, codeMac)))
          .returning({ id: codes.id }),
      );
      return rows.length === 1;
    },
  };
}
