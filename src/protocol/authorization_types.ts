/** Values of `response_mode` (OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode). */
export const RESPONSE_MODES = ["query", "fragment", "form_post"] as const;

/** One value of `response_mode`. */
export type ResponseMode = (typeof RESPONSE_MODES)[number];

/** Values of `prompt` (OpenID Connect Core §3.1.2.1). */
export const PROMPTS = ["none", "login", "consent", "select_account"] as const;

/** One value of `prompt`. */
export type Prompt = (typeof PROMPTS)[number];

/** What is asked of one claim; null asks for it voluntarily. */
export interface ClaimRequest {
  readonly essential?: boolean;
  readonly value?: unknown;
  readonly values?: readonly unknown[];
}

/** The `claims` parameter (OpenID Connect Core §5.5). */
export interface ClaimsRequest {
  readonly userinfo?: Readonly<Record<string, ClaimRequest | null>>;
  readonly id_token?: Readonly<Record<string, ClaimRequest | null>>;
}

/** An authorization request whose client, redirect URI and parameters have been checked. */
export interface AuthorizationRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly responseMode: ResponseMode;
  readonly scope: readonly string[];
  readonly resource: readonly string[];
  readonly state?: string;
  readonly nonce?: string;
  readonly codeChallenge?: string;
  readonly codeChallengeMethod?: "S256" | "plain";
  /** Thumbprint of the key that the code is bound to (RFC 9449 §10). */
  readonly dpopJkt?: string;
  readonly prompt: readonly Prompt[];
  /** Seconds since the last sign-in that the client accepts; 0 asks for a new one. */
  readonly maxAge?: number;
  readonly loginHint?: string;
  /** Subject of the ID token that the client showed as `id_token_hint`; nobody else may answer. */
  readonly hintedSubject?: string;
  readonly acrValues: readonly string[];
  readonly uiLocales: readonly string[];
  readonly claims?: ClaimsRequest;
}

/** Scopes and resources that a user agreed to. */
export interface AgreedWishes {
  readonly scope: readonly string[];
  readonly resource: readonly string[];
}

/** What the user did within one interaction. */
export interface InteractionFacts {
  /** Session that signed in, or was chosen, within this interaction. */
  readonly sessionId?: string;
  /** When the user signed in within this interaction; satisfies `prompt=login` and `max_age`. */
  readonly signedInAt?: number;
  /** Whether the user chose the account to go on with; satisfies `prompt=select_account`. */
  readonly accountChosen?: boolean;
  /** What the user agreed to out of the client's wishes, as he was shown them. */
  readonly consent?: AgreedWishes | "refused";
}

/** Values of `acr`: a password alone, or a second factor beside it. */
export const ACR = { password: "urn:tessera:pwd", secondFactor: "urn:tessera:mfa" } as const;

/** The authentication context class that methods amount to (RFC 8176 names them). */
export function acrOf(amr: readonly string[]): string {
  return amr.includes("mfa") ? ACR.secondFactor : ACR.password;
}

/** What the discovery documents say of the authorization endpoint (RFC 8414 §2, OpenID Connect Discovery §3). */
export const AUTHORIZATION_FACTS = {
  response_types_supported: ["code"],
  response_modes_supported: RESPONSE_MODES,
  prompt_values_supported: PROMPTS,
  acr_values_supported: Object.values(ACR),
  code_challenge_methods_supported: ["S256"],
  claims_parameter_supported: true,
  request_parameter_supported: false,
  request_uri_parameter_supported: false,
  require_pushed_authorization_requests: false,
  authorization_response_iss_parameter_supported: true,
} as const;

/** Paths of the endpoints that take authorization requests, below the issuer. */
export const AUTHORIZATION_PATHS = {
  authorization_endpoint: "/authorize",
  pushed_authorization_request_endpoint: "/par",
} as const;
