import type { AuthorizationRequest, InteractionFacts } from "../protocol/authorization_types.ts";
import type { Kit } from "./kits.ts";

/** The tables of what happens in the user's browser. */
export function defineFrontChannel(k: Kit) {
  const sessions = k.table(
    "sessions",
    {
      /** Told to no client: the `sid` of its tokens is made of it. */
      id: k.text("id").primaryKey(),
      /** SHA-256 of the cookie. */
      hash: k.text("hash").notNull(),
      userId: k.text("user_id").notNull(),
      authTime: k.int("auth_time").notNull(),
      amr: k.json("amr").$type<readonly string[]>().notNull(),
      /** What the account page calls the device. */
      device: k.text("device").notNull(),
      createdAt: k.int("created_at").notNull(),
      lastSeenAt: k.int("last_seen_at").notNull(),
      /** The absolute end; idle sessions end before. */
      expiresAt: k.int("expires_at").notNull(),
    },
    (t) => [
      k.uniqueIndex("sessions_hash").on(t.hash),
      k.index("sessions_user_id").on(t.userId),
      k.index("sessions_expires_at").on(t.expiresAt),
    ],
  );
  const interactions = k.table(
    "interactions",
    {
      id: k.text("id").primaryKey(),
      /** SHA-256 of the cookie that binds the interaction to one browser. */
      browserHash: k.text("browser_hash").notNull(),
      request: k.json("request").$type<AuthorizationRequest>().notNull(),
      facts: k.json("facts").$type<InteractionFacts>().notNull(),
      createdAt: k.int("created_at").notNull(),
      expiresAt: k.int("expires_at").notNull(),
      /** When it gave its code or error: an interaction ends once. */
      endedAt: k.int("ended_at"),
    },
    (t) => [k.index("interactions_expires_at").on(t.expiresAt)],
  );
  const consents = k.table(
    "consents",
    {
      /** User and client, each with its length before it, so that no two pairs share a key. */
      id: k.text("id").primaryKey(),
      userId: k.text("user_id").notNull(),
      clientId: k.text("client_id").notNull(),
      scope: k.json("scope").$type<readonly string[]>().notNull(),
      resource: k.json("resource").$type<readonly string[]>().notNull(),
      createdAt: k.int("created_at").notNull(),
      updatedAt: k.int("updated_at").notNull(),
    },
    (t) => [k.index("consents_user_id").on(t.userId), k.index("consents_client_id").on(t.clientId)],
  );
  const confirmationCodes = k.table(
    "confirmation_codes",
    {
      /** A MAC over purpose, client and address: one live code each, and no address in clear. */
      id: k.text("id").primaryKey(),
      /** A MAC over id and code, since six digits under a bare hash would be read by trying them all. */
      codeMac: k.text("code_mac").notNull(),
      userId: k.text("user_id"),
      attemptsLeft: k.int("attempts_left").notNull(),
      expiresAt: k.int("expires_at").notNull(),
    },
    (t) => [k.index("confirmation_codes_expires_at").on(t.expiresAt)],
  );
  return { sessions, interactions, consents, confirmationCodes };
}
