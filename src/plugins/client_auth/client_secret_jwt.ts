import { defineClientAuth } from "../../plugin.ts";
import {
  ASSERTION_ERRORS,
  ASSERTION_MARK,
  ASSERTION_PARAMS,
} from "../../protocol/assertion_parameters.ts";
import { HMAC_ALGORITHMS } from "../../protocol/client_assertion.ts";
import { claimAssertion, verifySecretAssertion } from "../../services/client_assertion.ts";

/** A JWT under an HMAC by the client's secret, or the seed's JWE around a signed JWT (OpenID Connect Core §9). */
export const clientSecretJwt = defineClientAuth<string>({
  name: "client_secret_jwt",
  source: "OpenID Connect Core §9",
  evidence: "presented",
  mark: ASSERTION_MARK,
  params: ASSERTION_PARAMS,
  algorithms: Object.keys(HMAC_ALGORITHMS),
  refusal: "assertion_not_jwe",
  errors: ["client_without_secret", ...ASSERTION_ERRORS],
  claim: (_request, params) => claimAssertion(params),
  async verify(assertion, client, services) {
    await verifySecretAssertion(assertion, client, services);
    return {};
  },
});
