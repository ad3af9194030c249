/** The one module that the author of a plugin imports. */
export { t } from "elysia";
export {
  type Claimed,
  type ClientAuthMethod,
  type Delivery,
  defineClientAuth,
  defineDelivery,
  defineGrant,
  definePlugin,
  type Grant,
  type GrantRequest,
  type ObjectSchema,
  type Plugin,
  type TokenRequest,
  type Verified,
} from "./contracts.ts";
export { addresseeOf, authenticateClient, nameClient } from "./http/authenticate_client.ts";
export { certificateOf, trustedCas } from "./http/client_certificate.ts";
export { readForm } from "./http/read_form.ts";
export { noStore } from "./http/responses.ts";
export {
  answering,
  malformedParameter,
  missingParameter,
  OAuthError,
} from "./protocol/oauth_error.ts";
export { checkScopes } from "./protocol/scope.ts";
export { parserOf, type Registry } from "./registry.ts";
export { isLiveSecret, isProvenBy, liveSecrets } from "./services/client_secrets.ts";
export { hashSecret, isSecretOf, newId } from "./services/ids.ts";
export type { Issuance, Spent } from "./services/issuance.ts";
export type { Services } from "./services/services.ts";
export type { Client } from "./store/clients.ts";
