/** Clients with certificates against a test server. */

import { type IssuedCertificate, issueCa, OID } from "../support/certificates.ts";
import type { TestClient, TestServer } from "../support/server.ts";

/** The CA that servers of these tests trust. */
export const CA = issueCa("Test CA", { pathLength: 1 });

/** A request for tokens. */
export const CREDENTIALS = { grant_type: "client_credentials", scope: "api1" } as const;

/** The metadata of a client whose certificate is for `CN=client`. */
export const BY_NAME = {
  grant_types: ["client_credentials"],
  scope: "api1",
  token_endpoint_auth_method: "tls_client_auth",
  tls_client_auth_subject_dn: "CN=client",
} satisfies Omit<TestClient, "client_id">;

/** A subject of one common name. */
export const named = (name: string) => [[OID.commonName, name] as const];

/** Asks for a token as a client over a TLS connection of our own, with or without a certificate. */
export function ask(
  server: TestServer,
  clientId: string,
  certificate?: Pick<IssuedCertificate, "der">,
  fields: Record<string, string> = CREDENTIALS,
): Promise<Response> {
  return server.post(
    "/token",
    { ...fields, client_id: clientId },
    {
      peer: { address: "192.0.2.1", ...(certificate && { certificates: [certificate.der] }) },
    },
  );
}

/** The reason that the audit log has for the newest refusal; whoever asks again soon is told anew. */
export async function lastReason({ services }: TestServer): Promise<unknown> {
  await services.audit.flush();
  const [row] = await services.store.listAuditRows(1);
  return row?.details["reason"];
}

/** Message 11 of the seed, as the wire has it. */
export const REFUSED = {
  error: "invalid_client",
  error_description: "the client cannot be authenticated with TLS",
} as const;
