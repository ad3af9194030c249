/** Clients that register themselves through `openid-client`, and the people who sign in for them. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import * as client from "openid-client";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { importParties, type ServerProcess, serverProcess } from "../support/process.ts";
import { failure } from "./parties.ts";
import { ALICE, signInAndAllow, socketBrowser } from "./sign_in_fixture.ts";

setDefaultTimeout(120_000);

const CALLBACK = "https://new.example/callback";

const METADATA: Partial<client.ClientMetadata> = {
  client_name: "A new client",
  redirect_uris: [CALLBACK],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  scope: "openid email offline_access",
};

/** How a client authenticates; the library itself would not go by what it registered. */
const METHODS = {
  client_secret_basic: client.ClientSecretBasic(),
  client_secret_post: client.ClientSecretPost(),
  none: client.None(),
} as const;

const servers = await onEachDatabase(openServer);

async function openServer(database: DatabaseName): Promise<ServerProcess> {
  const server = await serverProcess({ database, environment: { REGISTRATION: "token" } });
  await importParties(server, { users: [ALICE] });
  return server;
}

/** The address and the token of a registration (RFC 7592 §3). */
interface Management {
  readonly address: string;
  readonly token: string;
}

describe.each(DATABASES)("openid-client registers at a server on %s", (database) => {
  const server = servers[database];

  /** What an administrator hands out, through the command line. */
  async function invite(): Promise<string> {
    const { exitCode, stdout, stderr } = await server.admin("registration", "invite");
    if (exitCode !== 0) throw new Error(stderr);
    return stdout.trim();
  }

  const register = (
    initialAccessToken: string | undefined,
    metadata: Partial<client.ClientMetadata> = {},
    auth: client.ClientAuth = METHODS.client_secret_basic,
  ) =>
    client.dynamicClientRegistration(new URL(server.issuer), { ...METADATA, ...metadata }, auth, {
      execute: [client.allowInsecureRequests],
      ...(initialAccessToken !== undefined && { initialAccessToken }),
    });

  /** Begins a request; the answer of a person, who agrees, may be redeemed. */
  async function begin(config: client.Configuration, redirectUri = CALLBACK) {
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: "openid email offline_access",
      state: expectedState,
      nonce: expectedNonce,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
    });
    const checks = { pkceCodeVerifier, expectedState, expectedNonce };
    return {
      url,
      redeem: (answer: URL) => client.authorizationCodeGrant(config, answer, checks),
    };
  }

  async function signIn(config: client.Configuration, redirectUri = CALLBACK) {
    const { url, redeem } = await begin(config, redirectUri);
    return redeem(await signInAndAllow(socketBrowser(server), url));
  }

  test.each([
    ["client_secret_basic", "RS256"],
    ["client_secret_post", "ES256"],
    ["none", "EdDSA"],
  ] as const)(
    "a client by %s registers, signs a person in and refreshes",
    async (authMethod, algorithm) => {
      const metadata = {
        token_endpoint_auth_method: authMethod,
        id_token_signed_response_alg: algorithm,
      };
      const config = await register(await invite(), metadata, METHODS[authMethod]);
      const { client_id: id, client_secret: secret } = config.clientMetadata();
      expect(typeof secret).toBe(authMethod === "none" ? "undefined" : "string");
      const tokens = await signIn(config);
      const subject = `${tokens.claims()?.sub}`;
      expect(tokens.claims()).toMatchObject({ iss: server.issuer, aud: id });
      expect(await client.fetchUserInfo(config, tokens.access_token, subject)).toEqual({
        sub: subject,
        email: ALICE.email,
        email_verified: true,
      });
      const refreshed = await client.refreshTokenGrant(config, `${tokens.refresh_token}`);
      expect(refreshed.claims()).toMatchObject({ sub: subject, aud: id });
    },
  );

  test("RFC 7592: a client reads, moves and removes itself, and sign-in follows", async () => {
    const config = await register(await invite());
    const { clientId, management } = managementOf(config);
    const before = await signIn(config);
    const read = await manage(management, "GET");
    expect(read).toMatchObject({ status: 200, body: { client_id: clientId, ...METADATA } });

    const moved = "https://moved.example/callback";
    const wanted = { ...METADATA, client_id: clientId, redirect_uris: [moved] };
    expect(await manage(management, "PUT", wanted)).toMatchObject({
      status: 200,
      body: { redirect_uris: [moved] },
    });
    await eventually(async () => {
      const { url } = await begin(config);
      const stale = await socketBrowser(server).open(url.href, { crossSite: true });
      return stale.status === 400 && stale.url.origin === server.issuer;
    });
    expect((await signIn(config, moved)).claims()?.aud).toBe(clientId);

    expect(await manage(management, "DELETE")).toEqual({ status: 204, body: undefined });
    expect(await manage(management, "GET")).toMatchObject({ status: 401 });
    const refreshed = client.refreshTokenGrant(config, `${before.refresh_token}`);
    expect(await failure(refreshed)).toMatchObject({ status: 401, cause: [{ scheme: "basic" }] });
    const { url } = await begin(config, moved);
    const page = await socketBrowser(server).open(url.href, { crossSite: true });
    expect([page.status, page.url.origin]).toEqual([400, server.issuer]);
  });

  test("nobody registers without an initial access token, or with one that was made up", async () => {
    for (const token of [undefined, "made-up"]) {
      expect(await failure(register(token))).toMatchObject({
        cause: [{ scheme: "bearer", parameters: { error: "invalid_token" } }],
      });
    }
  });

  test.each([
    ["a scope", { scope: "openid admin" }, "invalid_client_metadata"],
    ["a grant", { grant_types: ["client_credentials"] }, "invalid_client_metadata"],
    ["every token", { introspect_any: true }, "invalid_client_metadata"],
    ["a script", { redirect_uris: ["javascript:alert(1)"] }, "invalid_redirect_uri"],
  ])("attack 78: %s beyond the policy is the library's error", async (_name, metadata, error) => {
    const refused = register(await invite(), metadata);
    expect(await failure(refused)).toMatchObject({ status: 400, error });
  });
});

function managementOf(config: client.Configuration) {
  const metadata = config.clientMetadata();
  const management: Management = {
    address: `${metadata["registration_client_uri"]}`,
    token: `${metadata["registration_access_token"]}`,
  };
  return { clientId: metadata.client_id, management };
}

async function manage({ address, token }: Management, method: string, metadata?: object) {
  const response = await fetch(address, {
    method,
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    ...(metadata && { body: JSON.stringify(metadata) }),
  });
  const text = await response.text();
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  return { status: response.status, body };
}

/** Fails unless the condition comes true; a server may hold a copy for a second (decisions D9). */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await holds()) return;
    await Bun.sleep(50);
  }
  throw new Error("It never came true");
}
