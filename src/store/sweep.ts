import { and, inArray, lt, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import type { Tables } from "./tables.ts";

/** Rows that one step deletes from one table. */
const STEP_ROWS = 500;

/** How long an authorization outlives its end, in seconds, so that replays of its tokens are known. */
const AUTHORIZATION_KEPT_SECONDS = 86_400;

/** Removal of what has expired. */
export interface SweepStore {
  /** Deletes one small step of each table and returns how many rows went; 0 means clean. */
  sweepExpired(now: number): Promise<number>;
}

/** The sweep over either dialect. Spent refresh tokens stay while any of their family lives. */
export function sweepStore(db: Database, t: Tables): SweepStore {
  const r = t.refreshTokens;
  const expiring = [
    { table: t.codes, id: t.codes.key },
    { table: t.accessTokens, id: t.accessTokens.key },
    { table: t.revokedTokens, id: t.revokedTokens.jti },
    { table: t.sessions, id: t.sessions.id },
    { table: t.interactions, id: t.interactions.id },
    { table: t.confirmationCodes, id: t.confirmationCodes.id },
    { table: t.umaTickets, id: t.umaTickets.key },
    { table: t.umaRequests, id: t.umaRequests.id },
    { table: t.umaPermissions, id: t.umaPermissions.id },
    { table: t.challenges, id: t.challenges.id },
    { table: t.records, id: t.records.id },
    { table: t.throttles, id: t.throttles.key },
  ] as const;
  return {
    async sweepExpired(now) {
      const counts = await Promise.all([
        ...expiring.map(({ table, id }) =>
          db.write((q) =>
            q
              .delete(table)
              .where(
                inArray(
                  id,
                  q.select({ id }).from(table).where(lt(table.expiresAt, now)).limit(STEP_ROWS),
                ),
              )
              .returning({ id }),
          ),
        ),
        db.write((q) => {
          const younger = sql`younger_tokens`;
          const lives = sql`(SELECT 1 FROM refresh_tokens AS ${younger} WHERE ${younger}.authorization_id = ${r.authorizationId} AND ${younger}.expires_at >= ${now})`;
          const dead = q
            .select({ id: r.key })
            .from(r)
            .where(and(lt(r.expiresAt, now), sql`NOT EXISTS ${lives}`))
            .limit(STEP_ROWS);
          return q.delete(r).where(inArray(r.key, dead)).returning({ id: r.key });
        }),
        db.write((q) => {
          const a = t.authorizations;
          // While the session lives, its authorizations tell whom to notify when the user signs out.
          const session = sql`(SELECT 1 FROM sessions AS held WHERE held.id = ${a.sessionId})`;
          const over = and(
            lt(a.expiresAt, now - AUTHORIZATION_KEPT_SECONDS),
            sql`NOT EXISTS ${session}`,
          );
          const dead = q.select({ id: a.id }).from(a).where(over).limit(STEP_ROWS);
          return q.delete(a).where(inArray(a.id, dead)).returning({ id: a.id });
        }),
      ]);
      return counts.reduce((sum, rows) => sum + rows.length, 0);
    },
  };
}
