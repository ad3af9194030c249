/** From raw parameters to a checked authorization request. Pure: whoever calls it knows the client. */
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { AuthorizationParameters } from "./authorization_parameters.ts";
import {
  type AuthorizationRequest,
  PROMPTS,
  type Prompt,
  RESPONSE_MODES,
} from "./authorization_types.ts";
import { parseClaims, subjectOfClaims } from "./claims_parameter.ts";
import type { ClientMetadata, ClientView } from "./client_metadata.ts";
import { decodeFormValue, type Params, parseForm } from "./form.ts";
import { malformedParameter, missingParameter, OAuthError } from "./oauth_error.ts";
import { CODE_CHALLENGE_METHODS, isCodeChallenge } from "./pkce.ts";
import { isRegisteredRedirectUri, redirectUriFault } from "./redirect_uri.ts";
import { chooseResources } from "./resource.ts";
import { checkScopes, splitScope } from "./scope.ts";

/** What the checks need to know of a client. */
export interface RequestingClient extends ClientView {
  readonly id: string;
  readonly metadata: Pick<ClientMetadata, "default_max_age" | "default_acr_values">;
}

/** Where an answer goes, once client and redirect URI are known good. */
export type Destination = Pick<AuthorizationRequest, "redirectUri" | "responseMode" | "state">;

/** Parameters that could be read, and why others could not. */
export interface ReadParameters {
  readonly params: Params;
  /** Thrown when it is its turn: first client and redirect URI are judged. */
  readonly fault?: OAuthError;
}

/** What decides where an answer goes, and the two parameters that go with it. */
const DESTINATION = ["client_id", "redirect_uri", "response_mode", "state"] as const;

/** Most values that a list such as `acr_values` may name; what follows is ignored. */
const LIST_MAX = 20;

const compiled = TypeCompiler.Compile(AuthorizationParameters);

/**
 * Parses a query or form. A parameter that is repeated or malformed is no reason to leave the
 * client without an answer (RFC 6749 §4.1.2.1), so the fault is kept and the destination still
 * read. Throws what `parseForm` throws when the destination itself cannot be read.
 */
export function readAuthorizationParameters(text: string): ReadParameters {
  try {
    return { params: parseForm(text) };
  } catch (error) {
    if (!(error instanceof OAuthError) || error.parameter === undefined) throw error;
    return { params: destinationParameters(text), fault: error };
  }
}

/**
 * The redirect URI and what else decides where the answer goes. Throws `redirect_uri_missing`,
 * `redirect_uri_malformed` or `redirect_uri_unregistered`, and none of them may be redirected
 * (RFC 9700 §4.11).
 */
export function checkDestination(params: Params, client: RequestingClient): Destination {
  const redirectUri = params.get("redirect_uri");
  if (redirectUri === undefined) throw missingParameter("redirect_uri");
  if (redirectUriFault(redirectUri) !== undefined) throw malformedParameter("redirect_uri");
  if (!isRegisteredRedirectUri(redirectUri, client.redirectUris)) {
    throw new OAuthError("redirect_uri_unregistered");
  }
  const responseMode = RESPONSE_MODES.find((mode) => mode === params.get("response_mode"));
  const state = params.get("state");
  return {
    redirectUri,
    responseMode: responseMode ?? "query",
    ...(state !== undefined && isWithinBounds("state", state) && { state }),
  };
}

/**
 * Checks everything but the destination, in the order in which a developer meets it. `hintedSubject`
 * is the subject of an `id_token_hint` that has been verified. Each throw may be redirected.
 */
export function checkAuthorizationRequest(
  params: Params,
  client: RequestingClient,
  { destination, hintedSubject }: { destination: Destination; hintedSubject?: string | undefined },
): AuthorizationRequest {
  if (params.has("request")) throw new OAuthError("request_object_unsupported");
  if (params.has("request_uri")) throw new OAuthError("request_uri_unsupported");
  checkResponse(params, client);
  checkBounds(params);
  const dpopJkt = params.get("dpop_jkt"); // the key that the code is bound to
  const granted = {
    scope: scopeOf(params, client),
    resource: resourceOf(params, client),
    ...challengeOf(params, client),
    ...(dpopJkt !== undefined && { dpopJkt }),
  };
  return {
    ...destination,
    clientId: client.id,
    ...granted,
    prompt: promptOf(params),
    acrValues: params.has("acr_values")
      ? listOf(params, "acr_values")
      : (client.metadata.default_acr_values ?? []),
    uiLocales: listOf(params, "ui_locales").filter((tag) => /^[A-Za-z0-9-]{1,35}$/.test(tag)),
    ...authenticationOf(params, client, hintedSubject),
  };
}

/**
 * Checks a stored request against what its client is registered for now: sign-in takes its time,
 * and an administrator does not wait. Throws `response_type_refused`, `grant_type_refused`,
 * `scope_refused` or `resource_refused`; each may be redirected.
 */
export function recheckAuthorizationRequest(
  request: AuthorizationRequest,
  client: RequestingClient,
): void {
  checkMayUseCode(client);
  checkScopes(request.scope, client.scopes);
  chooseResources(request.resource.join(" "), client.allowedResources);
}

