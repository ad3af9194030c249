/** What the registry and the routes say about the server, as the discovery documents need it. */
export interface ServerFacts {
  readonly issuer: string;
  readonly grantTypes: readonly string[];
  readonly authMethods: readonly string[];
  /** Response types that the authorization endpoint answers; empty where there is none. */
  readonly responseTypes: readonly string[];
}

/** Path of the authorization server's metadata; an issuer's own path is appended (RFC 8414 §3). */
export const METADATA_PATH = "/.well-known/oauth-authorization-server";

/**
 * The document of RFC 8414 §2, read off the registry. Lists without elements are left out (§3.2),
 * save for the one that §2 requires.
 */
export function authorizationServerMetadata(facts: ServerFacts) {
  const { issuer, grantTypes, authMethods, responseTypes } = facts;
  const confidential = authMethods.filter((method) => method !== "none");
  return {
    issuer,
    token_endpoint: `${issuer}/token`,
    ...unlessEmpty("token_endpoint_auth_methods_supported", authMethods),
    revocation_endpoint: `${issuer}/token/revoke`,
    ...unlessEmpty("revocation_endpoint_auth_methods_supported", authMethods),
    introspection_endpoint: `${issuer}/introspect`,
    ...unlessEmpty("introspection_endpoint_auth_methods_supported", confidential),
    jwks_uri: `${issuer}/jwks`,
    ...unlessEmpty("grant_types_supported", grantTypes),
    response_types_supported: responseTypes,
    code_challenge_methods_supported: ["S256"],
    service_documentation: `${issuer}/docs`,
  };
}

function unlessEmpty(name: string, list: readonly string[]): Record<string, readonly string[]> {
  return list.length === 0 ? {} : { [name]: list };
}
