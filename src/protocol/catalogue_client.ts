import type { CatalogueEntry } from "./catalogue_entry.ts";

/** The client is known and its proof failed: `invalid_client`, 401 in the challenger dialect. */
const refused = (
  seed: number,
  description: string,
  { source = "RFC 6749 §5.2", cause, cure }: { source?: string; cause: string; cure: string },
) =>
  ({
    seed,
    error: "invalid_client",
    status: 400,
    description,
    taler: 9750,
    challengerStatus: 401,
    source,
    cause,
    cure,
  }) as const satisfies CatalogueEntry;

const SECRET_CURE =
  "Check the client's registered token_endpoint_auth_method and its secret; `bun run admin client show` tells the method.";

/** The client cannot be found or authenticated (messages 8 to 19 of the seed). */
export const CLIENT_MESSAGES = {
  client_unknown: {
    seed: 8,
    error: "invalid_client",
    status: 400,
    description: "the client doesn't exist",
    taler: 9750,
    challengerStatus: 404,
    source: "RFC 6749 §5.2",
    cause: "The request names no client, or one that is not registered here or is disabled.",
    cure: "Check client_id letter by letter; ids are compared exactly.",
  },
  client_secret_basic_failed: refused(9, "the client cannot be authenticated with secret basic", {
    cause:
      "The client is registered for Basic, and the header's secret is absent, wrong or expired.",
    cure: SECRET_CURE,
  }),
  client_secret_post_failed: refused(10, "the client cannot be authenticated with secret post", {
    cause:
      "The client is registered for client_secret_post, and the body's secret is absent, wrong or expired.",
    cure: SECRET_CURE,
  }),
  client_tls_failed: refused(11, "the client cannot be authenticated with TLS", {
    source: "RFC 8705 §2",
    cause: "No client certificate arrived, or it is not the registered one.",
    cure: "Present the certificate that the client's metadata describes, on the mutual-TLS address.",
  }),
  client_without_secret: refused(12, "the client {0} doesn't have a shared secret", {
    source: "OpenID Connect Core §9",
    cause: "The client signs with a shared secret, and has none or only an expired one.",
    cure: "Give the client a new secret by `bun run admin client rotate-secret`.",
  }),
  assertion_not_jwe: refused(13, "the client assertion is not a JWE token", {
    source: "RFC 7516 §7.1",
    cause:
      "The client_assertion of a client_secret_jwt client has neither 3 nor 5 parts, or must be encrypted.",
    cure: "Send a signed JWT, or a JWE around one where encryption is registered.",
  }),
  assertion_not_decrypted: refused(14, "the jwe token cannot be decrypted", {
    source: "RFC 7516 §5.2",
    cause: "The key, the algorithm or the tag of the JWE is wrong.",
    cure: "Encrypt with a key derived from the client's secret or to our published encryption key.",
  }),
  assertion_not_jws: refused(15, "the client assertion is not a JWS token", {
    source: "RFC 7515 §7.1",
    cause: "The client_assertion, or what its JWE holds, is not a signed JWT of three parts.",
    cure: "Sign the assertion; unsigned ones are never accepted.",
  }),
  assertion_not_extracted: refused(16, "the JWS payload cannot be extracted", {
    source: "RFC 7515 §5.2",
    cause: "The payload of the assertion is not a JSON object, or its inner signature fails.",
    cure: "Sign a JSON object of claims with the client's registered key.",
  }),
  assertion_client_incorrect: refused(17, "the client id passed in JWT is not correct", {
    source: "RFC 7523 §3",
    cause: "iss and sub of the assertion are not both the client's id.",
    cure: "Set iss and sub to the client_id.",
  }),
  assertion_audience_incorrect: refused(18, "the audience passed in JWT is not correct", {
    source: "RFC 7523 §3",
    cause: "aud of the assertion is not exactly this server's issuer.",
    cure: "Set aud to the issuer of the discovery document, alone.",
  }),
  assertion_expired: refused(19, "the received JWT has expired", {
    source: "RFC 7523 §3",
    cause: "exp of the assertion has passed.",
    cure: "Make a new assertion for each request and keep the clock right.",
  }),
  assertion_signature_incorrect: {
    error: "invalid_client",
    status: 400,
    description: "the signature is not correct",
    taler: 9750,
    challengerStatus: 401,
    source: "RFC 7515 §5.2",
    cause: "No registered key of the client verifies the assertion.",
    cure: "Register the public key by jwks or jwks_uri, and sign with its private half.",
  },
  client_unauthenticated: {
    error: "invalid_client",
    status: 400,
    description: "the client cannot be authenticated with {0}",
    taler: 9750,
    challengerStatus: 401,
    source: "RFC 6749 §5.2",
    cause:
      "The client's registered method comes from a plugin, and its credential is absent or wrong.",
    cure: "Send the credential that the method named in the message asks for.",
  },
  client_public: {
    error: "invalid_client",
    status: 400,
    description: "the client {0} is public and must not send a secret",
    taler: 9750,
    challengerStatus: 401,
    source: "RFC 6749 §2.3",
    cause: "The client is registered with the method none and sent credentials.",
    cure: "Send client_id only, or register a confidential method.",
  },
  grant_type_unsupported: {
    error: "unsupported_grant_type",
    status: 400,
    description: "the grant type is not supported",
    parameter: "grant_type",
    taler: 26,
    source: "RFC 6749 §5.2",
    cause: "No plugin of this server registers the value of grant_type.",
    cure: "Use a value listed under grant_types_supported in the discovery document.",
  },
  grant_type_refused: {
    seed: 22,
    error: "unauthorized_client",
    status: 400,
    description: "the client {0} doesn't support the grant type {1}",
    source: "RFC 6749 §5.2",
    cause:
      "The client's registration does not list the grant type, or the grant needs a confidential client.",
    cure: "Add the grant type to the client's grant_types.",
  },
  response_type_refused: {
    seed: 23,
    error: "unauthorized_client",
    status: 400,
    description: "the client '{0}' doesn't support the response type: '{1}'",
    source: "RFC 6749 §4.1.2.1",
    cause: "The client registered response_types without this one.",
    cure: "Add the response type to the client's response_types, or leave the list out.",
  },
  confirmation_refused: {
    error: "unauthorized_client",
    status: 400,
    description: "the client {0} may not send confirmation codes",
    source: "RFC 6749 §5.2",
    cause: "The client is not registered with confirmation_codes.",
    cure: "Set confirmation_codes to true in the client's metadata.",
  },
  caller_public: {
    error: "unauthorized_client",
    status: 400,
    description: "the client {0} is public and cannot use this endpoint",
    source: "RFC 7662 §2.1",
    cause: "The endpoint needs an authenticated client; a public one proves nothing.",
    cure: "Register a confidential client for the resource server.",
  },
} as const satisfies Record<string, CatalogueEntry>;
