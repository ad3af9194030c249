import { createPublicKey, type JsonWebKey } from "node:crypto";
import { certificateOf, defineClientAuth, OAuthError } from "../../plugin.ts";
import { type OpenedCertificate, validityFault } from "../../protocol/certificate.ts";
import { type ClientJwk, jwkFault } from "../../protocol/client_jwks.ts";
import { ClientIdParameter } from "./client_id_parameter.ts";

/**
 * A client certificate that nobody else vouches for: its key, or itself as `x5c`, is one of the
 * client's registered `jwks`, or of those at its `jwks_uri` (RFC 8705 §2.2). Names in it prove nothing (attack 43).
 */
export const selfSignedTlsClientAuth = defineClientAuth<Request>({
  name: "self_signed_tls_client_auth",
  source: "RFC 8705 §2.2",
  evidence: "ambient",
  params: ClientIdParameter,
  refusal: "client_tls_failed",
  claim(request, params) {
    const clientId = params.get("client_id");
    return clientId === undefined ? undefined : { clientId, credential: request };
  },
  async verify(request, client, { settings, clientKeys, now }) {
    const shown = certificateOf(request, settings);
    if (!shown) throw refusal("no client certificate arrived");
    const { certificate } = shown;
    const fault = validityFault(certificate, now());
    if (fault !== undefined) throw refusal(`the certificate ${fault}`);
    const { keys, fault: unread } = await clientKeys.findAll(client, (key) =>
      isRegistered(key, certificate),
    );
    if (keys.length === 0) {
      const reading = unread === undefined ? "" : `; jwks_uri: ${unread}`;
      throw refusal(`the certificate's key is not among the registered jwks${reading}`);
    }
    return {};
  },
});

/** A key registered with its certificate stands for that certificate, one without it for any of its own. */
function isRegistered(key: ClientJwk, { native, publicKey }: OpenedCertificate): boolean {
  const { use, x5c } = key as Readonly<Record<string, unknown>>;
  // What registration refuses is nobody's at a `jwks_uri` either: weak, private and symmetric keys.
  if (use === "enc" || jwkFault(key) !== undefined) return false;
  if (x5c !== undefined) {
    const [first] = Array.isArray(x5c) ? x5c : [];
    return typeof first === "string" && native.raw.equals(Buffer.from(first, "base64"));
  }
  try {
    return createPublicKey({ key: key as JsonWebKey, format: "jwk" }).equals(publicKey);
  } catch {
    return false; // a key of a kind that no certificate here has
  }
}

const refusal = (cause: string) => new OAuthError("client_tls_failed", { cause });
