import { AUTHORIZATION_FACTS, AUTHORIZATION_PATHS } from "./authorization_types.ts";
import { CLAIMS_SUPPORTED, SCOPES_SUPPORTED } from "./claims.ts";
import { CONTENT_ENCRYPTIONS, ENCRYPTION_ALGORITHMS } from "./client_assertion.ts";
import { ID_TOKEN_ALGORITHMS } from "./client_metadata.ts";
import { DPOP_ALGORITHMS } from "./dpop.ts";

/** What the registry and the settings say about the server, as the discovery documents need it. */
export interface ServerFacts {
  readonly issuer: string;
  readonly grantTypes: readonly string[];
  readonly authMethods: readonly string[];
  /** Algorithms of client assertions, in the order in which methods name them. */
  readonly authAlgorithms: readonly string[];
  /** Whether clients may register themselves. */
  readonly registration: boolean;
  /** Languages of the pages, by their BCP 47 tags. */
  readonly uiLocales: readonly string[];
  /** Base URL of the endpoints that ask for a client's certificate. */
  readonly mtlsUrl?: string | undefined;
}

/** Path of the authorization server's metadata (RFC 8414 §3). */
export const METADATA_PATH = "/.well-known/oauth-authorization-server";

/** Path of the OpenID provider's metadata (OpenID Connect Discovery §4). */
export const OPENID_METADATA_PATH = "/.well-known/openid-configuration";

/** Paths of both documents, which are one. */
export const METADATA_PATHS = [METADATA_PATH, OPENID_METADATA_PATH] as const;

/** How long caches may keep the metadata and the keys, in seconds. */
export const DOCUMENT_MAX_AGE_SECONDS = 300;

/**
 * The one document of RFC 8414 §2 and OpenID Connect Discovery §3, read off what is registered and
 * off the constants that the endpoints themselves go by. Lists without elements are left out
 * (RFC 8414 §3.2).
 */
export function serverMetadata(facts: ServerFacts) {
  const { issuer, grantTypes, authMethods, authAlgorithms, registration, uiLocales, mtlsUrl } =
    facts;
  const encrypted = authAlgorithms.length > 0;
  const confidential = authMethods.filter((method) => method !== "none");
  const frontChannel = Object.entries(AUTHORIZATION_PATHS).map(([name, path]) => [
    name,
    `${issuer}${path}`,
  ]);
  return {
    issuer,
    ...(Object.fromEntries(frontChannel) as Record<keyof typeof AUTHORIZATION_PATHS, string>),
    ...AUTHORIZATION_FACTS,
    token_endpoint: `${issuer}/token`,
    ...unlessEmpty("token_endpoint_auth_methods_supported", authMethods),
    ...unlessEmpty("token_endpoint_auth_signing_alg_values_supported", authAlgorithms),
    // No registry has these two; they are named as their like are.
    ...unlessEmpty(
      "token_endpoint_auth_encryption_alg_values_supported",
      encrypted ? ENCRYPTION_ALGORITHMS : [],
    ),
    ...unlessEmpty(
      "token_endpoint_auth_encryption_enc_values_supported",
      encrypted ? CONTENT_ENCRYPTIONS : [],
    ),
    revocation_endpoint: `${issuer}/token/revoke`,
    ...unlessEmpty("revocation_endpoint_auth_methods_supported", authMethods),
    ...unlessEmpty("revocation_endpoint_auth_signing_alg_values_supported", authAlgorithms),
    introspection_endpoint: `${issuer}/introspect`,
    ...unlessEmpty("introspection_endpoint_auth_methods_supported", confidential),
    ...unlessEmpty("introspection_endpoint_auth_signing_alg_values_supported", authAlgorithms),
    userinfo_endpoint: `${issuer}/userinfo`,
    end_session_endpoint: `${issuer}/logout`,
    ...(registration && { registration_endpoint: `${issuer}/register` }),
    jwks_uri: `${issuer}/jwks`,
    ...unlessEmpty("grant_types_supported", grantTypes),
    scopes_supported: SCOPES_SUPPORTED,
    claims_supported: CLAIMS_SUPPORTED,
    claim_types_supported: ["normal"],
    subject_types_supported: ["public", "pairwise"],
    id_token_signing_alg_values_supported: ID_TOKEN_ALGORITHMS,
    userinfo_signing_alg_values_supported: ID_TOKEN_ALGORITHMS,
    dpop_signing_alg_values_supported: DPOP_ALGORITHMS,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    ...unlessEmpty("ui_locales_supported", uiLocales),
    tls_client_certificate_bound_access_tokens: true,
    ...(mtlsUrl !== undefined && { mtls_endpoint_aliases: mtlsAliases(mtlsUrl) }),
    service_documentation: `${issuer}/docs`,
  };
}

/** Endpoints at which a certificate may count, by their address on the host that asks for one (RFC 8705 §5). */
function mtlsAliases(mtlsUrl: string): Readonly<Record<string, string>> {
  return {
    token_endpoint: `${mtlsUrl}/token`,
    revocation_endpoint: `${mtlsUrl}/token/revoke`,
    introspection_endpoint: `${mtlsUrl}/introspect`,
    pushed_authorization_request_endpoint: `${mtlsUrl}${AUTHORIZATION_PATHS.pushed_authorization_request_endpoint}`,
    userinfo_endpoint: `${mtlsUrl}/userinfo`,
  };
}

function unlessEmpty(name: string, list: readonly string[]): Record<string, readonly string[]> {
  return list.length === 0 ? {} : { [name]: list };
}
