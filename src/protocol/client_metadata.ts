import { type Static, type TSchema, Type as t } from "@sinclair/typebox";
import { CODE_CHALLENGE_METHODS } from "./pkce.ts";
import { isPlainHttp, REDIRECT_URI_LENGTH_MAX, redirectUriFault } from "./redirect_uri.ts";
import { isScopeToken, SCOPES_MAX } from "./scope.ts";

const text = (maxLength: number) => t.String({ minLength: 1, maxLength });
const uri = text(REDIRECT_URI_LENGTH_MAX);
const list = <S extends TSchema>(items: S, maxItems = 50) =>
  t.Array(items, { maxItems, uniqueItems: true });
const choice = <const V extends readonly string[]>(values: V) => {
  // `enum` is what documents show; the validator of strings reads `pattern` only.
  const pattern = `^(${values.join("|").replaceAll("+", "\\+")})$`;
  return t.Unsafe<V[number]>(t.String({ enum: [...values], pattern }));
};

/** Longest client id, in characters. */
export const CLIENT_ID_LENGTH_MAX = 255;

/** Longest client secret, in characters. */
export const CLIENT_SECRET_LENGTH_MAX = 1024;

/** Any printable character may stand in client ids and secrets; a database holds no NUL. */
export const PRINTABLE = "^[^\\u0000-\\u001f\\u007f-\\u009f]+$";

/** What registration may carry about a client (RFC 7591 §2) and is kept as it came. */
const registered = {
  redirect_uris: t.Optional(list(uri)),
  token_endpoint_auth_method: t.Optional(text(64)),
  grant_types: t.Optional(list(text(255))),
  response_types: t.Optional(list(text(64))),
  client_name: t.Optional(text(200)),
  client_uri: t.Optional(uri),
  logo_uri: t.Optional(uri),
  scope: t.Optional(t.String({ maxLength: 4096 })),
  contacts: t.Optional(list(text(320))),
  tos_uri: t.Optional(uri),
  policy_uri: t.Optional(uri),
  jwks_uri: t.Optional(uri),
  jwks: t.Optional(t.Object({ keys: t.Array(t.Object({ kty: text(16) }), { maxItems: 50 }) })),
  software_id: t.Optional(text(255)),
  software_version: t.Optional(text(255)),
  application_type: t.Optional(choice(["web", "native"])),
} as const;

/** What this server adds to RFC 7591. */
const extensions = {
  /** Scopes granted when a request names none. */
  default_scope: t.Optional(t.String({ maxLength: 4096 })),
  access_token_format: t.Optional(choice(["at+jwt", "opaque"])),
  /** Dialect in which this client is refused (decisions D2). */
  profile: t.Optional(choice(["oauth", "challenger"])),
  /** URIs of the resource server that this client is; it may introspect tokens for them. */
  resource: t.Optional(t.Union([uri, list(uri)])),
  /** Resources that this client may ask tokens for (RFC 8707). */
  allowed_resources: t.Optional(list(uri)),
  require_pkce: t.Optional(t.Boolean()),
  code_challenge_methods: t.Optional(list(choice(CODE_CHALLENGE_METHODS))),
  /** Allowed to introspect every token. */
  introspect_any: t.Optional(t.Boolean()),
} as const;

/** The metadata that the store keeps of a client; its id and secrets have columns of their own. */
export const ClientMetadataSchema = t.Object({ ...registered, ...extensions });

/** A client's metadata. Lists that were omitted stay omitted: read them through {@linkcode clientView}. */
export type ClientMetadata = Static<typeof ClientMetadataSchema>;

/** One client of an import file: RFC 7591 metadata with the client's credentials as given. */
export const ClientImportSchema = t.Object({
  client_id: t.String({ minLength: 1, maxLength: CLIENT_ID_LENGTH_MAX, pattern: PRINTABLE }),
  client_secret: t.Optional(
    t.String({ minLength: 1, maxLength: CLIENT_SECRET_LENGTH_MAX, pattern: PRINTABLE }),
  ),
  /** Unix seconds; 0 means never (RFC 7591 §3.2.1), and the year 9999 is the last. */
  client_secret_expires_at: t.Optional(t.Integer({ minimum: 0, maximum: 253_402_300_799 })),
  ...registered,
  ...extensions,
});

