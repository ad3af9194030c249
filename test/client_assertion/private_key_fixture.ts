/** Clients that sign by keys of their own, for every algorithm. */
import { type ClientKey, newClientKey, weakRsaKey } from "../support/assertions.ts";
import type { DatabaseName } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";

/** Every algorithm of private_key_jwt. */
export const ALGORITHMS = [
  ...["ES256", "ES384", "ES512", "RS256", "RS384", "RS512"],
  ...["PS256", "PS384", "PS512", "EdDSA", "Ed25519"],
];
const keys = new Map(
  await Promise.all(
    ALGORITHMS.map(async (alg): Promise<[string, ClientKey]> => [alg, await newClientKey(alg)]),
  ),
);
/** The key of an algorithm, which the client `all` has registered. */
export const keyFor = (alg: string): ClientKey => {
  const key = keys.get(alg);
  if (!key) throw new TypeError(alg);
  return key;
};
/** The key of the client `es`. */
export const es256 = keyFor("ES256");
/** The key of the client `rs`. */
export const rs256 = keyFor("RS256");
/** The key of the client `weak`, which is too short. */
export const weak = weakRsaKey();
const method = { token_endpoint_auth_method: "private_key_jwt" } as const;
const app = { ...method, grant_types: ["client_credentials"], scope: "api1" };

/** A server with a client for all keys, one for each algorithm, and the odd ones. */
export async function openKeyed(database: DatabaseName): Promise<TestServer> {
  const server = await testServer({ database });
  const jwks = { keys: [...keys.values()].map(({ jwk }) => jwk) };
  await server.addClient({ ...app, client_id: "all", jwks });
  for (const alg of ALGORITHMS) {
    await server.addClient({
      ...app,
      client_id: `only-${alg}`,
      jwks,
      token_endpoint_auth_signing_alg: alg as "ES256",
    });
  }
  await server.addClient({ ...app, client_id: "es", jwks: { keys: [es256.jwk] } });
  await server.addClient({ ...app, client_id: "rs", jwks: { keys: [rs256.jwk] } });
  await server.addClient({ ...app, client_id: "weak", jwks: { keys: [weak.jwk] } });
  await server.addClient({
    ...app,
    client_id: "closed",
    jwks,
    token_endpoint_auth_encryption_alg: "RSA-OAEP-256",
  });
  return server;
}
