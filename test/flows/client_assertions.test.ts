/** Both client libraries authenticate by every assertion that they can make (issue 4). */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { CompactSign, exportJWK, generateKeyPair } from "jose";
import * as oauth from "oauth4webapi";
import * as client from "openid-client";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { DATABASES } from "../support/databases.ts";
import { importParties, serverProcess } from "../support/process.ts";
import { failure } from "./parties.ts";

setDefaultTimeout(120_000);

const SECRET = "a secret that both sides keep, and that is sixty-four bytes long";
const ALGORITHMS = [
  ...["ES256", "ES384", "ES512", "RS256", "RS384", "RS512"],
  ...["PS256", "PS384", "PS512", "Ed25519"],
];

const keys = await Promise.all(
  ALGORITHMS.map(async (alg) => {
    const pair = await generateKeyPair(alg, { extractable: true });
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: alg, alg, use: "sig" };
    return { alg, jwk, privateKey: pair.privateKey };
  }),
);

const service = {
  grant_types: ["client_credentials"],
  scope: "api:read api:write",
  default_scope: "api:read",
  introspect_any: true,
};

const clients = [
  ...keys.map(({ alg, jwk }) => ({
    ...service,
    client_id: `key-${alg}`,
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_signing_alg: alg,
    jwks: { keys: [jwk] },
  })),
  {
    ...service,
    client_id: "shared",
    client_secret: SECRET,
    token_endpoint_auth_method: "client_secret_jwt",
  },
  {
    ...service,
    client_id: "older",
    token_endpoint_auth_method: "private_key_jwt",
    assertion_audience: "token_endpoint",
    jwks: { keys: keys.map(({ jwk }) => jwk) },
  },
];

const servers = await onEachDatabase(async (database) => {
  const server = await serverProcess({ database });
  await importParties(server, { clients, users: [] });
  return server;
});

describe.each(DATABASES)("client assertions of the libraries on %s", (database) => {
  const server = servers[database];

  /** Gets a token, asks about it, revokes it and asks again; each request has an assertion of its own. */
  async function openidClient(id: string, auth: client.ClientAuth): Promise<void> {
    const config = await client.discovery(new URL(server.issuer), id, undefined, auth, {
      algorithm: "oauth2",
      execute: [client.allowInsecureRequests],
    });
    const tokens = await client.clientCredentialsGrant(config, { scope: "api:write" });
    expect(tokens.scope).toBe("api:write");
    const state = () => client.tokenIntrospection(config, tokens.access_token);
    expect(await state()).toMatchObject({ active: true, client_id: id });
    await client.tokenRevocation(config, tokens.access_token);
    expect(await state()).toEqual({ active: false });
  }

  async function oauth4webapi(id: string, auth: oauth.ClientAuth): Promise<void> {
    const insecure = { [oauth.allowInsecureRequests]: true };
    const issuer = new URL(server.issuer);
    const found = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure });
    const as = await oauth.processDiscoveryResponse(issuer, found);
    const rp = { client_id: id };
    const asked = await oauth.clientCredentialsGrantRequest(as, rp, auth, {}, insecure);
    const tokens = await oauth.processClientCredentialsResponse(as, rp, asked);
    expect(tokens.scope).toBe("api:read");
    const state = async () => {
      const request = oauth.introspectionRequest(as, rp, auth, tokens.access_token, insecure);
      return oauth.processIntrospectionResponse(as, rp, await request);
    };
    expect(await state()).toMatchObject({ active: true, client_id: id });
    const revoked = await oauth.revocationRequest(as, rp, auth, tokens.access_token, insecure);
    await oauth.processRevocationResponse(revoked);
    expect(await state()).toEqual({ active: false });
  }

  test.each(ALGORITHMS)("private_key_jwt by %s, with kid and without", async (alg) => {
    const { privateKey } = keys.find((one) => one.alg === alg) ?? {};
    if (!privateKey) throw new TypeError(alg);
    await openidClient(`key-${alg}`, client.PrivateKeyJwt({ key: privateKey, kid: alg }));
    await openidClient(`key-${alg}`, client.PrivateKeyJwt(privateKey));
    await oauth4webapi(`key-${alg}`, oauth.PrivateKeyJwt({ key: privateKey, kid: alg }));
    await oauth4webapi(`key-${alg}`, oauth.PrivateKeyJwt(privateKey));
  });

  test("client_secret_jwt", async () => {
    await openidClient("shared", client.ClientSecretJwt(SECRET));
    await oauth4webapi("shared", oauth.ClientSecretJwt(SECRET));
  });

  test("an older library's audience, the token endpoint, for who registered it", async () => {
    const [{ privateKey, alg } = { privateKey: undefined, alg: "" }] = keys;
    if (!privateKey) throw new TypeError("no keys");
    const options = {
      [client.modifyAssertion](_header: unknown, payload: Record<string, unknown>) {
        payload["aud"] = `${server.issuer}/token`;
      },
    };
    await openidClient("older", client.PrivateKeyJwt({ key: privateKey, kid: alg }, options));
    const refused = openidClient(`key-${alg}`, client.PrivateKeyJwt(privateKey, options));
    expect(await failure(refused)).toMatchObject({
      error: "invalid_client",
      error_description: "the audience passed in JWT is not correct",
    });
  });

  test("a wrong secret, and a stranger's key, are the library's error with our words", async () => {
    const stranger = await generateKeyPair("ES256");
    for (const [id, auth] of [
      ["shared", client.ClientSecretJwt(SECRET.toUpperCase())],
      ["key-ES256", client.PrivateKeyJwt(stranger.privateKey)],
    ] as const) {
      expect(await failure(openidClient(id, auth))).toMatchObject({
        status: 400,
        error: "invalid_client",
        error_description: "the signature is not correct",
      });
    }
  });

  test("HS384 and HS512, which neither library makes, are taken from one's own", async () => {
    for (const alg of ["HS384", "HS512"]) {
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: "shared", sub: "shared", aud: server.issuer, exp: now + 60, jti: alg };
      const assertion = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
        .setProtectedHeader({ alg })
        .sign(new TextEncoder().encode(SECRET));
      const answer = await fetch(`${server.issuer}/token`, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
          client_assertion: assertion,
        }),
      });
      expect(answer.status).toBe(200);
    }
  });
});
