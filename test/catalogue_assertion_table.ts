/** What the wire must say to client assertions: messages 12 to 19 of the seed, and what it lacks. */
import type { Dialect } from "../src/protocol/oauth_error.ts";
import type { ExpectedRefusal } from "./catalogue_table.ts";
import { SHARED } from "./support/assertions.ts";
import { START, type TestClient } from "./support/server.ts";

const assertion = (text: string): ExpectedRefusal => ({
  error: "invalid_client",
  text,
  challenger: 401,
  code: 9750,
});

/** Every refusal of a client assertion, by the catalogue's name. */
export const ASSERTION_REFUSALS: Readonly<Record<string, ExpectedRefusal>> = {
  client_without_secret: assertion("the client {client} doesn't have a shared secret"),
  assertion_not_jwe: assertion("the client assertion is not a JWE token"),
  assertion_not_decrypted: assertion("the jwe token cannot be decrypted"),
  assertion_not_jws: assertion("the client assertion is not a JWS token"),
  assertion_not_extracted: assertion("the JWS payload cannot be extracted"),
  assertion_client_incorrect: assertion("the client id passed in JWT is not correct"),
  assertion_audience_incorrect: assertion("the audience passed in JWT is not correct"),
  assertion_expired: assertion("the received JWT has expired"),
  assertion_signature_incorrect: assertion("the signature is not correct"),
  assertion_claim_incorrect: assertion(
    "the claim exp of the client assertion is missing or not acceptable",
  ),
  assertion_replayed: assertion("the client assertion has been used before"),
};

/** The clients of one dialect that authenticate by assertion. */
export function assertionClients(profile: Dialect): readonly TestClient[] {
  const shared = { client_secret: SHARED, token_endpoint_auth_method: "client_secret_jwt" };
  return [
    { ...shared, client_id: `${profile}-shared` },
    { ...shared, client_id: `${profile}-unshared`, client_secret_expires_at: START },
    {
      client_id: `${profile}-keyed`,
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [] },
    },
  ];
}
