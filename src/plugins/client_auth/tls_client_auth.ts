import { certificateOf, defineClientAuth, OAuthError, trustedCas } from "../../plugin.ts";
import { readCertificate } from "../../protocol/certificate.ts";
import { pathFault, vouchedFor } from "../../protocol/certificate_path.ts";
import { subjectFault } from "../../protocol/tls_client_metadata.ts";
import { ClientIdParameter } from "./client_id_parameter.ts";

/**
 * A client certificate of a configured CA, with the one subject that the client registered
 * (RFC 8705 §2.1). The operator learns from the audit log which step failed.
 */
export const tlsClientAuth = defineClientAuth<Request>({
  name: "tls_client_auth",
  source: "RFC 8705 §2.1",
  evidence: "ambient",
  params: ClientIdParameter,
  refusal: "client_tls_failed",
  claim(request, params) {
    const clientId = params.get("client_id");
    return clientId === undefined ? undefined : { clientId, credential: request };
  },
  async verify(request, { metadata }, { settings, now }) {
    const shown = certificateOf(request, settings);
    if (!shown) throw refusal("no client certificate arrived");
    const anchors = trustedCas(settings);
    const hints = { anchors, intermediates: shown.intermediates };
    const vouched = vouchedFor(shown.certificate, hints);
    if (!vouched) throw refusal("issued by no configured CA");
    const certificate = readCertificate(shown.certificate);
    if (!certificate) throw refusal("the certificate cannot be read");
    const intermediates = vouched.map(readCertificate).filter((one) => one !== undefined);
    const context = { anchors, intermediates, now: now() };
    const fault = subjectFault(metadata, certificate) ?? pathFault(certificate, context);
    if (fault !== undefined) throw refusal(fault);
    return {};
  },
});

const refusal = (cause: string) => new OAuthError("client_tls_failed", { cause });
