import { DPOP_PROOF_LENGTH_MAX } from "../protocol/dpop.ts";

/** The header that carries a proof, as OpenAPI has parameters. */
const DPOP_HEADER = {
  name: "DPoP",
  in: "header",
  required: false,
  description:
    "A DPoP proof (RFC 9449 §4.2), once: a JWT of type dpop+jwt for this method and address, signed by the key in its header. Answers are bound to that key.",
  schema: { type: "string", maxLength: DPOP_PROOF_LENGTH_MAX },
} as const;

const NONCE_HEADER = {
  description: "The nonce for the next proof, where the client's proofs need one (RFC 9449 §8)",
  schema: { type: "string" },
} as const;

/** Answers that may hand out a nonce: each that a proof can get. */
const WITH_NONCE = ["200", "201", "400", "401", "403"];

/** An operation that also takes a DPoP proof. */
export function withDpopHeader<
  T extends {
    readonly responses: Readonly<Record<string, { readonly headers?: object }>>;
    readonly parameters?: readonly object[];
  },
>(operation: T) {
  const responses = Object.entries(operation.responses).map(([status, response]) => [
    status,
    WITH_NONCE.includes(status)
      ? { ...response, headers: { ...response.headers, "DPoP-Nonce": NONCE_HEADER } }
      : response,
  ]);
  return {
    ...operation,
    parameters: [...(operation.parameters ?? []), DPOP_HEADER] as never,
    responses: Object.fromEntries(responses) as T["responses"],
  };
}
