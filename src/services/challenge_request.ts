import type { Params } from "../protocol/form.ts";
import { malformedParameter, missingParameter, OAuthError } from "../protocol/oauth_error.ts";
import { CODE_CHALLENGE_METHODS, isCodeChallenge } from "../protocol/pkce.ts";
import type { ChallengeRequest } from "../store/challenges.ts";
import type { Client } from "../store/clients.ts";
import { type ChallengeProcess, findChallenge } from "./challenges.ts";
import type { Services } from "./services.ts";

/** Longest `state`, in characters. */
export const STATE_LENGTH_MAX = 4096;

/**
 * Binds a process to the request that brings the user agent: where its code goes, with which state,
 * and for which verifier. It may come again until the process is solved, and then changes nothing.
 * Throws `challenge_unknown`, `challenge_redirect_uri_refused`, and the rows of parameters.
 */
export async function authorizeChallenge(
  nonce: string,
  query: Params,
  services: Services,
): Promise<ChallengeProcess> {
  const process = await findChallenge(nonce, services);
  const request = checkRequest(query, process.client);
  const { store, now } = services;
  const written = await store.writeChallengeRequest(process.challenge.id, request, now());
  // Solved meanwhile, or over.
  return written ? { ...process, challenge: written } : findChallenge(nonce, services);
}

/** Checks the query in the order in which the protocol lists it; `scope` may be anything. */
function checkRequest(query: Params, client: Client): ChallengeRequest {
  const responseType = required(query, "response_type");
  if (responseType !== "code") throw malformedParameter("response_type");
  if (required(query, "client_id") !== client.id) throw new OAuthError("challenge_unknown");
  const redirectUri = required(query, "redirect_uri");
  if (!client.redirectUris.includes(redirectUri)) {
    throw new OAuthError("challenge_redirect_uri_refused");
  }
  const state = query.get("state") ?? null;
  if (state !== null && state.length > STATE_LENGTH_MAX) throw malformedParameter("state");
  return { redirectUri, state, ...checkChallenge(query, client) };
}

function required(query: Params, name: string): string {
  const value = query.get(name);
  if (value === undefined) throw missingParameter(name);
  return value;
}

/** A method without a challenge would leave the code unbound, which its sender does not expect. */
function checkChallenge(
  query: Params,
  client: Client,
): Pick<ChallengeRequest, "codeChallenge" | "codeChallengeMethod"> {
  const codeChallenge = query.get("code_challenge");
  const name = query.get("code_challenge_method");
  if (codeChallenge === undefined) {
    if (name !== undefined || client.requirePkce) throw missingParameter("code_challenge");
    return { codeChallenge: null, codeChallengeMethod: null };
  }
  // RFC 7636 §4.3
  const method = CODE_CHALLENGE_METHODS.find((known) => known === (name ?? "plain"));
  if (method === undefined || !client.codeChallengeMethods.includes(method)) {
    throw malformedParameter("code_challenge_method");
  }
  if (!isCodeChallenge(codeChallenge, method)) throw malformedParameter("code_challenge");
  return { codeChallenge, codeChallengeMethod: method };
}
