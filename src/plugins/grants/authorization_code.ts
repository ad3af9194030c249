import { defineGrant, OAuthError, type Services, t } from "../../plugin.ts";
import { type CodeChallenge, provesChallenge } from "../../protocol/pkce.ts";
import { isRegisteredRedirectUri, REDIRECT_URI_LENGTH_MAX } from "../../protocol/redirect_uri.ts";
import type { Confirmation } from "../../protocol/token_claims.ts";
import { isAuthorizationLive } from "../../services/recognize_token.ts";
import type { Authorization, Code } from "../../store/authorizations.ts";
import type { Client } from "../../store/clients.ts";
import { OpaqueParameter } from "./parameters.ts";

/** A code from the authorization endpoint (RFC 6749 §4.1.3), bound by PKCE (RFC 7636). */
export const authorizationCode = defineGrant({
  grantType: "authorization_code",
  source: "RFC 6749 §4.1.3",
  clients: "any",
  errors: [
    "code_missing",
    "redirect_uri_missing",
    "redirect_uri_malformed",
    "response_type_refused",
    "code_incorrect",
    "code_foreign",
    "code_redirect_uri_mismatch",
    "code_redirect_uri_unregistered",
    "code_verifier_incorrect",
    "code_key_mismatch",
    "code_expired",
  ],
  params: t.Object({
    code: OpaqueParameter("The code that arrived at the redirect URI", "tsc_CkhwVqcA"),
    redirect_uri: t.String({
      maxLength: REDIRECT_URI_LENGTH_MAX,
      format: "absolute-uri",
      description: "The redirect_uri of the authorization request, byte for byte",
      examples: ["https://app.example/callback"],
    }),
    code_verifier: t.Optional(
      t.String({
        maxLength: 1024,
        description: "The PKCE verifier (RFC 7636 §4.1)",
        examples: ["dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"],
      }),
    ),
  }),

  async prove({ client, params, shown, now }, services) {
    const found = await findCode(params.code, services);
    await checkCode(found, { client, params, shown, now }, services);
    const { code, authorization } = found;
    if (code.consumedAt !== null) await refuseReuse(authorization, services);
    return {
      subject: authorization.subject,
      ...(authorization.userId !== null && { userId: authorization.userId }),
      scope: authorization.scope,
      resource: authorization.resource,
      authorization,
      refresh: true,
      async spend() {
        if (!(await services.store.consumeCode(code.key, now))) {
          await refuseReuse(authorization, services);
        }
        return {};
      },
    };
  },
});

interface FoundCode {
  readonly code: Code;
  readonly authorization: Authorization;
}

async function findCode(text: string, { secret, store }: Services): Promise<FoundCode> {
  const opaque = secret.readOpaque(text);
  const found = opaque?.kind === "code" ? await store.findCode(opaque.key) : undefined;
  if (!found) throw new OAuthError("code_incorrect", { cause: opaque ? "unknown" : "forged" });
  return found;
}

interface Redemption {
  readonly client: Client;
  readonly params: { readonly redirect_uri: string; readonly code_verifier?: string };
  readonly shown: Confirmation;
  readonly now: number;
}

/** The order of decisions D3: owner, redirect URI, verifier, key, expiry. Being spent is judged last. */
async function checkCode(
  { code, authorization }: FoundCode,
  { client, params, shown, now }: Redemption,
  services: Services,
): Promise<void> {
  if (code.clientId !== client.id) throw new OAuthError("code_foreign", { values: [client.id] });
  if (code.redirectUri !== params.redirect_uri) throw new OAuthError("code_redirect_uri_mismatch");
  if (!isRegisteredRedirectUri(code.redirectUri, client.redirectUris)) {
    throw new OAuthError("code_redirect_uri_unregistered", { values: [code.redirectUri] });
  }
  const challenge = challengeOf(code, client);
  if (!(await provesChallenge(params.code_verifier, challenge))) {
    throw new OAuthError("code_verifier_incorrect");
  }
  if (code.dpopJkt !== null && code.dpopJkt !== shown.jkt) {
    throw new OAuthError("code_key_mismatch", { cause: shown.jkt ? "another key" : "no proof" });
  }
  if (code.expiresAt <= now) throw new OAuthError("code_expired");
  if (!(await isAuthorizationLive(authorization, services))) {
    throw new OAuthError("code_incorrect", { cause: "expired, revoked or disabled" });
  }
  if (await isSignedOut(authorization, services)) {
    throw new OAuthError("code_incorrect", { cause: "signed out" });
  }
}

/**
 * Whether the session that the code came from is gone (decisions D5). Signing out revokes what it
 * sees; this catches a code that was written by a request which had read the session before.
 */
async function isSignedOut(
  { sessionId, scope }: Authorization,
  { store }: Services,
): Promise<boolean> {
  if (sessionId === null || scope.includes("offline_access")) return false;
  return (await store.findSession(sessionId)) === undefined;
}

/** The stored challenge. Fails closed where PKCE is obligatory and the store has none, or half of one. */
function challengeOf(code: Code, client: Client): CodeChallenge | undefined {
  const { codeChallenge: challenge, codeChallengeMethod: method } = code;
  if (challenge === null && method === null && !client.requirePkce) return undefined;
  if (challenge === null || method === null || !client.codeChallengeMethods.includes(method)) {
    throw new OAuthError("code_verifier_incorrect", { cause: "no usable challenge is stored" });
  }
  return { challenge, method };
}

/** A code that comes back takes what it gave with it (RFC 6749 §4.1.2). */
async function refuseReuse(authorization: Authorization, services: Services): Promise<never> {
  const { id, clientId, userId } = authorization;
  await services.store.revokeAuthorization(id, services.now());
  await services.audit.record("code.reused", {
    clientId,
    userId: userId ?? undefined,
    details: { authorization_id: id },
  });
  throw new OAuthError("code_incorrect", { cause: "spent" });
}
