import type { Client } from "../store/clients.ts";
import type { Session } from "../store/sessions.ts";
import { newId } from "./ids.ts";
import type { Services } from "./services.ts";
import { signJwt } from "./sign_jwt.ts";
import { sessionIdFor } from "./subjects.ts";

/** How long a client may take to accept a logout token, in seconds. */
const LIFETIME_SECONDS = 120;

/** The event that makes a JWT a logout token. */
const LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout";

/** What a logout token is made of. */
export interface LogoutTokenParts {
  readonly client: Client;
  readonly session: Pick<Session, "id">;
  /**
   * `sub` as the client was granted it in the session. What it would be granted now may be another
   * sector's, which the client must not learn by calling itself part of that.
   */
  readonly subject: string;
}

/**
 * The token that tells a client whose session ended (OpenID Connect Back-Channel Logout §2.4). It
 * has no nonce and a type of its own, so that nobody takes it for an ID token.
 */
export function mintLogoutToken(
  { client, session, subject }: LogoutTokenParts,
  services: Services,
): Promise<string> {
  const iat = services.now();
  return signJwt(
    {
      iss: services.issuer,
      aud: client.id,
      sub: subject,
      sid: sessionIdFor(client.id, session.id, services),
      iat,
      exp: iat + LIFETIME_SECONDS,
      jti: newId(),
      events: { [LOGOUT_EVENT]: {} },
    },
    { algorithm: client.idTokenAlgorithm, type: "logout+jwt" },
    services,
  );
}
