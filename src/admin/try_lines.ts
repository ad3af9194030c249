import { s256 } from "../protocol/pkce.ts";
import { DEMO } from "./demo.ts";

/** A request that the demo client sends a browser with; it comes back to the server at `base`. */
export async function authorizeUrl(issuer: string, base: string): Promise<string> {
  const redirectUri = new URL(DEMO.redirectUri);
  redirectUri.port = new URL(base).port;
  const query = new URLSearchParams({
    response_type: "code",
    client_id: DEMO.clientId,
    redirect_uri: redirectUri.href,
    scope: "openid profile email api1",
    state: "demo",
    nonce: "demo",
    code_challenge: await s256(DEMO.codeVerifier),
    code_challenge_method: "S256",
  });
  return `${issuer}/authorize?${query}`;
}

/** Lines that work as pasted into bash, one after the other, against a server at `base`. */
export function tryLines(base: string): readonly string[] {
  const curl = `curl -sS -w '\\n' -u ${DEMO.clientId}:${DEMO.clientSecret}`;
  const memberOf = (name: string) => `sed -E 's/.*"${name}":"([^"]+)".*/\\1/'`;
  const asUser = `-d grant_type=password -d username=${DEMO.username} -d password=${DEMO.password} -d scope=api1`;
  return [
    "# A token for the client itself",
    `${curl} -d grant_type=client_credentials -d scope=api1 ${base}/token`,
    "# Tokens for a user",
    `${curl} ${asUser} ${base}/token`,
    "# New tokens for the refresh token of another sign-in",
    `REFRESH=$(${curl} ${asUser} ${base}/token | ${memberOf("refresh_token")})`,
    `${curl} -d grant_type=refresh_token -d refresh_token="$REFRESH" ${base}/token`,
    "# Is a token alive? Revoke it, and ask again",
    `TOKEN=$(${curl} -d grant_type=client_credentials -d scope=api1 ${base}/token | ${memberOf("access_token")})`,
    `${curl} -d token="$TOKEN" ${base}/introspect`,
    `${curl} -o /dev/null -w 'revoked: %{http_code}\\n' -d token="$TOKEN" ${base}/token/revoke`,
    `${curl} -d token="$TOKEN" ${base}/introspect`,
    "# Send a code that the demo user may enter instead of the password; it is printed where the server runs",
    `${curl} -o /dev/null -w 'code sent: %{http_code}\\n' -d email=${DEMO.email} ${base}/code`,
  ];
}
