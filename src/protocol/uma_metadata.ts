/** Path of UMA 2.0's metadata (Grant §2). */
export const UMA_METADATA_PATH = "/.well-known/uma2-configuration";

/**
 * What UMA adds to the metadata of the server (UMA 2.0 Grant §2, Federated Authorization §2,
 * idserver.md A.8). There is no claims interaction endpoint: claims come by claim tokens.
 */
export function umaMetadata(issuer: string, claimTokenProfiles: readonly string[]) {
  return {
    permission_endpoint: `${issuer}/perm`,
    resource_registration_endpoint: `${issuer}/rs/resource_set`,
    policies_endpoint: `${issuer}/policies`,
    claim_token_profiles_supported: claimTokenProfiles,
    uma_profiles_supported: [
      "https://docs.kantarainitiative.org/uma/profiles/uma-token-bearer-1.0",
    ],
  };
}
