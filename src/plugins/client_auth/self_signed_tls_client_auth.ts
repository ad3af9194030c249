import { createPublicKey, type JsonWebKey } from "node:crypto";
import { certificateOf, defineClientAuth, OAuthError } from "../../plugin.ts";
import { type Certificate, validityFault } from "../../protocol/certificate.ts";
import { ClientIdParameter } from "./client_id_parameter.ts";

/**
 * A client certificate that nobody else vouches for: its key, or itself as `x5c`, is one of the
 * client's registered `jwks` (RFC 8705 §2.2). Names in it prove nothing (attack 43).
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
  async verify(request, { metadata }, { settings, now }) {
    const shown = certificateOf(request, settings);
    if (!shown) throw refusal("no client certificate arrived");
    const { certificate } = shown;
    const fault = validityFault(certificate, now());
    if (fault !== undefined) throw refusal(`the certificate ${fault}`);
    const keys: readonly RegisteredKey[] = metadata.jwks?.keys ?? [];
    if (!keys.some((key) => isRegistered(key, certificate))) {
      throw refusal("the certificate's key is not among the registered jwks");
    }
    return {};
  },
});

/** A member of `jwks`; the schema knows its `kty` only. */
interface RegisteredKey {
  readonly kty: string;
  readonly use?: unknown;
  readonly x5c?: unknown;
}

/** A key registered with its certificate stands for that certificate, one without it for any of its own. */
function isRegistered(key: RegisteredKey, { native, publicKey }: Certificate): boolean {
  if (key.use === "enc") return false;
  if (key.x5c !== undefined) {
    const [first] = Array.isArray(key.x5c) ? key.x5c : [];
    return typeof first === "string" && native.raw.equals(Buffer.from(first, "base64"));
  }
  try {
    return createPublicKey({ key: key as JsonWebKey, format: "jwk" }).equals(publicKey);
  } catch {
    return false; // a key of a kind that no certificate here has
  }
}

const refusal = (cause: string) => new OAuthError("client_tls_failed", { cause });
