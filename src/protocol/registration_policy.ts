import { type ClientMetadata, ClientMetadataSchema, words } from "./client_metadata.ts";
import type { FieldFault } from "./metadata_faults.ts";
import { isPlainHttp, redirectUriFault } from "./redirect_uri.ts";

/** What clients that register themselves may have (issue 3, line 8; attack 78). */
export interface RegistrationPolicy {
  readonly scopes: readonly string[];
  readonly resources: readonly string[];
}

/** Grants of browser flows; the others act without a user, or with his password. */
const GRANT_TYPES: readonly string[] = ["authorization_code", "refresh_token"];

/** Fields that only an administrator may set: they give rights over others, or loosen our rules. */
const ADMINISTRATIVE: readonly (keyof ClientMetadata)[] = [
  "profile",
  "resource",
  "introspect_any",
  "confirmation_codes",
  "skip_consent",
  "code_challenge_methods",
  "uma_owner_delegation",
  "assertion_audience",
];

/** Keeps the metadata that the schema names, so that unknown members are ignored (RFC 7591 §2). */
export function knownMetadata(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = Object.keys(ClientMetadataSchema.properties);
  return Object.fromEntries(
    names.flatMap((name) => (Object.hasOwn(value, name) ? [[name, value[name]]] : [])),
  );
}

/**
 * The metadata that is registered: what was left out is set to what the policy allows, and
 * `default_scope` to the registered scope, since real clients omit it (decisions D3).
 */
export function grantedMetadata(asked: ClientMetadata, policy: RegistrationPolicy): ClientMetadata {
  const scope = asked.scope ?? policy.scopes.join(" ");
  return {
    ...asked,
    scope,
    default_scope: asked.default_scope ?? scope,
    grant_types: asked.grant_types ?? ["authorization_code"],
    response_types: asked.response_types ?? ["code"],
    token_endpoint_auth_method: asked.token_endpoint_auth_method ?? "client_secret_basic",
    ...(policy.resources.length > 0 && {
      allowed_resources: asked.allowed_resources ?? [...policy.resources],
    }),
  };
}

/** What the policy forbids; empty when all is well. */
export function policyFaults(
  metadata: ClientMetadata,
  policy: RegistrationPolicy,
): readonly FieldFault[] {
  return [
    ...ADMINISTRATIVE.filter((field) => metadata[field] !== undefined).map((field) => ({
      field,
      fault: "is for administrators",
    })),
    ...beyond("grant_types", metadata.grant_types ?? [], GRANT_TYPES),
    ...beyond("response_types", metadata.response_types ?? [], ["code"]),
    ...beyond("scope", words(metadata.scope), policy.scopes),
    ...beyond("allowed_resources", metadata.allowed_resources ?? [], policy.resources),
    ...redirectFaults("redirect_uris", metadata.redirect_uris ?? []),
    ...redirectFaults("post_logout_redirect_uris", metadata.post_logout_redirect_uris ?? []),
    ...sectorFaults(metadata),
  ];
}

function beyond(field: string, asked: readonly string[], allowed: readonly string[]): FieldFault[] {
  return asked
    .filter((value) => !allowed.includes(value))
    .map((value) => ({ field, fault: `holds ${value}, which is not open to registration` }));
}

/** What an answer adds to a redirect URI, and so may not stand in it. */
const ANSWER_MEMBERS = ["code", "state", "iss", "error"];

function redirectFaults(field: string, uris: readonly string[]): FieldFault[] {
  return uris.flatMap((uri) => {
    const fault = redirectUriFault(uri) === undefined ? strangerFault(uri) : undefined;
    return fault === undefined ? [] : [{ field, fault: `holds ${uri}, which ${fault}` }];
  });
}

/** Strangers get https, http on this machine, and schemes of an app's own domain (RFC 8252 §7.1). */
function strangerFault(uri: string): string | undefined {
  if (isPlainHttp(uri)) return "is plain http to another machine";
  const { protocol, searchParams } = new URL(uri);
  const web = /^https?:\/\/[^/]/.test(uri);
  if (!web && !protocol.includes(".")) return "has neither https nor a scheme like com.example.app";
  if (ANSWER_MEMBERS.some((name) => searchParams.has(name))) {
    return `has one of ${ANSWER_MEMBERS.join(", ")} in its query`;
  }
  return undefined;
}

/** Pairwise subjects need one host, or a document that names all redirect URIs (OpenID Connect Core §8.1). */
function sectorFaults(metadata: ClientMetadata): FieldFault[] {
  if (metadata.subject_type !== "pairwise" || metadata.sector_identifier_uri !== undefined)
    return [];
  const hosts = new Set(
    (metadata.redirect_uris ?? [])
      .filter((uri) => URL.canParse(uri))
      .map((uri) => new URL(uri).host),
  );
  if (hosts.size <= 1) return [];
  return [
    { field: "sector_identifier_uri", fault: "is needed for redirect URIs on several hosts" },
  ];
}
