import { isCovered } from "../protocol/authorization_step.ts";
import { type AuthorizationRequest, acrOf } from "../protocol/authorization_types.ts";
import { coveredClaims, wishedScopes } from "../protocol/claims.ts";
import type { Client } from "../store/clients.ts";
import type { Session } from "../store/sessions.ts";
import type { User } from "../store/users.ts";
import { newAuthorization } from "./issue_tokens.ts";
import type { Services } from "./services.ts";
import { subjectFor } from "./subjects.ts";

/** What is granted: the parts of an authorization request that outlive it. */
export type GrantedRequest = Pick<
  AuthorizationRequest,
  | "redirectUri"
  | "scope"
  | "resource"
  | "nonce"
  | "codeChallenge"
  | "codeChallengeMethod"
  | "dpopJkt"
  | "claims"
>;

/** Everything a code stands for; all of it has been checked. */
export interface CodeParts {
  readonly client: Client;
  readonly user: User;
  readonly request: GrantedRequest;
  /** The session in which the user agreed; absent when an administrator issues the code. */
  readonly session?: Pick<Session, "id" | "authTime" | "amr"> | undefined;
  /** When the user signed in, where an administrator says so without a session. */
  readonly authTime?: number;
  /** Whether it all rests on the user's stored consent, which he may withdraw meanwhile. */
  readonly consented?: boolean;
}

/**
 * Writes an authorization and the code that stands for it, and returns the code (RFC 6749 §4.1.2).
 * It lives `CODE_LIFETIME_SECONDS` from now, however often it is read. If the user signed out or
 * withdrew his consent in the meantime, the code is dead already.
 */
export async function issueCode(parts: CodeParts, services: Services): Promise<string> {
  const { client, user, request, session } = parts;
  const { secret, store, settings, audit, now } = services;
  const granted = newAuthorization(
    client,
    {
      subject: subjectFor(client, user, services),
      userId: user.id,
      scope: request.scope,
      refresh: true,
      ...(session && { authentication: { authTime: session.authTime, amr: session.amr } }),
    },
    { resource: request.resource, services },
  );
  const authorization = {
    ...granted,
    authTime: session?.authTime ?? parts.authTime ?? null,
    acr: session ? acrOf(session.amr) : null,
    nonce: request.nonce ?? null,
    // Consent was to these wishes; what the client registers for later is not among them.
    claims: request.claims
      ? coveredClaims(request.claims, wishedScopes(request, client.scopes))
      : null,
    sessionId: session?.id ?? null,
  };
  const { text, key } = secret.mintOpaque("code", now());
  const code = {
    key,
    authorizationId: authorization.id,
    clientId: client.id,
    redirectUri: request.redirectUri,
    codeChallenge: request.codeChallenge ?? null,
    codeChallengeMethod: request.codeChallengeMethod ?? null,
    dpopJkt: request.dpopJkt ?? null,
    expiresAt: now() + settings.codeLifetimeSeconds,
    consumedAt: null,
  };
  await store.insertCode(code, authorization);
  // Judged after the writing: whoever ends the grounds later than this read sees the authorization.
  if (!(await standsStill(parts, services))) await store.revokeAuthorization(granted.id, now());
  await audit.record(session ? "authorization.created" : "code.issued", {
    clientId: client.id,
    userId: user.id,
    details: { authorization_id: authorization.id, scope: request.scope.join(" ") },
  });
  return text;
}

/**
 * Whether the session and the consent that the code rests on are still there. A consent that was
 * withdrawn, and given again for something else meanwhile, is not.
 */
async function standsStill(
  { client, user, session, request, consented }: CodeParts,
  { store }: Services,
): Promise<boolean> {
  const [signedIn, agreed] = await Promise.all([
    session === undefined || store.findSession(session.id),
    consented === true ? store.findConsent(user.id, client.id) : undefined,
  ]);
  const wishes = { scope: wishedScopes(request, client.scopes), resource: request.resource };
  return Boolean(signedIn) && (consented !== true || isCovered(wishes, agreed));
}
