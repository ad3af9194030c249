/** A relying party that speaks through `oauth4webapi`, before a server on a real port. */
import * as oauth from "oauth4webapi";
import type { DatabaseName } from "../support/databases.ts";
import { importParties, type ServerProcess, serverProcess } from "../support/process.ts";
import type { RelyingParty } from "../support/relying_party.ts";
import { insecure } from "./oauth4webapi_application.ts";
import { API, SECRET, WEB_REDIRECT } from "./parties.ts";
import { ALICE } from "./sign_in_fixture.ts";

/** A second resource that clients may ask tokens for. */
export const FILES = "https://files.example/v1";

/** Where the browser comes after signing out. */
export const SIGNED_OUT = "https://app.example/signed-out";

/** Algorithms that ID tokens and signed userinfo may have. */
export const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"] as const;

/** How every client here authenticates. */
export const AUTH = oauth.ClientSecretBasic(SECRET);

/** Somebody else with a password. */
export const BOB = { username: "bob", password: ALICE.password } as const;

/** A server with a client `web`, one more for each algorithm, and two people. */
export async function relyingPartyServer(
  database: DatabaseName,
  { uri }: RelyingParty,
): Promise<ServerProcess> {
  const server = await serverProcess({
    database,
    environment: { OUTGOING_PRIVATE_HOSTS: "127.0.0.1", CODE_LIFETIME_SECONDS: "600" },
  });
  const ordinary = {
    client_secret: SECRET,
    grant_types: ["authorization_code", "refresh_token"],
    redirect_uris: [WEB_REDIRECT],
    scope: "openid profile email offline_access api:read",
    allowed_resources: [API, FILES],
    require_pkce: true,
  };
  const clients = [
    {
      client_id: "web",
      post_logout_redirect_uris: [SIGNED_OUT],
      backchannel_logout_uri: uri,
      ...ordinary,
    },
    ...ALGORITHMS.map((algorithm) => ({
      client_id: algorithm,
      id_token_signed_response_alg: algorithm,
      userinfo_signed_response_alg: algorithm,
      ...ordinary,
    })),
  ];
  await importParties(server, { clients, users: [ALICE, BOB] });
  return server;
}

/** What a request asks for beside the ordinary. */
export interface Asked {
  readonly client?: oauth.Client;
  /** Further parameters; a list is a repeated one. */
  readonly parameters?: Readonly<Record<string, string | readonly string[]>>;
  /** Whether the request is pushed (RFC 9126). */
  readonly push?: boolean;
}

/** What the library made of a sign-in. */
export interface SignedIn {
  readonly client: oauth.Client;
  readonly tokens: oauth.TokenEndpointResponse;
  readonly claims: oauth.IDToken;
}

/** The client `web`, as the library has it. */
export const WEB: oauth.Client = { client_id: "web" };

/** Discovers the server; the functions reject with the library's own errors. */
export async function relyingPartyOf({ issuer }: Pick<ServerProcess, "issuer">) {
  const address = new URL(issuer);
  const found = await oauth.discoveryRequest(address, { algorithm: "oidc", ...insecure });
  const as = await oauth.processDiscoveryResponse(address, found);

  async function pushed(client: oauth.Client, query: URLSearchParams): Promise<URLSearchParams> {
    const answer = await oauth.pushedAuthorizationRequest(as, client, AUTH, query, insecure);
    const { request_uri } = await oauth.processPushedAuthorizationResponse(as, client, answer);
    return new URLSearchParams({ client_id: client.client_id, request_uri });
  }

  /** Begins a request with PKCE, `state` and `nonce`, and tells where the browser is to be sent. */
  async function begin({ client = WEB, parameters = {}, push = false }: Asked = {}) {
    const verifier = oauth.generateRandomCodeVerifier();
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
    const ordinary = {
      client_id: client.client_id,
      response_type: "code",
      redirect_uri: WEB_REDIRECT,
      scope: "openid profile email",
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    };
    const pairs = Object.entries({ ...ordinary, ...parameters }).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, `${one}`]),
    );
    const query = new URLSearchParams(pairs);
    const url = new URL(`${as.authorization_endpoint}`);
    url.search = `${push ? await pushed(client, query) : query}`;
    return { url, client, verifier, state, nonce };
  }

  type Begun = Awaited<ReturnType<typeof begin>>;

  /** Judges the answer (`state`, and `iss` by RFC 9207); throws `AuthorizationResponseError`. */
  function judge({ client, state }: Pick<Begun, "client" | "state">, answer: URL): URLSearchParams {
    return oauth.validateAuthResponse(as, client, answer, state);
  }

  /** Redeems the code of an answer, checks the ID token and its signature. */
  async function redeem(
    begun: Begun,
    answer: URL,
    options: {
      readonly maxAge?: number;
      readonly expectedNonce?: string;
      readonly resource?: string;
    } = {},
  ): Promise<SignedIn> {
    const { client, verifier, nonce } = begun;
    const { maxAge, expectedNonce = nonce, resource } = options;
    const response = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      AUTH,
      judge(begun, answer),
      WEB_REDIRECT,
      verifier,
      { ...insecure, ...(resource !== undefined && { additionalParameters: { resource } }) },
    );
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
      expectedNonce,
      requireIdToken: true,
      ...(maxAge !== undefined && { maxAge }),
    });
    await oauth.validateApplicationLevelSignature(as, response, insecure);
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    if (!claims) throw new Error("No ID token");
    return { tokens, claims, client };
  }

  /** Claims of /userinfo; where they are signed, by a key of the server's. */
  async function userinfo({
    tokens,
    claims,
    client,
  }: Pick<SignedIn, "tokens" | "claims" | "client">) {
    const response = await oauth.userInfoRequest(as, client, tokens.access_token, insecure);
    const type = response.headers.get("content-type");
    const told = await oauth.processUserInfoResponse(as, client, claims.sub, response);
    if (type === "application/jwt") {
      await oauth.validateApplicationLevelSignature(as, response, insecure);
    }
    return { type, told };
  }

  async function refresh({ client, tokens }: SignedIn, resource?: string) {
    const response = await oauth.refreshTokenGrantRequest(
      as,
      client,
      AUTH,
      `${tokens.refresh_token}`,
      { ...insecure, ...(resource !== undefined && { additionalParameters: { resource } }) },
    );
    return oauth.processRefreshTokenResponse(as, client, response);
  }

  /** The claims of an access token for the resource, as its server judges it (RFC 9068). */
  function admit(resource: string, token: string) {
    const request = new Request(resource, { headers: { Authorization: `Bearer ${token}` } });
    return oauth.validateJwtAccessToken(as, request, resource, insecure);
  }

  return { as, begin, judge, redeem, userinfo, refresh, admit };
}
