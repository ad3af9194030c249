import { type Static, type TSchema, Type as t } from "@sinclair/typebox";
import { CODE_CHALLENGE_METHODS } from "./pkce.ts";
import { isPlainHttp, REDIRECT_URI_LENGTH_MAX, redirectUriFault } from "./redirect_uri.ts";
import { isScopeToken, SCOPES_MAX } from "./scope.ts";

const text = (maxLength: number) => t.String({ minLength: 1, maxLength });
const uri = text(REDIRECT_URI_LENGTH_MAX);
const list = <S extends TSchema>(items: S, maxItems = 50) =>
  t.Array(items, { maxItems, uniqueItems: true });
const choice = <const V extends readonly string[]>(values: V) =>
  t.Unsafe<V[number]>(t.String({ enum: [...values] }));

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
  /** Unix seconds; 0 means never (RFC 7591 §3.2.1). */
  client_secret_expires_at: t.Optional(t.Integer({ minimum: 0 })),
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
  const authMethod = metadata.token_endpoint_auth_method ?? "client_secret_basic";
  const grantTypes = metadata.grant_types ?? ["authorization_code"];
  const profile = metadata.profile ?? "oauth";
  return {
    authMethod,
    grantTypes,
    responseTypes:
      metadata.response_types ?? (grantTypes.includes("authorization_code") ? ["code"] : []),
    scopes: words(metadata.scope),
    defaultScopes: metadata.default_scope === undefined ? undefined : words(metadata.default_scope),
    redirectUris: metadata.redirect_uris ?? [],
    resources: [metadata.resource ?? []].flat(),
    allowedResources: metadata.allowed_resources ?? [],
    codeChallengeMethods:
      metadata.code_challenge_methods ?? (profile === "challenger" ? ["S256", "plain"] : ["S256"]),
    accessTokenFormat: metadata.access_token_format ?? "at+jwt",
    profile,
    requirePkce: metadata.require_pkce === true || authMethod === "none",
    introspectAny: metadata.introspect_any === true,
  };
}

/** What no schema can say about metadata; empty when all is well. */
export function metadataFaults(metadata: ClientMetadata, can: Capabilities): readonly FieldFault[] {
  const view = clientView(metadata);
  const faults: FieldFault[] = [];
  const say = (field: string, fault: string) => faults.push({ field, fault });
  if (!can.authMethods.has(view.authMethod)) {
    say("token_endpoint_auth_method", `must be one of ${[...can.authMethods].join(", ")}`);
  }
  for (const grantType of view.grantTypes) {
    const grant = can.grantTypes.get(grantType);
    if (!grant) {
      say(
        "grant_types",
        `holds ${grantType}; this server has ${[...can.grantTypes.keys()].join(", ")}`,
      );
    } else if (grant.clients === "confidential" && view.authMethod === "none") {
      say("grant_types", `holds ${grantType}, which needs a client that authenticates`);
    }
  }
  for (const field of ["scope", "default_scope"] as const) {
    const scopes = words(metadata[field]);
    if (!scopes.every(isScopeToken)) say(field, "holds a character that no scope may have");
    if (scopes.length > SCOPES_MAX) say(field, `names more than ${SCOPES_MAX} scopes`);
    if (new Set(scopes).size < scopes.length) say(field, "names a scope twice");
  }
  if (!view.defaultScopes?.every((scope) => view.scopes.includes(scope)) && view.defaultScopes) {
    say("default_scope", "must be part of scope");
  }
  return [...faults, ...uriFaults(metadata, view)];
}

/** What is allowed and deserves a word to the operator. */
export function metadataWarnings(metadata: ClientMetadata): readonly FieldFault[] {
  return (metadata.redirect_uris ?? [])
    .filter((uri) => redirectUriFault(uri) === undefined && isPlainHttp(uri))
    .map((uri) => ({ field: "redirect_uris", fault: `holds ${uri}: codes travel there in clear` }));
}

function uriFaults(metadata: ClientMetadata, view: ClientView): readonly FieldFault[] {
  const faults: FieldFault[] = [];
  for (const uri of view.redirectUris) {
    const fault = redirectUriFault(uri);
    if (fault) faults.push({ field: "redirect_uris", fault: `holds ${uri}, which ${fault}` });
  }
  if (view.grantTypes.includes("authorization_code") && view.redirectUris.length === 0) {
    faults.push({ field: "redirect_uris", fault: "is needed for the grant authorization_code" });
  }
  for (const field of ["resource", "allowed_resources"] as const) {
    for (const uri of [metadata[field] ?? []].flat()) {
      const fault = redirectUriFault(uri);
      if (fault) faults.push({ field, fault: `holds ${uri}, which ${fault}` });
    }
  }
  for (const field of ["client_uri", "logo_uri", "tos_uri", "policy_uri", "jwks_uri"] as const) {
    const uri = metadata[field];
    if (uri !== undefined && !/^https?:\/\/[^/]/.test(uri)) {
      faults.push({ field, fault: "is not an http or https address" });
    }
  }
  if (metadata.jwks !== undefined && metadata.jwks_uri !== undefined) {
    faults.push({ field: "jwks", fault: "and jwks_uri exclude each other (RFC 7591 §2)" });
  }
  return faults;
}

function words(text: string | undefined): readonly string[] {
  return (text ?? "").split(" ").filter((word) => word !== "");
}
