import { HMAC_ALGORITHMS, isHmac, isSignature, PUBLIC_ENCRYPTION } from "./client_assertion.ts";
import { type ClientJwk, canVerify, fitsAlgorithm, jwkFault } from "./client_jwks.ts";
import type { ClientMetadata } from "./client_metadata.ts";
import type { FieldFault } from "./metadata_faults.ts";

/** What no schema can say about how a client signs and encrypts its assertions, and about its keys. */
export function assertionFaults(metadata: ClientMetadata): readonly FieldFault[] {
  return [
    ...jwksFaults(metadata),
    ...keyFaults(metadata),
    ...signingFaults(metadata),
    ...encryptionFaults(metadata),
  ];
}

function jwksFaults({ jwks, jwks_uri: uri }: ClientMetadata): readonly FieldFault[] {
  const field = "jwks";
  const fault = jwks?.keys.map(jwkFault).find((each) => each !== undefined);
  return [
    ...(jwks !== undefined && uri !== undefined
      ? [{ field, fault: "and jwks_uri exclude each other (RFC 7591 §2)" }]
      : []),
    ...(fault === undefined ? [] : [{ field, fault: `holds ${fault}` }]),
  ];
}

/** Who signs by a key of his own must say where it is. */
function keyFaults(metadata: ClientMetadata): readonly FieldFault[] {
  const { token_endpoint_auth_method: method, jwks, jwks_uri: uri } = metadata;
  if (method !== "private_key_jwt" || uri !== undefined) return [];
  if (jwks === undefined) {
    return [{ field: "jwks", fault: "or jwks_uri is needed for private_key_jwt" }];
  }
  const { token_endpoint_auth_signing_alg: alg } = metadata;
  const fits = (key: ClientJwk) => (isSignature(alg) ? fitsAlgorithm(key, alg) : canVerify(key));
  if (jwks.keys.some((key) => fits(key) || jwkFault(key) !== undefined)) return [];
  const purpose = isSignature(alg) ? `for ${alg}` : "that can verify a signature";
  return [{ field: "jwks", fault: `holds no key ${purpose}` }];
}

function signingFaults(metadata: ClientMetadata): readonly FieldFault[] {
  const { token_endpoint_auth_method: method, token_endpoint_auth_signing_alg: alg } = metadata;
  const field = "token_endpoint_auth_signing_alg";
  if (alg === undefined) return [];
  if (method === "private_key_jwt" && !isSignature(alg)) {
    return [{ field, fault: "must be a signature by a key for private_key_jwt" }];
  }
  const hasKeys = metadata.jwks !== undefined || metadata.jwks_uri !== undefined;
  if (method === "client_secret_jwt" && !isHmac(alg) && !hasKeys) {
    const names = Object.keys(HMAC_ALGORITHMS).join(", ");
    return [{ field, fault: `must be one of ${names} for a client without keys` }];
  }
  return [];
}

function encryptionFaults(metadata: ClientMetadata): readonly FieldFault[] {
  const alg = metadata.token_endpoint_auth_encryption_alg;
  if (alg === undefined) {
    if (metadata.token_endpoint_auth_encryption_enc === undefined) return [];
    const fault = "needs token_endpoint_auth_encryption_alg";
    return [{ field: "token_endpoint_auth_encryption_enc", fault }];
  }
  const toOurKey = Object.hasOwn(PUBLIC_ENCRYPTION, alg);
  if (metadata.token_endpoint_auth_method !== "private_key_jwt" || toOurKey) return [];
  const names = Object.keys(PUBLIC_ENCRYPTION).join(", ");
  return [
    {
      field: "token_endpoint_auth_encryption_alg",
      fault: `must be one of ${names} for private_key_jwt`,
    },
  ];
}
