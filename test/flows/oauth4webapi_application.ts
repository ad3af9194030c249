/** An application that speaks to a server through `oauth4webapi`, whose functions come in pairs. */
import * as oauth from "oauth4webapi";
import { orderCode, type ServerProcess } from "../support/process.ts";
import { SECRET } from "./parties.ts";

/** The issuer is plain HTTP on loopback, which the library takes only when told. */
export const insecure = { [oauth.allowInsecureRequests]: true } as const;

/** What the application does; each rejects with the library's own errors. */
export type Application = Awaited<ReturnType<typeof application>>;

/** Discovers the server (RFC 8414). */
export async function application(server: ServerProcess) {
  const issuer = new URL(server.issuer);
  const found = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure });
  const as = await oauth.processDiscoveryResponse(issuer, found);

  async function clientCredentials(
    clientId: string,
    auth: oauth.ClientAuth,
    parameters: Record<string, string> = { scope: "api:read" },
  ) {
    const client = { client_id: clientId };
    const response = await oauth.clientCredentialsGrantRequest(
      as,
      client,
      auth,
      parameters,
      insecure,
    );
    return oauth.processClientCredentialsResponse(as, client, response);
  }

  /** Orders a code, and redeems it as the application would after its redirect. */
  async function redeem(clientId: string, redirectUri: string, auth: oauth.ClientAuth) {
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const code = await orderCode(server, {
      client: clientId,
      user: "ada",
      redirectUri,
      scope: "api:read offline_access",
      challenge: await oauth.calculatePKCECodeChallenge(verifier),
    });
    const client = { client_id: clientId };
    const answer = new URLSearchParams({ code, state, iss: server.issuer });
    const callback = new URL(`${redirectUri}?${answer}`);
    const parameters = oauth.validateAuthResponse(as, client, callback, state);
    const send = async (codeVerifier: string) =>
      oauth.processAuthorizationCodeResponse(
        as,
        client,
        await oauth.authorizationCodeGrantRequest(
          as,
          client,
          auth,
          parameters,
          redirectUri,
          codeVerifier,
          insecure,
        ),
      );
    return { verifier, send };
  }

  async function refresh(clientId: string, auth: oauth.ClientAuth, token: string | undefined) {
    const client = { client_id: clientId };
    const response = await oauth.refreshTokenGrantRequest(as, client, auth, `${token}`, insecure);
    return oauth.processRefreshTokenResponse(as, client, response);
  }

  async function introspect(clientId: string, token: string | undefined) {
    const client = { client_id: clientId };
    const auth = oauth.ClientSecretBasic(SECRET);
    const response = await oauth.introspectionRequest(as, client, auth, `${token}`, insecure);
    return oauth.processIntrospectionResponse(as, client, response);
  }

  async function revoke(clientId: string, auth: oauth.ClientAuth, token: string | undefined) {
    const client = { client_id: clientId };
    const response = await oauth.revocationRequest(as, client, auth, `${token}`, insecure);
    return oauth.processRevocationResponse(response);
  }

  return { as, clientCredentials, redeem, refresh, introspect, revoke };
}
