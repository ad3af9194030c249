import { defineClientAuth } from "../../plugin.ts";
import {
  ASSERTION_ERRORS,
  ASSERTION_MARK,
  ASSERTION_PARAMS,
} from "../../protocol/assertion_parameters.ts";
import { SIGNATURE_ALGORITHMS } from "../../protocol/client_assertion.ts";
import { claimAssertion, verifyKeyAssertion } from "../../services/client_assertion.ts";

/** A JWT signed by a key of the client, whose public half is registered (OpenID Connect Core §9, RFC 7523). */
export const privateKeyJwt = defineClientAuth<string>({
  name: "private_key_jwt",
  source: "OpenID Connect Core §9, RFC 7523 §2.2",
  evidence: "presented",
  mark: ASSERTION_MARK,
  params: ASSERTION_PARAMS,
  algorithms: SIGNATURE_ALGORITHMS,
  refusal: "assertion_not_jws",
  errors: ASSERTION_ERRORS,
  claim: (_request, params) => claimAssertion(params),
  async verify(assertion, client, services) {
    await verifyKeyAssertion(assertion, client, services);
    return {};
  },
});
