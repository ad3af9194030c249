/** The refusal of certificates: what must be said (message 11), and what brings it out. */
import { rememberPeer } from "../src/http/peer.ts";
import { type SCENARIOS, type Scenario, send, type Walk } from "./catalogue_scenarios.ts";
import type { ExpectedRefusal } from "./catalogue_table.ts";
import { issueCertificate } from "./support/certificates.ts";

/** Typed from the first seed, by the catalogue's name. */
export const TLS_REFUSALS: Readonly<Record<string, ExpectedRefusal>> = {
  client_tls_failed: {
    error: "invalid_client",
    text: "the client cannot be authenticated with TLS",
    code: 9750,
    challenger: 401,
  },
};

const CREDENTIALS = { grant_type: "client_credentials", scope: "api1" };

/** Asks as a client of one of the methods, or as one whose tokens must be bound. */
const asking =
  (members: Record<string, unknown>, certificate?: { readonly der: Uint8Array }): Scenario =>
  async (walk: Walk) => {
    const client = `tls-${Object.keys(members).length}`;
    await walk.server.addClient({
      client_id: `${walk.dialect}-${client}`,
      client_secret: "s",
      profile: walk.dialect,
      grant_types: ["client_credentials"],
      scope: "api1",
      ...members,
    });
    const by = "token_endpoint_auth_method" in members ? "nothing" : "header";
    const sent = send(walk, CREDENTIALS, { client, by });
    rememberPeer(sent.request, {
      address: "192.0.2.1",
      ...(certificate && { certificates: [certificate.der] }),
    });
    return sent;
  };

const BY_NAME = {
  token_endpoint_auth_method: "tls_client_auth",
  tls_client_auth_subject_dn: "CN=client",
};
const BY_KEY = {
  token_endpoint_auth_method: "self_signed_tls_client_auth",
  jwks: { keys: [] },
};

/** A client without its certificate, with another one, and one that is bound to show one. */
export const TLS_SCENARIOS: typeof SCENARIOS = {
  client_tls_failed: [
    asking(BY_NAME),
    asking(BY_NAME, issueCertificate()),
    asking(BY_KEY, issueCertificate()),
    asking({ tls_client_certificate_bound_access_tokens: true }),
  ],
};
