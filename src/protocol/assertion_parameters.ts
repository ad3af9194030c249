import { Type as t } from "@sinclair/typebox";
import type { ErrorCode } from "./catalogue.ts";
import { ASSERTION_LENGTH_MAX, ASSERTION_TYPE } from "./client_assertion.ts";
import { CLIENT_ID_LENGTH_MAX } from "./client_metadata.ts";

/** The one mark that both methods by assertion find in a request; the registration says whose it is. */
export const ASSERTION_MARK = "client_assertion";

/** Form parameters of both methods by assertion (RFC 7521 §4.2). */
export const ASSERTION_PARAMS = t.Object({
  client_id: t.String({ maxLength: CLIENT_ID_LENGTH_MAX, description: "The client's id" }),
  client_assertion_type: t.String({
    enum: [ASSERTION_TYPE], // for the documents; the validator reads the pattern
    pattern: `^${ASSERTION_TYPE}$`,
    description: "What kind of assertion it is",
  }),
  client_assertion: t.String({
    maxLength: ASSERTION_LENGTH_MAX,
    format: "password",
    description:
      "A signed JWT, or a JWE around one; `iss` and `sub` are the client's id, `aud` is this server's issuer alone, `exp` at most five minutes ahead, `jti` new each time (RFC 7523 §3)",
  }),
});

/** Rows that both methods answer with, beside their `refusal`. */
export const ASSERTION_ERRORS = [
  "assertion_not_jwe",
  "assertion_not_decrypted",
  "assertion_not_jws",
  "assertion_not_extracted",
  "assertion_signature_incorrect",
  "assertion_client_incorrect",
  "assertion_audience_incorrect",
  "assertion_expired",
  "assertion_claim_incorrect",
  "assertion_replayed",
] as const satisfies readonly ErrorCode[];
