/** Servers and clients of certificate-bound tokens. */
import { expect } from "bun:test";
import { decodeJwt } from "jose";
import type { TokenBody } from "../endpoints/dpop_fixture.ts";
import { type IssuedCertificate, issueCertificate } from "../support/certificates.ts";
import { REDIRECT_URI } from "../support/codes.ts";
import type { DatabaseName } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";
import { CA } from "./fixture.ts";

const ADDRESS = "192.0.2.1";
/** Certificate of the client in question. */
export const mine = issueCertificate({ issuer: CA });
/** Another one of the same client. */
export const renewed = issueCertificate({ issuer: CA });
/** What a thief has to show. */
export const stolen = issueCertificate();

/** Clients whose tokens are bound. */
export const REGISTRATION = {
  grant_types: ["authorization_code", "refresh_token", "client_credentials"],
  redirect_uris: [REDIRECT_URI],
  scope: "openid api1",
  tls_client_certificate_bound_access_tokens: true,
};
const BY_CA = {
  token_endpoint_auth_method: "tls_client_auth",
  tls_client_auth_subject_dn: "CN=client",
};

/** A server with a client of each kind. */
export async function begin(database: DatabaseName = "sqlite"): Promise<TestServer> {
  const server = await testServer({ database, settings: { tlsClientCas: () => CA.pem } });
  await server.addClient({ ...REGISTRATION, client_id: "spa" });
  await server.addClient({ ...REGISTRATION, ...BY_CA, client_id: "web" });
  await server.addClient({ ...REGISTRATION, client_id: "secretive", client_secret: "s" });
  await server.addClient({
    ...REGISTRATION,
    ...BY_CA,
    client_id: "opaque",
    access_token_format: "opaque",
  });
  await server.addClient({
    ...REGISTRATION,
    client_id: "unbound",
    tls_client_certificate_bound_access_tokens: false,
  });
  return server;
}

/** Who shows a certificate, or none. */
export const peerWith = (certificate?: IssuedCertificate) => ({
  address: ADDRESS,
  ...(certificate && { certificates: [certificate.der] }),
});

/** The body of the answer to a form, which must have the status. */
export async function ask(
  server: TestServer,
  form: Record<string, string>,
  { by, status = 200, basic }: Asking = {},
): Promise<TokenBody> {
  const response = await server.post("/token", form, {
    peer: peerWith(by),
    ...(basic && { basic }),
  });
  const body = (await response.json()) as TokenBody;
  expect([response.status, body.error_description]).toEqual([status, body.error_description]);
  return body;
}

/** Who asks. */
export interface Asking {
  readonly by?: IssuedCertificate | undefined;
  readonly status?: number;
  readonly basic?: readonly [string, string];
}

/** What a token is bound to. */
export const boundTo = ({ access_token }: TokenBody) => decodeJwt(access_token)["cnf"];
/** The confirmation that names a certificate. */
export const to = ({ thumbprint }: IssuedCertificate) => ({ "x5t#S256": thumbprint });
