import { malformedParameter, missingParameter, OAuthError } from "../protocol/oauth_error.ts";
import { CODE_CHALLENGE_METHODS, type CodeChallenge, isCodeChallenge } from "../protocol/pkce.ts";
import { isRegisteredRedirectUri } from "../protocol/redirect_uri.ts";
import { chooseResources } from "../protocol/resource.ts";
import { checkScopes } from "../protocol/scope.ts";
import type { Client } from "../store/clients.ts";
import type { GrantedRequest } from "./issue_code.ts";

/** Longest `nonce`, in characters. */
const NONCE_LENGTH_MAX = 512;

/** What a client asks of a user's authorization, by the parameters of RFC 6749 §4.1.1 and its kin. */
export interface CodeRequest {
  readonly client: Client;
  readonly redirectUri: string;
  readonly scope: readonly string[];
  readonly resource: readonly string[];
  readonly nonce: string | undefined;
  readonly codeChallenge: string | undefined;
  /** Absent means `plain` (RFC 7636 §4.3). */
  readonly codeChallengeMethod: string | undefined;
}

/** A request whose every parameter has been checked. */
export interface CheckedCodeRequest extends Omit<CodeRequest, "codeChallengeMethod"> {
  readonly challenge: CodeChallenge | undefined;
}

/**
 * Checks client and redirect URI: before both are right, nothing may be sent to that address
 * (RFC 9700 §4.11). Throws `client_unknown` or `code_redirect_uri_unregistered`.
 */
export function checkRedirection(client: Client, redirectUri: string): void {
  if (client.disabledAt !== null) throw new OAuthError("client_unknown", { cause: "disabled" });
  if (!isRegisteredRedirectUri(redirectUri, client.redirectUris)) {
    throw new OAuthError("code_redirect_uri_unregistered", { values: [redirectUri] });
  }
}

/**
 * Checks a request for a code against the client's registration. Throws what `checkRedirection`
 * throws, then `grant_type_refused`, `response_type_refused`, `scope_refused`, `scope_repeated`,
 * `resource_refused`, and the rows of missing or malformed parameters.
 */
export function checkCodeRequest(request: CodeRequest): CheckedCodeRequest {
  const { client, redirectUri, scope, resource, nonce } = request;
  checkRedirection(client, redirectUri);
  if (!client.grantTypes.includes("authorization_code")) {
    throw new OAuthError("grant_type_refused", { values: [client.id, "authorization_code"] });
  }
  if (!client.responseTypes.includes("code")) {
    throw new OAuthError("response_type_refused", { values: [client.id, "code"] });
  }
  checkScopes(scope, client.scopes);
  if ((nonce?.length ?? 0) > NONCE_LENGTH_MAX) throw malformedParameter("nonce");
  return {
    ...request,
    resource: chooseResources(resource.join(" "), client.allowedResources),
    challenge: checkChallenge(request),
  };
}

/** The challenge, by a method that the client registered; obligatory where PKCE is (RFC 7636 §4.4.1). */
function checkChallenge({
  client,
  codeChallenge: challenge,
  codeChallengeMethod,
}: CodeRequest): CodeChallenge | undefined {
  if (challenge === undefined) {
    const needed = client.requirePkce || codeChallengeMethod !== undefined;
    if (needed) throw missingParameter("code_challenge");
    return undefined;
  }
  const method = CODE_CHALLENGE_METHODS.find((name) => name === (codeChallengeMethod ?? "plain"));
  if (method === undefined || !client.codeChallengeMethods.includes(method)) {
    throw malformedMethod(client.codeChallengeMethods);
  }
  if (!isCodeChallenge(challenge, method)) throw malformedParameter("code_challenge");
  return { challenge, method };
}

function malformedMethod(allowed: readonly string[]): OAuthError {
  const values = ["code_challenge_method"];
  return new OAuthError("parameter_malformed", {
    values,
    parameter: "code_challenge_method",
    cause: `the client may use ${allowed.join(", ")}; absent means plain`,
  });
}

/** What of a checked request outlives it. */
export function grantedRequest(checked: CheckedCodeRequest): GrantedRequest {
  const { redirectUri, scope, resource, nonce, challenge } = checked;
  return {
    redirectUri,
    scope,
    resource,
    ...(nonce !== undefined && { nonce }),
    ...(challenge && {
      codeChallenge: challenge.challenge,
      codeChallengeMethod: challenge.method,
    }),
  };
}
