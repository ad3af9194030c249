import type { ConfirmationCode, Interaction } from "../../src/store/interactions.ts";
import type { Session } from "../../src/store/sessions.ts";
import { FAR, NOW, unique } from "./fixtures.ts";

/** A session of a user. */
export const aSession = (changes: Partial<Session> = {}): Session => ({
  id: unique("session"),
  hash: unique("hash"),
  userId: "u",
  authTime: NOW,
  amr: ["pwd"],
  device: "Firefox é\"'",
  createdAt: NOW,
  lastSeenAt: NOW,
  expiresAt: FAR,
  ...changes,
});

/** An authorization request on its way. */
export const anInteraction = (changes: Partial<Interaction> = {}): Interaction => ({
  id: unique("interaction"),
  browserHash: unique("hash"),
  request: {
    clientId: "c",
    redirectUri: "https://rp.example/ä",
    responseMode: "query",
    state: "'\"\\",
    scope: ["openid"],
    resource: [],
    prompt: [],
    acrValues: [],
    uiLocales: ["de"],
  },
  facts: {},
  createdAt: NOW,
  expiresAt: FAR,
  endedAt: null,
  ...changes,
});

/** A code that was sent to an address. */
export const aConfirmationCode = (changes: Partial<ConfirmationCode> = {}): ConfirmationCode => ({
  id: unique("binding"),
  codeMac: unique("mac"),
  userId: "u",
  attemptsLeft: 5,
  expiresAt: NOW + 300,
  ...changes,
});
