/** Requests whose client assertion must be refused, one or more for each row of the catalogue. */
import { deriveKey } from "../src/services/assertion_decryption.ts";
import type { SCENARIOS, Scenario, Walk } from "./catalogue_scenarios.ts";
import { send } from "./catalogue_scenarios.ts";
import {
  claimsOf,
  encrypted,
  formOf,
  hmacBy,
  part,
  rawHmac,
  SHARED,
} from "./support/assertions.ts";

type Claims = Readonly<Record<string, unknown>>;

const CREDENTIALS = { grant_type: "client_credentials", scope: "api1" };

/** An assertion of a client of the walk, sent with its `client_id`. */
const sending =
  (client: string, make: (walk: Walk, id: string) => string | Promise<string>): Scenario =>
  async (walk) => {
    const assertion = await make(walk, `${walk.dialect}-${client}`);
    return send(walk, { ...CREDENTIALS, ...formOf(assertion) }, { client, by: "nothing" });
  };

const signed = (walk: Walk, id: string, changes: Claims = {}) =>
  hmacBy(SHARED, claimsOf(walk.server, id, changes));

const wrapped = async (text: string | Promise<string>, secret = SHARED) =>
  encrypted(await text, deriveKey(secret, 256), { alg: "A256KW", enc: "A256GCM" });

const withClaims = (changes: Claims): readonly Scenario[] => [
  sending("shared", (walk, id) => signed(walk, id, changes)),
  sending("shared", (walk, id) => wrapped(signed(walk, id, changes))),
];

/** What brings each row out. */
export const ASSERTION_SCENARIOS: typeof SCENARIOS = {
  client_without_secret: [sending("unshared", (walk, id) => signed(walk, id))],
  assertion_not_jwe: [
    sending("shared", () => "a.b"),
    (walk) => send(walk, CREDENTIALS, { client: "shared", by: "nothing" }),
  ],
  assertion_not_decrypted: [
    sending("shared", (walk, id) => wrapped(signed(walk, id), "another secret")),
  ],
  assertion_not_jws: [
    sending("shared", (walk, id) => wrapped(JSON.stringify(claimsOf(walk.server, id)))),
    sending("keyed", () => "a.b"),
    sending("keyed", (walk, id) => `${part({ alg: "none" })}.${part(claimsOf(walk.server, id))}.`),
    (walk) => send(walk, CREDENTIALS, { client: "keyed", by: "nothing" }),
  ],
  assertion_not_extracted: [
    sending("shared", () => rawHmac(SHARED, { alg: "HS256" }, "no claims")),
    sending("shared", (walk, id) => wrapped(hmacBy("x".repeat(64), claimsOf(walk.server, id)))),
  ],
  assertion_client_incorrect: withClaims({ sub: "another" }),
  assertion_audience_incorrect: withClaims({ aud: "https://other.example" }),
  assertion_expired: withClaims({ exp: 1 }),
  assertion_signature_incorrect: [
    sending("shared", (walk, id) => hmacBy("x".repeat(64), claimsOf(walk.server, id))),
    sending("keyed", (walk, id) => signed(walk, id)),
  ],
  assertion_claim_incorrect: withClaims({ exp: undefined }),
  assertion_replayed: [
    async (walk) => {
      const again = await signed(walk, `${walk.dialect}-shared`);
      const scenario = sending("shared", () => again);
      await walk.server.server.handle((await scenario(walk)).request);
      return scenario(walk);
    },
  ],
};
