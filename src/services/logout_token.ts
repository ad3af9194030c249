import type { Client } from "../store/clients.ts";
import type { Session } from "../store/sessions.ts";
import { newId } from "./ids.ts";
import type { Services } from "./services.ts";
import { signJwt } from "./sign_jwt.ts";
import { sessionIdFor, subjectFor } from "./subjects.ts";

/** How long a client may take to accept a logout token, in seconds. */
const LIFETIME_SECONDS = 120;

/** The event that makes a JWT a logout token. */
const LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout";

/**
 * The token that tells a client whose session ended (OpenID Connect Back-Channel Logout §2.4). It
 * has no nonce and a type of its own, so that nobody takes it for an ID token.
 */
export function mintLogoutToken(
  client: Client,
  session: Session,
  services: Services,
): Promise<string> {
  const iat = services.now();
  return signJwt(
    {
      iss: services.issuer,
      aud: client.id,
      sub: subjectFor(client, { id: session.userId }, services),
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
