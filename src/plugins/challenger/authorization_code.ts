import { defineGrant, OAuthError, type Services, t } from "../../plugin.ts";
import { DAY } from "../../protocol/number_setting.ts";
import { provesChallenge } from "../../protocol/pkce.ts";
import { REDIRECT_URI_LENGTH_MAX } from "../../protocol/redirect_uri.ts";
import { findChallengeOfCode } from "../../services/challenge_code.ts";
import type { ChallengeProcess } from "../../services/challenges.ts";
import { newAuthorization } from "../../services/issue_tokens.ts";
import type { Authorization } from "../../store/authorizations.ts";
import type { Challenge } from "../../store/challenges.ts";
import type { Client } from "../../store/clients.ts";
import { authorizationCode } from "../grants/authorization_code.ts";

/** A code that was earned by entering the PIN (challenger.md B.4). */
export const challengerCode = defineGrant({
  grantType: "authorization_code",
  source: "Challenger REST API, /token",
  clients: "confidential",
  errors: [
    "code_missing",
    "redirect_uri_missing",
    "redirect_uri_malformed",
    "code_redirect_uri_unregistered",
    "code_undecodable",
    "code_process_unknown",
    "code_address_missing",
    "code_incorrect",
    "code_verifier_incorrect",
  ],
  params: t.Object({
    code: t.String({
      maxLength: 4096,
      description: "The code that arrived at the redirect URI: nonce, hyphen, MAC",
      examples: ["91JPRV3F5GG7EXVJDHJPRV3F5GG4Y0S5CSM6YRKED5S66TK5E9J0-D1JPRV3F"],
    }),
    redirect_uri: t.String({
      maxLength: REDIRECT_URI_LENGTH_MAX,
      format: "absolute-uri",
      description: "The client's redirect URI, byte for byte",
      examples: ["https://exchange.example/kyc-proof/mail"],
    }),
    code_verifier: t.Optional(
      t.String({ maxLength: 1024, description: "The PKCE verifier (RFC 7636 §4.1)" }),
    ),
  }),

  async prove(request, services) {
    const { client, params, now } = request;
    // A client of this profile may use our /authorize too; the codes from there tell themselves apart.
    if (services.secret.readOpaque(params.code)) return authorizationCode.prove(request, services);
    if (!client.redirectUris.includes(params.redirect_uri)) {
      throw new OAuthError("code_redirect_uri_unregistered", { values: [params.redirect_uri] });
    }
    const { challenge } = await checkCode(
      await findChallengeOfCode(params.code, services),
      request,
    );
    if (challenge.spentAt !== null) await refuseReuse(challenge, services);
    const authorization = authorizationOf(challenge, client, { ...services, now: () => now });
    return {
      subject: authorization.subject,
      scope: [],
      authorization,
      refresh: false,
      lifetimeSeconds: tokenSeconds(services),
      async spend() {
        if (!(await services.store.spendChallenge(challenge.id, authorization, now))) {
          const spent = await services.store.findChallenge(challenge.id);
          await refuseReuse(spent ?? challenge, services);
        }
        return {};
      },
    };
  },
});

interface Redemption {
  readonly client: Client;
  readonly params: { readonly redirect_uri: string; readonly code_verifier?: string };
}

/** What the process was begun and authorized with must be what redeems it. */
async function checkCode(
  process: ChallengeProcess,
  { client, params }: Redemption,
): Promise<ChallengeProcess> {
  const { clientId, redirectUri, codeChallenge, codeChallengeMethod } = process.challenge;
  if (clientId !== client.id) throw new OAuthError("code_incorrect", { cause: "another client's" });
  if (redirectUri !== params.redirect_uri) {
    throw new OAuthError("code_incorrect", { cause: "authorized for another redirect URI" });
  }
  const stored =
    codeChallenge !== null && codeChallengeMethod !== null
      ? { challenge: codeChallenge, method: codeChallengeMethod }
      : undefined;
  if (!(await provesChallenge(params.code_verifier, stored))) {
    throw new OAuthError("code_verifier_incorrect");
  }
  return process;
}

/** A process may wait for a letter; its token, which is redeemed at once, lives a day at most. */
const tokenSeconds = ({ settings }: Services): number =>
  Math.min(settings.challengeLifetimeSeconds, DAY);

/** What the access token stands on: nobody of ours, but whoever can be reached at the address. */
function authorizationOf({ number }: Challenge, client: Client, services: Services): Authorization {
  const issuance = { subject: String(number), scope: [], refresh: false };
  const authorization = newAuthorization(client, issuance, { resource: [], services });
  const expiresAt = services.now() + tokenSeconds(services);
  return { ...authorization, expiresAt };
}

/** A code that comes back takes what it gave with it (RFC 6749 §4.1.2). */
async function refuseReuse(
  { authorizationId, clientId }: Challenge,
  { store, audit, now }: Services,
): Promise<never> {
  if (authorizationId !== null) {
    await store.revokeAuthorization(authorizationId, now());
    const details = { authorization_id: authorizationId };
    await audit.record("code.reused", { clientId, details });
  }
  throw new OAuthError("code_incorrect", { cause: "spent" });
}
