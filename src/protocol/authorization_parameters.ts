import { Type as t } from "@sinclair/typebox";
import { PROMPTS, RESPONSE_MODES } from "./authorization_types.ts";
import { CLIENT_ID_LENGTH_MAX } from "./client_metadata.ts";
import { THUMBPRINT_PATTERN } from "./dpop.ts";
import { CODE_CHALLENGE_METHODS } from "./pkce.ts";
import { REDIRECT_URI_LENGTH_MAX } from "./redirect_uri.ts";

const text = (
  maxLength: number,
  description: string,
  more: { pattern?: string; examples?: string[] } = {},
) => t.Optional(t.String({ maxLength, description, ...more }));

const choice = (values: readonly string[], description: string) =>
  t.Optional(t.String({ maxLength: 64, enum: [...values], description }));

/** Parameters of an authorization request, with their bounds: validated and documented by these rows. */
export const AuthorizationParameters = t.Object({
  response_type: text(64, "code", { examples: ["code"] }),
  client_id: text(CLIENT_ID_LENGTH_MAX, "The client that asks", { examples: ["my-client"] }),
  redirect_uri: text(REDIRECT_URI_LENGTH_MAX, "Where the answer goes; exactly a registered one", {
    examples: ["https://app.example/callback"],
  }),
  scope: text(4096, "Scopes separated by spaces; absent, the client's default_scope", {
    examples: ["openid"],
  }),
  state: text(4096, "Comes back unchanged"),
  nonce: text(1024, "Comes back in the ID token"),
  code_challenge: text(128, "PKCE challenge; public clients need it (RFC 7636)"),
  code_challenge_method: choice(CODE_CHALLENGE_METHODS, "plain where absent; usually refused"),
  dpop_jkt: text(43, "Thumbprint of the DPoP key that redeems the code (RFC 9449 §10)", {
    pattern: THUMBPRINT_PATTERN,
  }),
  response_mode: choice(RESPONSE_MODES, "How the answer travels"),
  resource: text(20_480, "Resource the token is for; may be repeated (RFC 8707)"),
  prompt: text(64, `${PROMPTS.join(", ")}; several are separated by spaces`),
  max_age: text(10, "Seconds since the last sign-in that are accepted", { pattern: "^[0-9]+$" }),
  login_hint: text(1024, "Login that the sign-in page offers"),
  acr_values: text(1024, "Wanted authentication context classes, best first"),
  ui_locales: text(1024, "Languages of the pages, best first"),
  claims: text(8192, "Single claims asked for, as JSON (OpenID Connect Core §5.5)"),
  id_token_hint: text(16_384, "ID token of the user who is expected to answer"),
  request: text(16_384, "Refused with request_not_supported"),
  request_uri: text(512, "What /par answered; all else is refused"),
});

/** Name of a parameter of an authorization request. */
export type AuthorizationParameter = keyof typeof AuthorizationParameters.properties;
