import type { PolicyRule } from "../../src/protocol/permission.ts";
import type { Party } from "../../src/protocol/uma_party.ts";
import type { Asker, Line } from "../../src/protocol/uma_policy.ts";

/** This server. */
export const ISSUER = "https://id.example";
/** Another issuer. */
export const ELSEWHERE = "https://idp.example";

/** A user of this server. */
export const BOB: Party = {
  key: "bob",
  name: "Bob",
  issuer: ISSUER,
  userId: "user-bob",
  claims: { sub: "user-bob", name: "Bob", role: ["reader", "x"] },
};

/** A rule that lets everybody read. */
export const rule = (changes: Partial<PolicyRule> = {}): PolicyRule => ({
  clients: [],
  scopes: ["read"],
  claims: [],
  consentNeeded: false,
  ...changes,
});

/** A request to read what is Ada's. */
export const line = (changes: Partial<Line> = {}): Line => ({
  resourceId: "r",
  userId: "user-ada",
  resourceServerId: "rs",
  registered: ["read", "write"],
  asked: ["read"],
  policies: [],
  answers: [],
  ...changes,
});

/** A client that asks in nobody's name. */
export const asker = (changes: Partial<Asker> = {}): Asker => ({
  clientId: "app",
  party: undefined,
  added: [],
  told: false,
  issuer: ISSUER,
  ...changes,
});

/** What the owner said to reading. */
export const answer = (state: "pending" | "approved" | "denied" | "withdrawn", party = "bob") => ({
  state,
  party,
  scopes: ["read"],
});
