/** Client libraries with certificates against the TLS listener of a running server (RFC 8705). */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { decodeJwt } from "jose";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { type IssuedCertificate, issueCertificate } from "../support/certificates.ts";
import { freePort, temporaryFolder } from "../support/databases.ts";
import { importParties, orderCode, serverProcess } from "../support/process.ts";
import { BY_NAME, CA } from "../tls/fixture.ts";
import { connected, WEB, WEB_CA } from "../tls/talk.ts";

setDefaultTimeout(120_000);

const mine = issueCertificate({ issuer: CA });
const own = issueCertificate();
const { kty = "", ...jwk } = own.publicKey.export({ format: "jwk" });
const REDIRECT_URI = "https://app.example/callback";

async function setUp() {
  const folder = temporaryFolder();
  const write = async (name: string, text: string) => {
    const path = join(folder, name);
    await Bun.write(path, text);
    return path;
  };
  const port = await freePort();
  const server = await serverProcess({
    environment: {
      TLS_PORT: String(port),
      TLS_CERT_FILE: await write("server.pem", WEB.pem),
      TLS_KEY_FILE: await write("server.key", WEB.keyPem),
      TLS_CLIENT_CAS: await write("cas.pem", CA.pem),
      MTLS_URL: `https://localhost:${port}`,
    },
  });
  const usual = {
    grant_types: ["client_credentials", "authorization_code", "refresh_token"],
    redirect_uris: [REDIRECT_URI],
    scope: "openid api1",
    tls_client_certificate_bound_access_tokens: true,
  };
  await importParties(server, {
    clients: [
      { ...BY_NAME, ...usual, client_id: "tls_client_auth" },
      {
        ...usual,
        client_id: "self_signed_tls_client_auth",
        token_endpoint_auth_method: "self_signed_tls_client_auth",
        jwks: { keys: [{ kty, ...jwk }] },
      },
    ],
    users: [{ username: "ada", password: "correct horse battery staple" }],
  });
  return { server, port };
}

const { server, port } = await setUp();

/** A fetch that shows a certificate to whoever asks for one. */
const fetchWith = (certificate?: IssuedCertificate) => (url: string, options: object) =>
  fetch(url, {
    ...(options as RequestInit),
    tls: {
      ca: WEB_CA.pem,
      ...(certificate && { cert: certificate.pem, key: certificate.keyPem }),
    },
  });

const METHODS: [string, IssuedCertificate][] = [
  ["tls_client_auth", mine],
  ["self_signed_tls_client_auth", own],
];

describe.each(METHODS)("openid-client by %s", (clientId, certificate) => {
  const configuration = (shown?: IssuedCertificate) =>
    openid.discovery(
      new URL(server.issuer),
      clientId,
      { use_mtls_endpoint_aliases: true },
      openid.TlsClientAuth(),
      {
        [openid.customFetch]: fetchWith(shown),
        execute: [openid.allowInsecureRequests],
      },
    );

  test("gets a bound token, asks about it and revokes it, all at the aliases", async () => {
    const config = await configuration(certificate);
    const { access_token: token } = await openid.clientCredentialsGrant(config, { scope: "api1" });
    expect(decodeJwt(token)["cnf"]).toEqual({ "x5t#S256": certificate.thumbprint });
    expect(decodeJwt(token).aud).toBe(server.issuer);
    expect(await openid.tokenIntrospection(config, token)).toMatchObject({
      active: true,
      cnf: { "x5t#S256": certificate.thumbprint },
    });
    await openid.tokenRevocation(config, token);
    expect(await openid.tokenIntrospection(config, token)).toEqual({ active: false });
  });

  test("with a stranger's certificate, or none, it gets the seed's message", async () => {
    for (const shown of [issueCertificate(), undefined]) {
      const config = await configuration(shown);
      const refused = openid.clientCredentialsGrant(config, { scope: "api1" });
      await expect(refused).rejects.toMatchObject({
        error: "invalid_client",
        error_description: "the client cannot be authenticated with TLS",
      });
    }
  });

  test("its user's claims are told to who shows the certificate", async () => {
    const order = { client: clientId, user: "ada", redirectUri: REDIRECT_URI, scope: "openid" };
    const config = await configuration(certificate);
    const form = {
      code: await orderCode(server, order),
      redirect_uri: REDIRECT_URI,
    };
    const tokens = await openid.genericGrantRequest(config, "authorization_code", form);
    const { sub } = decodeJwt(tokens.access_token);
    expect(await openid.fetchUserInfo(config, tokens.access_token, sub ?? "")).toEqual({
      sub: sub ?? "",
    });
    const bare = await configuration();
    const refused = openid.fetchUserInfo(bare, tokens.access_token, sub ?? "");
    await expect(refused).rejects.toMatchObject({ status: 401 });
    const next = await openid.refreshTokenGrant(config, tokens.refresh_token ?? "");
    expect(decodeJwt(next.access_token)["cnf"]).toEqual({ "x5t#S256": certificate.thumbprint });
  });
});

test("oauth4webapi gets a bound token by tls_client_auth", async () => {
  const options = { [oauth.customFetch]: fetchWith(mine), [oauth.allowInsecureRequests]: true };
  const issuer = new URL(server.issuer);
  const found = await oauth.discoveryRequest(issuer, { ...options, algorithm: "oauth2" });
  const as = await oauth.processDiscoveryResponse(issuer, found);
  const client = { client_id: "tls_client_auth", use_mtls_endpoint_aliases: true };
  const response = await oauth.clientCredentialsGrantRequest(
    as,
    client,
    oauth.TlsClientAuth(),
    new URLSearchParams({ scope: "api1" }),
    options,
  );
  const tokens = await oauth.processClientCredentialsResponse(as, client, response);
  expect(decodeJwt(tokens.access_token)["cnf"]).toEqual({ "x5t#S256": mine.thumbprint });
});

test("SIGTERM ends the listener and its idle connections", async () => {
  const idle = await connected(port);
  const { promise, resolve } = Promise.withResolvers<void>();
  idle
    .on("close", () => resolve())
    .on("error", () => {})
    .resume();
  const { exitCode, stderr, stdout } = await server.stop();
  expect([exitCode, (stdout + stderr).includes("server.stopped")]).toEqual([0, true]);
  await promise;
});

test.each<[string, Record<string, string>]>([
  ["TLS_CERT_FILE", { TLS_CERT_FILE: "/nowhere.pem", TLS_KEY_FILE: "/nowhere.pem" }],
  ["TLS_PORT", {}],
])("a start that cannot listen for TLS ends with a line that names %s", async (variable, env) => {
  const folder = temporaryFolder();
  const taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const cert = join(folder, "server.pem");
  await Bun.write(cert, WEB.pem + WEB.keyPem);
  const environment = {
    TLS_PORT: String(taken.port),
    TLS_CERT_FILE: cert,
    TLS_KEY_FILE: cert,
    ...env,
  };
  await expect(serverProcess({ environment })).rejects.toThrow(variable);
  taken.stop();
});
