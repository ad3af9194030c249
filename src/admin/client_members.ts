import type { Input, Option } from "./command.ts";

/** A flag of `client add` and the member of the metadata that it fills. */
interface Member {
  readonly flag: string;
  readonly member: string;
  readonly kind: "text" | "list" | "truth";
  /** What stands for the value in the usage text. */
  readonly value?: string;
  readonly help: string;
}

const list = (flag: string, member: string, value: string, help: string): Member => ({
  flag,
  member,
  kind: "list",
  value,
  help,
});
const text = (flag: string, member: string, value: string, help: string): Member => ({
  flag,
  member,
  kind: "text",
  value,
  help,
});
const truth = (flag: string, member: string, help: string): Member => ({
  flag,
  member,
  kind: "truth",
  help,
});

const MEMBERS: readonly Member[] = [
  text("id", "client_id", "ID", "Its id; a new UUID without it"),
  text("secret", "client_secret", "SECRET", "Its secret; 256 random bits without it"),
  text("name", "client_name", "NAME", "What people know it by"),
  list("grant-type", "grant_types", "TYPE", "A grant type; authorization_code without any"),
  list("response-type", "response_types", "TYPE", "A response type; what the grants imply"),
  text("scope", "scope", "SCOPES", "Scopes it may ask for, separated by spaces"),
  text("default-scope", "default_scope", "SCOPES", "Scopes it gets when it asks for none"),
  list("redirect-uri", "redirect_uris", "URI", "Where its codes go, byte for byte"),
  text("auth-method", "token_endpoint_auth_method", "METHOD", "client_secret_basic without it"),
  text("profile", "profile", "PROFILE", "oauth (default) or challenger"),
  text("access-token-format", "access_token_format", "FORMAT", "at+jwt (default) or opaque"),
  list("resource", "resource", "URI", "A resource server's own URI: it may introspect its tokens"),
  list("allowed-resource", "allowed_resources", "URI", "A resource it may ask tokens for"),
  truth("require-pkce", "require_pkce", "Refuse codes without a PKCE challenge"),
  list("code-challenge-method", "code_challenge_methods", "METHOD", "S256 (default) or plain"),
  truth("introspect-any", "introspect_any", "Let it introspect every token"),
  text("application-type", "application_type", "TYPE", "web (default) or native"),
  list("allowed-origin", "allowed_origins", "ORIGIN", "Whose pages may call; its redirect URIs'"),
  list("post-logout-redirect-uri", "post_logout_redirect_uris", "URI", "Where sign-out may lead"),
  text("backchannel-logout-uri", "backchannel_logout_uri", "URL", "Where logout tokens go"),
  text(
    "id-token-alg",
    "id_token_signed_response_alg",
    "ALG",
    "RS256 (default), PS256, ES256, EdDSA",
  ),
  text("subject-type", "subject_type", "TYPE", "public (default) or pairwise"),
  truth("require-par", "require_pushed_authorization_requests", "Take pushed requests only"),
  truth("dpop-bound", "dpop_bound_access_tokens", "No tokens without a DPoP proof"),
  truth("dpop-nonce", "require_dpop_nonce", "Ask its DPoP proofs for a nonce of ours"),
  text(
    "tls-subject-dn",
    "tls_client_auth_subject_dn",
    "DN",
    "Subject of its certificate, RFC 4514",
  ),
  text("tls-san-dns", "tls_client_auth_san_dns", "NAME", "Or a DNS name in its certificate"),
  text("tls-san-uri", "tls_client_auth_san_uri", "URI", "Or a URI in it"),
  text("tls-san-ip", "tls_client_auth_san_ip", "ADDRESS", "Or an IP address in it"),
  text("tls-san-email", "tls_client_auth_san_email", "ADDRESS", "Or an e-mail address in it"),
  truth("certificate-bound", "tls_client_certificate_bound_access_tokens", "Bind its tokens to it"),
  truth("confirmation-codes", "confirmation_codes", "Let it send codes by POST /code"),
  truth("skip-consent", "skip_consent", "The operator's own: users are not asked for consent"),
  truth("uma-owner-delegation", "uma_owner_delegation", "Let it register resources of users"),
  list("contact", "contacts", "ADDRESS", "Somebody responsible"),
  text("client-uri", "client_uri", "URL", "Its page"),
  text("logo-uri", "logo_uri", "URL", "Its picture"),
  text("policy-uri", "policy_uri", "URL", "How it treats data"),
  text("tos-uri", "tos_uri", "URL", "Its terms"),
  text("jwks-uri", "jwks_uri", "URL", "Where its public keys are"),
  text("auth-signing-alg", "token_endpoint_auth_signing_alg", "ALG", "What its assertions must be"),
  text(
    "auth-encryption-alg",
    "token_endpoint_auth_encryption_alg",
    "ALG",
    "How it must encrypt them",
  ),
  text("auth-encryption-enc", "token_endpoint_auth_encryption_enc", "ENC", "And their content"),
  text(
    "assertion-audience",
    "assertion_audience",
    "KIND",
    "issuer (default) or token_endpoint too",
  ),
];

/** The options of `client add`. */
export const MEMBER_OPTIONS: Readonly<Record<string, Option>> = Object.fromEntries(
  MEMBERS.map(({ flag, kind, value, help }) => [
    flag,
    {
      type: kind === "truth" ? "boolean" : "string",
      ...(value !== undefined && { value }),
      ...(kind === "list" && { multiple: true }),
      help,
    },
  ]),
);

/** The metadata that the flags describe; members whose flag is absent are absent. */
export function membersOf(input: Input): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    MEMBERS.flatMap(({ flag, member, kind }): [string, unknown][] => {
      if (kind === "truth") return input.flag(flag) ? [[member, true]] : [];
      if (kind === "text") {
        const value = input.text(flag);
        return value === undefined ? [] : [[member, value]];
      }
      const values = input.texts(flag);
      return values.length === 0 ? [] : [[member, values]];
    }),
  );
}
