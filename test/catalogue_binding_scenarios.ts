/** The refusals about keys that tokens are bound to: what must be said (RFC 9449), and what brings it out. */
import { currentNonce } from "../src/services/dpop_nonce.ts";
import { type SCENARIOS, type Scenario, send, type Walk } from "./catalogue_scenarios.ts";
import type { ExpectedRefusal } from "./catalogue_table.ts";
import { issueTestCode, REDIRECT_URI, RFC7636 } from "./support/codes.ts";
import { type DpopKey, dpopKey, proofOf } from "./support/dpop.ts";
import { ISSUER } from "./support/server.ts";

const NOT_VALID = "the DPoP proof is not valid";
const NEEDS_NONCE = "the DPoP proof needs the nonce of the DPoP-Nonce header";

/** Those of RFC 7518 §3.1, RFC 8037 and RFC 9864 that are asymmetric. */
const ALGS = "ES256 ES384 ES512 EdDSA Ed25519 RS256 RS384 RS512 PS256 PS384 PS512";

/** RFC 9449 §7.1: the challenge of a resource. */
const challenged = (error: string, text: string): ExpectedRefusal => ({
  error,
  text,
  status: 401,
  headers: {
    "WWW-Authenticate": `DPoP realm="${ISSUER}", error="${error}", error_description="${text}", scope="openid", algs="${ALGS}"`,
  },
});

const grant = (text: string): ExpectedRefusal => ({
  error: "invalid_grant",
  text,
  challenger: 401,
});

/** Typed from RFC 9449, by the catalogue's name. */
export const BINDING_REFUSALS: Readonly<Record<string, ExpectedRefusal>> = {
  dpop_proof_incorrect: { error: "invalid_dpop_proof", text: NOT_VALID },
  dpop_nonce_needed: { error: "use_dpop_nonce", text: NEEDS_NONCE },
  dpop_proof_missing: {
    error: "invalid_dpop_proof",
    text: "the client {client} must send a DPoP proof",
  },
  bearer_proof_incorrect: challenged("invalid_dpop_proof", NOT_VALID),
  bearer_nonce_needed: challenged("use_dpop_nonce", NEEDS_NONCE),
  code_key_mismatch: grant("the authorization code is bound to another key"),
  refresh_token_key_mismatch: grant("the refresh token is bound to another key"),
};

const CREDENTIALS = { grant_type: "client_credentials", scope: "api1" };
const key = await dpopKey();

/** Registers a client of the dialect that is asked for nonces, or must send proofs. */
async function addClient({ server, dialect }: Walk, name: "bound" | "nonce"): Promise<void> {
  await server.addClient({
    client_id: `${dialect}-${name}`,
    client_secret: "s",
    profile: dialect,
    grant_types: ["client_credentials"],
    scope: "api1",
    ...(name === "bound" ? { dpop_bound_access_tokens: true } : { require_dpop_nonce: true }),
  });
}

const nonceHeader = ({ server }: Walk) => ({ "DPoP-Nonce": currentNonce(server.services) });

/** A proof of the key at the server's own time. */
const proof = (
  { server }: Walk,
  claims: Readonly<Record<string, unknown>> = {},
  by: DpopKey = key,
) => proofOf(by, { claims: { iat: server.services.now(), ...claims } });

/** What a request of the token endpoint is answered. */
async function tokens(walk: Walk, ...[fields, as]: [Record<string, string>, object]) {
  const response = await walk.server.server.handle(send(walk, fields, as).request);
  return (await response.json()) as { access_token: string; refresh_token: string };
}

/** Redeems a code of the public client. */
async function redeeming(walk: Walk, dpopJkt?: string) {
  const clientId = `${walk.dialect}-public`;
  const { code } = await issueTestCode(walk.server, {
    clientId,
    challenge: RFC7636.challenge,
    ...(dpopJkt !== undefined && { dpopJkt }),
  });
  return {
    grant_type: "authorization_code",
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: RFC7636.verifier,
  };
}

/** A bound token of the client, shown at userinfo. */
async function atUserinfo(walk: Walk, client: string, claims: Record<string, unknown>) {
  const { access_token: token } = await tokens(walk, CREDENTIALS, {
    client,
    headers: { DPoP: await proof(walk, claims) },
  });
  const htu = `${ISSUER}/userinfo`;
  const ath = new Bun.CryptoHasher("sha256").update(token).digest("base64url");
  return async (more: Record<string, unknown>) => ({
    request: new Request("http://localhost/userinfo", {
      headers: {
        Authorization: `DPoP ${token}`,
        DPoP: await proof(walk, { htm: "GET", htu, ath, ...more }),
      },
    }),
    client: `${walk.dialect}-${client}`,
  });
}

const withHeader =
  (DPoP: string, path = "/token"): Scenario =>
  (walk) =>
    send(walk, CREDENTIALS, { path, headers: { DPoP } });

/** What brings out each row. */
export const BINDING_SCENARIOS: typeof SCENARIOS = {
  dpop_proof_incorrect: [
    withHeader("nonsense"),
    async (walk) =>
      send(walk, CREDENTIALS, { headers: { DPoP: await proof(walk, { htm: "GET" }) } }),
    (walk) =>
      send(
        walk,
        { response_type: "code", redirect_uri: REDIRECT_URI, scope: "api1" },
        { path: "/par", headers: { DPoP: "nonsense" } },
      ),
  ],
  dpop_nonce_needed: [
    async (walk) => {
      await addClient(walk, "nonce");
      const headers = { DPoP: await proof(walk) };
      const sent = send(walk, CREDENTIALS, { client: "nonce", headers });
      return { ...sent, headers: nonceHeader(walk) };
    },
  ],
  dpop_proof_missing: [
    async (walk) => {
      await addClient(walk, "bound");
      return send(walk, CREDENTIALS, { client: "bound" });
    },
  ],
  bearer_proof_incorrect: [
    async (walk) => (await atUserinfo(walk, "app", {}))({ htm: "POST" }),
    async (walk) => (await atUserinfo(walk, "opaque", {}))({ ath: "x" }),
  ],
  bearer_nonce_needed: [
    async (walk) => {
      await addClient(walk, "nonce");
      const { "DPoP-Nonce": nonce } = nonceHeader(walk);
      const sent = await (await atUserinfo(walk, "nonce", { nonce }))({ nonce: "old" });
      return { ...sent, headers: nonceHeader(walk) };
    },
  ],
  code_key_mismatch: [
    async (walk) => send(walk, await redeeming(walk, key.jkt), { client: "public", by: "nothing" }),
  ],
  refresh_token_key_mismatch: [
    async (walk) => {
      const as = { client: "public", by: "nothing" } as const;
      const headers = { DPoP: await proof(walk) };
      const { refresh_token } = await tokens(walk, await redeeming(walk), { ...as, headers });
      return send(walk, { grant_type: "refresh_token", refresh_token }, as);
    },
  ],
};