/** One client of an import file. */
export type ClientImport = Static<typeof ClientImportSchema>;

/** What the running server can do, against which metadata is judged. */
export interface Capabilities {
  readonly grantTypes: ReadonlyMap<string, { readonly clients: "any" | "confidential" }>;
  readonly authMethods: ReadonlySet<string>;
}

/** A fault of one field, in words that continue the field's name. */
export interface FieldFault {
  readonly field: string;
  readonly fault: string;
}

/** Metadata with the defaults of RFC 7591 §2 filled in. */
export interface ClientView {
  readonly authMethod: string;
  readonly grantTypes: readonly string[];
  readonly responseTypes: readonly string[];
  readonly scopes: readonly string[];
  readonly defaultScopes: readonly string[] | undefined;
  readonly redirectUris: readonly string[];
  readonly resources: readonly string[];
  readonly allowedResources: readonly string[];
  readonly codeChallengeMethods: readonly string[];
  readonly accessTokenFormat: "at+jwt" | "opaque";
  readonly profile: "oauth" | "challenger";
  readonly requirePkce: boolean;
  readonly introspectAny: boolean;
}

/** Fills the defaults: an omitted `response_types` is what the grants imply (decisions D3). */
export function clientView(metadata: ClientMetadata): ClientView {
  const {
    token_endpoint_auth_method: authMethod = "client_secret_basic",
    grant_types: grantTypes = ["authorization_code"],
    profile = "oauth",
    response_types: responseTypes = impliedResponseTypes(grantTypes),
    code_challenge_methods: codeChallengeMethods = impliedChallengeMethods(profile),
  } = metadata;
  return {
    authMethod,
    grantTypes,
    profile,
    responseTypes,
    codeChallengeMethods,
    scopes: words(metadata.scope),
    defaultScopes: metadata.default_scope === undefined ? undefined : words(metadata.default_scope),
    redirectUris: metadata.redirect_uris ?? [],
    resources: [metadata.resource ?? []].flat(),
    allowedResources: metadata.allowed_resources ?? [],
    accessTokenFormat: metadata.access_token_format ?? "at+jwt",
    requirePkce: metadata.require_pkce === true || authMethod === "none",
    introspectAny: metadata.introspect_any === true,
  };
}

const impliedResponseTypes = (grantTypes: readonly string[]) =>
  grantTypes.includes("authorization_code") ? ["code"] : [];

/** Challenger clients always may use `plain` (decisions D5). */
const impliedChallengeMethods = (profile: string): readonly string[] =>
  profile === "challenger" ? ["S256", "plain"] : ["S256"];

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
    ...addressFaults(metadata),
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

function addressFaults(metadata: ClientMetadata): readonly FieldFault[] {
  const fields = ["client_uri", "logo_uri", "tos_uri", "policy_uri", "jwks_uri"] as const;
  const faults = fields
    .filter((field) => !/^(https?:\/\/[^/]|$)/.test(metadata[field] ?? ""))
    .map((field) => ({ field, fault: "is not an http or https address" }));
  const twofold = metadata.jwks !== undefined && metadata.jwks_uri !== undefined;
  const both = { field: "jwks", fault: "and jwks_uri exclude each other (RFC 7591 §2)" };
  return [...faults, ...(twofold ? [both] : []), ...jwksFaults(metadata)];
}

/** Members of a JWK that make it private or symmetric (RFC 7518 §6). */
const PRIVATE_MEMBERS = ["d", "k", "p", "q", "dp", "dq", "qi", "oth"];

function jwksFaults({ jwks }: ClientMetadata): readonly FieldFault[] {
  const isPrivate = (key: object) => PRIVATE_MEMBERS.some((name) => Object.hasOwn(key, name));
  if (!jwks?.keys.some(isPrivate)) return [];
  return [{ field: "jwks", fault: "holds a private key; register its public half" }];
}

function words(text: string | undefined): readonly string[] {
  return (text ?? "").split(" ").filter((word) => word !== "");
}
