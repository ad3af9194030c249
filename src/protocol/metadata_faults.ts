import { assertionFaults } from "./assertion_metadata.ts";
import { type ClientMetadata, type ClientView, clientView, words } from "./client_metadata.ts";
import { isPrivateLiteral } from "./network.ts";
import { isPlainHttp, publicHostOf, redirectUriFault } from "./redirect_uri.ts";
import { isScopeToken, SCOPES_MAX } from "./scope.ts";
import { tlsMetadataFaults } from "./tls_client_metadata.ts";

/** What the running server can do, against which metadata is judged. */
export interface Capabilities {
  readonly grantTypes: ReadonlyMap<string, { readonly clients: "any" | "confidential" }>;
  readonly authMethods: ReadonlySet<string>;
  /** Hosts that requests of ours may reach although they are private, or speak plain http. */
  readonly privateHosts: readonly string[];
}

/** A fault of one field, in words that continue the field's name. */
export interface FieldFault {
  readonly field: string;
  readonly fault: string;
}

/** What no schema can say about metadata; empty when all is well. */
export function metadataFaults(metadata: ClientMetadata, can: Capabilities): readonly FieldFault[] {
  const view = clientView(metadata);
  return [
    ...authMethodFaults(view, can),
    ...view.grantTypes.flatMap((grantType) => grantTypeFaults(grantType, view, can)),
    ...scopeFaults("scope", words(metadata.scope)),
    ...scopeFaults("default_scope", view.defaultScopes ?? [], view.scopes),
    ...redirectUriFaults(view),
    ...resourceFaults("resource", view.resources),
    ...resourceFaults("allowed_resources", view.allowedResources),
    ...resourceFaults("post_logout_redirect_uris", view.postLogoutRedirectUris),
    ...originFaults(metadata.allowed_origins ?? []),
    ...addressFaults(metadata),
    ...fetchFaults(metadata, can),
    ...assertionFaults(metadata),
    ...tlsMetadataFaults(metadata, view.authMethod),
  ];
}

/** What is allowed and deserves a word to the operator. */
export function metadataWarnings(metadata: ClientMetadata): readonly FieldFault[] {
  return (metadata.redirect_uris ?? [])
    .filter((uri) => redirectUriFault(uri) === undefined && isPlainHttp(uri))
    .map((uri) => ({ field: "redirect_uris", fault: `holds ${uri}: codes travel there in clear` }));
}

function authMethodFaults({ authMethod }: ClientView, can: Capabilities): readonly FieldFault[] {
  if (can.authMethods.has(authMethod)) return [];
  const known = [...can.authMethods].join(", ");
  return [{ field: "token_endpoint_auth_method", fault: `must be one of ${known}` }];
}

function grantTypeFaults(
  grantType: string,
  { authMethod }: ClientView,
  can: Capabilities,
): readonly FieldFault[] {
  const field = "grant_types";
  const grant = can.grantTypes.get(grantType);
  if (!grant) {
    const known = [...can.grantTypes.keys()].join(", ");
    return [{ field, fault: `holds ${grantType}; this server has ${known}` }];
  }
  if (grant.clients === "any" || authMethod !== "none") return [];
  return [{ field, fault: `holds ${grantType}, which needs a client that authenticates` }];
}

function scopeFaults(
  field: "scope" | "default_scope",
  scopes: readonly string[],
  allowed: readonly string[] = scopes,
): readonly FieldFault[] {
  const rules: readonly (readonly [boolean, string])[] = [
    [scopes.every(isScopeToken), "holds a character that no scope may have"],
    [scopes.length <= SCOPES_MAX, `names more than ${SCOPES_MAX} scopes`],
    [new Set(scopes).size === scopes.length, "names a scope twice"],
    [scopes.every((scope) => allowed.includes(scope)), "must be part of scope"],
  ];
  return rules.filter(([holds]) => !holds).map(([, fault]) => ({ field, fault }));
}

function redirectUriFaults({ redirectUris, grantTypes }: ClientView): readonly FieldFault[] {
  const field = "redirect_uris";
  if (redirectUris.length === 0 && grantTypes.includes("authorization_code")) {
    return [{ field, fault: "is needed for the grant authorization_code" }];
  }
  return resourceFaults(field, redirectUris);
}

/** URIs that must be absolute and without fragment, whatever they are for. */
function resourceFaults(field: string, uris: readonly string[]): readonly FieldFault[] {
  return uris.flatMap((uri) => {
    const fault = redirectUriFault(uri);
    return fault === undefined ? [] : [{ field, fault: `holds ${uri}, which ${fault}` }];
  });
}

function originFaults(origins: readonly string[]): readonly FieldFault[] {
  return origins
    .filter((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin)
    .map((origin) => ({
      field: "allowed_origins",
      fault: `holds ${origin}, which is not an origin such as https://app.example`,
    }));
}

function addressFaults(metadata: ClientMetadata): readonly FieldFault[] {
  const fields = [
    "client_uri",
    "logo_uri",
    "tos_uri",
    "policy_uri",
    "jwks_uri",
    "sector_identifier_uri",
    "initiate_login_uri",
    "backchannel_logout_uri",
  ] as const;
  return fields
    .filter((field) => !isWebAddress(metadata[field] ?? "https://unset"))
    .map((field) => ({ field, fault: "is not an http or https address" }));
}

/** Addresses that requests of ours go to; the others are for browsers. */
const FETCHED = ["jwks_uri", "sector_identifier_uri", "backchannel_logout_uri"] as const;

/** What we would never fetch is told when it is registered, not when it is needed. */
function fetchFaults(metadata: ClientMetadata, can: Capabilities): readonly FieldFault[] {
  return FETCHED.flatMap((field) => {
    const uri = metadata[field];
    const fault = uri !== undefined && isWebAddress(uri) ? fetchFault(uri, can) : undefined;
    return fault === undefined ? [] : [{ field, fault }];
  });
}

function fetchFault(uri: string, { privateHosts }: Capabilities): string | undefined {
  if (!URL.canParse(uri)) return "is not an http or https address";
  const { hostname, username, password } = new URL(uri);
  if (username !== "" || password !== "") return "must not hold a user name or password";
  const excepted = privateHosts.includes(hostname) || publicHostOf(uri) === undefined;
  if (excepted) return undefined;
  if (isPlainHttp(uri)) {
    return "is plain http to another machine, which OUTGOING_PRIVATE_HOSTS does not name";
  }
  return isPrivateLiteral(hostname)
    ? "is at a private address, which OUTGOING_PRIVATE_HOSTS does not name"
    : undefined;
}

/** Whether the text begins like an address of the web. */
function isWebAddress(text: string): boolean {
  return /^https?:\/\/[^/]/.test(text);
}