function destinationParameters(text: string): Params {
  const pairs = text.split("&").filter((pair) => pair !== "");
  const found = new Map<string, string>();
  for (const name of DESTINATION) {
    const own = pairs.filter((pair) => decodeFormValue(pair.split("=")[0] ?? "") === name);
    try {
      for (const [key, value] of parseForm(own.join("&"))) found.set(key, value);
    } catch (error) {
      if (name === "client_id" || name === "redirect_uri") throw error;
    }
  }
  return found;
}

function checkResponse(params: Params, client: RequestingClient): void {
  const mode = params.get("response_mode");
  if (mode !== undefined && !RESPONSE_MODES.some((known) => known === mode)) {
    throw new OAuthError("response_mode_unsupported");
  }
  const type = params.get("response_type");
  if (type === undefined) throw missingParameter("response_type");
  if (type !== "code") throw new OAuthError("response_type_unsupported");
  checkMayUseCode(client);
}

/** Message 23 of the seed, and 22 for a client that could not redeem the code. */
function checkMayUseCode({ id, responseTypes, grantTypes }: RequestingClient): void {
  if (!responseTypes.includes("code")) {
    throw new OAuthError("response_type_refused", { values: [id, "code"] });
  }
  if (!grantTypes.includes("authorization_code")) {
    throw new OAuthError("grant_type_refused", { values: [id, "authorization_code"] });
  }
}

function checkBounds(params: Params): void {
  const known = Object.keys(AuthorizationParameters.properties);
  const value = Object.fromEntries(
    known.flatMap((name) => (params.has(name) ? [[name, params.get(name)]] : [])),
  );
  if (compiled.Check(value)) return;
  throw malformedParameter(compiled.Errors(value).First()?.path.slice(1) ?? "");
}

function isWithinBounds(name: string, value: string): boolean {
  return compiled.Check({ [name]: value });
}

function scopeOf(params: Params, client: RequestingClient): readonly string[] {
  const scope = params.has("scope") ? splitScope(params.get("scope")) : client.defaultScopes;
  if (scope === undefined) throw missingParameter("scope");
  checkScopes(scope, client.scopes);
  return scope;
}

function resourceOf(params: Params, client: RequestingClient): readonly string[] {
  const requested = params.get("resource");
  return requested === undefined ? [] : chooseResources(requested, client.allowedResources);
}

/** The PKCE challenge. A missing method means `plain`, which a client must have registered (RFC 7636 §4.3). */
function challengeOf(
  params: Params,
  client: RequestingClient,
): Pick<AuthorizationRequest, "codeChallenge" | "codeChallengeMethod"> {
  const codeChallenge = params.get("code_challenge");
  const named = params.get("code_challenge_method");
  if (codeChallenge === undefined) {
    if (client.requirePkce) throw new OAuthError("pkce_required", { values: [client.id] });
    if (named !== undefined) throw missingParameter("code_challenge");
    return {};
  }
  const method = CODE_CHALLENGE_METHODS.find((known) => known === (named ?? "plain"));
  if (method === undefined || !client.codeChallengeMethods.includes(method)) {
    throw malformedParameter("code_challenge_method");
  }
  if (!isCodeChallenge(codeChallenge, method)) throw malformedParameter("code_challenge");
  return { codeChallenge, codeChallengeMethod: method };
}

function promptOf(params: Params): readonly Prompt[] {
  const prompts = listOf(params, "prompt").map((word) => {
    const prompt = PROMPTS.find((known) => known === word);
    if (prompt === undefined) throw malformedParameter("prompt");
    return prompt;
  });
  // OpenID Connect Core §3.1.2.1: none stands alone.
  if (prompts.includes("none") && prompts.length > 1) throw malformedParameter("prompt");
  return prompts;
}

function maxAgeOf(params: Params, { metadata }: RequestingClient): number | undefined {
  const text = params.get("max_age");
  return text === undefined ? metadata.default_max_age : Number(text);
}

/** Who should answer, how freshly signed in, and what the ID token should tell. */
function authenticationOf(
  params: Params,
  client: RequestingClient,
  hinted: string | undefined,
): Pick<AuthorizationRequest, "nonce" | "maxAge" | "loginHint" | "hintedSubject" | "claims"> {
  const [nonce, loginHint, text] = ["nonce", "login_hint", "claims"].map((n) => params.get(n));
  const maxAge = maxAgeOf(params, client);
  const claims = text === undefined ? undefined : parseClaims(text);
  const hintedSubject = oneSubject(hinted, subjectOfClaims(claims));
  return {
    ...(nonce !== undefined && { nonce }),
    ...(maxAge !== undefined && { maxAge }),
    ...(loginHint !== undefined && { loginHint }),
    ...(hintedSubject !== undefined && { hintedSubject }),
    ...(claims && { claims }),
  };
}

/** Two ways to name the user who must answer; two users cannot both answer. */
function oneSubject(hinted: string | undefined, claimed: string | undefined): string | undefined {
  if (hinted !== undefined && claimed !== undefined && hinted !== claimed) {
    throw malformedParameter("claims");
  }
  return hinted ?? claimed;
}

function listOf(params: Params, name: string): readonly string[] {
  return [...new Set(splitScope(params.get(name)))].slice(0, LIST_MAX);
}
