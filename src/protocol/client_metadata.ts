import { type Static, type TSchema, Type as t } from "@sinclair/typebox";
import {
  ASSERTION_ALGORITHMS,
  CONTENT_ENCRYPTIONS,
  ENCRYPTION_ALGORITHMS,
} from "./client_assertion.ts";
import { CLIENT_KEYS_MAX } from "./client_jwks.ts";
import { NAME_LENGTH_MAX } from "./distinguished_name.ts";
import { CODE_CHALLENGE_METHODS } from "./pkce.ts";
import { REDIRECT_URI_LENGTH_MAX } from "./redirect_uri.ts";

/** Text for people and machines: no control characters, and none that turn or hide what stands beside them. */
const VISIBLE =
  "^[^\\u0000-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff]+$";

const text = (maxLength: number) => t.String({ minLength: 1, maxLength, pattern: VISIBLE });
const uri = text(REDIRECT_URI_LENGTH_MAX);
const list = <S extends TSchema>(items: S, maxItems = 50) =>
  t.Array(items, { maxItems, uniqueItems: true });

/** The schema of one text out of a few. */
export const choice = <const V extends readonly string[]>(values: V) => {
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
  jwks: t.Optional(
    t.Object({ keys: t.Array(t.Object({ kty: text(16) }), { maxItems: CLIENT_KEYS_MAX }) }),
  ),
  software_id: t.Optional(text(255)),
  software_version: t.Optional(text(255)),
  application_type: t.Optional(choice(["web", "native"])),
} as const;

/** Algorithms that ID tokens and signed userinfo may have. */
export const ID_TOKEN_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"] as const;

/** What OpenID Connect adds (Dynamic Registration §2, RP-Initiated and Back-Channel Logout), RFC 9126 §6 and RFC 9449 §5.2 too. */
const openid = {
  id_token_signed_response_alg: t.Optional(choice(ID_TOKEN_ALGORITHMS)),
  userinfo_signed_response_alg: t.Optional(choice(ID_TOKEN_ALGORITHMS)),
  subject_type: t.Optional(choice(["public", "pairwise"])),
  sector_identifier_uri: t.Optional(uri),
  default_max_age: t.Optional(t.Integer({ minimum: 0 })),
  require_auth_time: t.Optional(t.Boolean()),
  default_acr_values: t.Optional(list(text(255))),
  initiate_login_uri: t.Optional(uri),
  post_logout_redirect_uris: t.Optional(list(uri)),
  backchannel_logout_uri: t.Optional(uri),
  backchannel_logout_session_required: t.Optional(t.Boolean()),
  require_pushed_authorization_requests: t.Optional(t.Boolean()),
  /** No tokens without a DPoP proof (RFC 9449 §5.2). */
  dpop_bound_access_tokens: t.Optional(t.Boolean()),
} as const;

/** How a client makes its assertions (OpenID Connect Dynamic Registration §2; the encryption is ours). */
const assertions = {
  token_endpoint_auth_signing_alg: t.Optional(choice(ASSERTION_ALGORITHMS)),
  token_endpoint_auth_encryption_alg: t.Optional(choice(ENCRYPTION_ALGORITHMS)),
  token_endpoint_auth_encryption_enc: t.Optional(choice(CONTENT_ENCRYPTIONS)),
  /** What `aud` may be beside our issuer, for older libraries. */
  assertion_audience: t.Optional(choice(["issuer", "token_endpoint"])),
} as const;

/** What mutual TLS adds (RFC 8705 §2.1.2, §3.4). */
const tls = {
  tls_client_auth_subject_dn: t.Optional(text(NAME_LENGTH_MAX)),
  tls_client_auth_san_dns: t.Optional(text(253)),
  tls_client_auth_san_uri: t.Optional(uri),
  tls_client_auth_san_ip: t.Optional(text(64)),
  tls_client_auth_san_email: t.Optional(text(320)),
  tls_client_certificate_bound_access_tokens: t.Optional(t.Boolean()),
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
  /** Origins of browser apps that may call the token endpoint; absent, those of the redirect URIs. */
  allowed_origins: t.Optional(list(uri)),
  /** Allowed to send confirmation codes by `POST /code`. */
  confirmation_codes: t.Optional(t.Boolean()),
  /** Its DPoP proofs need a nonce of ours, whatever the server's setting says. */
  require_dpop_nonce: t.Optional(t.Boolean()),
  /** The operator's own application: users are not asked for consent. */
  skip_consent: t.Optional(t.Boolean()),
  /** Allowed to register resources of users by client_credentials (UMA). */
  uma_owner_delegation: t.Optional(t.Boolean()),
} as const;

/** The metadata that the store keeps of a client; its id and secrets have columns of their own. */
export const ClientMetadataSchema = t.Object({
  ...registered,
  ...openid,
  ...assertions,
  ...tls,
  ...extensions,
});

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
  ...openid,
  ...assertions,
  ...tls,
  ...extensions,
});

/** One client of an import file. */
export type ClientImport = Static<typeof ClientImportSchema>;

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
  readonly allowedOrigins: readonly string[];
  readonly idTokenAlgorithm: (typeof ID_TOKEN_ALGORITHMS)[number];
  readonly subjectType: "public" | "pairwise";
  readonly postLogoutRedirectUris: readonly string[];
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
    // A Challenger token stands for an address that /info tells; nobody else needs to read it.
    accessTokenFormat:
      metadata.access_token_format ?? (profile === "challenger" ? "opaque" : "at+jwt"),
    requirePkce: metadata.require_pkce === true || authMethod === "none",
    introspectAny: metadata.introspect_any === true,
    allowedOrigins: metadata.allowed_origins ?? originsOf(metadata.redirect_uris ?? []),
    idTokenAlgorithm: metadata.id_token_signed_response_alg ?? "RS256",
    subjectType: metadata.subject_type ?? "public",
    postLogoutRedirectUris: metadata.post_logout_redirect_uris ?? [],
  };
}

/** The web origins of redirect URIs; schemes of native apps have none, nor has what is no URI at all. */
function originsOf(uris: readonly string[]): readonly string[] {
  const web = uris.filter((uri) => /^https?:/.test(uri) && URL.canParse(uri));
  const origins = web.map((uri) => new URL(uri).origin);
  return [...new Set(origins)];
}

const impliedResponseTypes = (grantTypes: readonly string[]) =>
  grantTypes.includes("authorization_code") ? ["code"] : [];

/** Challenger clients always may use `plain` (decisions D5). */
const impliedChallengeMethods = (profile: string): readonly string[] =>
  profile === "challenger" ? ["S256", "plain"] : ["S256"];

/** Words of a list separated by spaces. */
export function words(text: string | undefined): readonly string[] {
  return (text ?? "").split(" ").filter((word) => word !== "");
}
