import type { Address, AddressType } from "../protocol/address.ts";
import type { CodeChallengeMethod } from "../protocol/pkce.ts";
import type { Kit } from "./kits.ts";

/** The tables of the Challenger protocol, and counters that give out whole numbers. */
export function defineChallenger(k: Kit) {
  const challenges = k.table(
    "challenges",
    {
      /** SHA-256 of the nonce, which whoever holds it may act by. */
      id: k.text("id").primaryKey(),
      /** The number by which `/info` names what became of the process. */
      number: k.int("number").notNull(),
      clientId: k.text("client_id").notNull(),
      redirectUri: k.text("redirect_uri").notNull(),
      state: k.text("state"),
      codeChallenge: k.text("code_challenge"),
      codeChallengeMethod: k.text("code_challenge_method").$type<CodeChallengeMethod>(),
      addressType: k.text("address_type").$type<AddressType>().notNull(),
      /** What was prefilled, then what the last PIN was sent to. */
      address: k.json("address").$type<Address | null>(),
      /** 1 when the prefilled address must stay. */
      readOnly: k.int("read_only").notNull(),
      addressesLeft: k.int("addresses_left").notNull(),
      transmissionsLeft: k.int("transmissions_left").notNull(),
      entriesLeft: k.int("entries_left").notNull(),
      /** Failed deliveries that still give their transmission back. */
      refundsLeft: k.int("refunds_left").notNull(),
      /** A MAC over process, address and PIN; null until a PIN was made. */
      pinMac: k.text("pin_mac"),
      /** From when the next PIN may be sent to the same address. */
      resendAt: k.int("resend_at").notNull(),
      createdAt: k.int("created_at").notNull(),
      /** End of the process, or of the token once its code is spent. */
      expiresAt: k.int("expires_at").notNull(),
      solvedAt: k.int("solved_at"),
      spentAt: k.int("spent_at"),
      /** The authorization that the code gave. */
      authorizationId: k.text("authorization_id"),
    },
    (t) => [
      k.index("challenges_client_id").on(t.clientId),
      k.index("challenges_authorization_id").on(t.authorizationId),
      k.index("challenges_expires_at").on(t.expiresAt),
    ],
  );
  const counters = k.table("counters", {
    name: k.text("name").primaryKey(),
    /** The number given out last. */
    value: k.int("value").notNull(),
  });
  return { challenges, counters };
}
