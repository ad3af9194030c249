import type { CatalogueEntry } from "./catalogue_entry.ts";

/** What every proof that proves nothing is told. */
const PROOF = {
  error: "invalid_dpop_proof",
  description: "the DPoP proof is not valid",
  source: "RFC 9449 §4.3",
  cause:
    "The DPoP header is not exactly one proof: a JWT of type dpop+jwt, signed by the public key it carries, for this method, address and access token, made just now and never used before.",
  cure: "Make a new proof for every request, and mind the clock. The audit log says what failed.",
} as const;

/** What a proof without a fresh nonce is told. */
const NONCE = {
  error: "use_dpop_nonce",
  description: "the DPoP proof needs the nonce of the DPoP-Nonce header",
  source: "RFC 9449 §8",
  cause: "This server, or this client, asks for nonces, and the proof has none or an old one.",
  cure: "Repeat the request with a new proof whose nonce is the answer's DPoP-Nonce header.",
} as const;

/** A grant that is bound to another key than the one shown. */
const KEY = { error: "invalid_grant", status: 400, challengerStatus: 401 } as const;

/** Refusals about the keys that tokens are bound to (RFC 9449, RFC 8705). */
export const BINDING_MESSAGES = {
  dpop_proof_incorrect: { ...PROOF, status: 400 },
  dpop_nonce_needed: { ...NONCE, status: 400 },
  dpop_proof_missing: {
    error: "invalid_dpop_proof",
    status: 400,
    description: "the client {0} must send a DPoP proof",
    source: "RFC 9449 §5.2",
    cause: "The client is registered with dpop_bound_access_tokens, and the request has no proof.",
    cure: "Send a proof in the DPoP header, or unset dpop_bound_access_tokens.",
  },
  bearer_proof_incorrect: { ...PROOF, status: 401, source: "RFC 9449 §7.1" },
  bearer_nonce_needed: { ...NONCE, status: 401, source: "RFC 9449 §9" },
  code_key_mismatch: {
    ...KEY,
    description: "the authorization code is bound to another key",
    source: "RFC 9449 §10",
    cause: "The authorization request bound the code to a key that this request does not prove.",
    cure: "Redeem the code with a DPoP proof of the key whose thumbprint dpop_jkt was.",
  },
  refresh_token_key_mismatch: {
    ...KEY,
    description: "the refresh token is bound to another key",
    source: "RFC 9449 §5",
    cause: "The refresh token belongs to a key or certificate that this request does not show.",
    cure: "Refresh with the key or certificate that the tokens were obtained with.",
  },
} as const satisfies Record<string, CatalogueEntry>;
