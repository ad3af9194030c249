/** Secrets that HMACs need lie under the server's seal: what becomes of them when the seal changes. */
import { describe, expect, test } from "bun:test";
import { createServerSecret, openServices, openStore } from "../../src/server.ts";
import { KEY_ALGORITHMS } from "../../src/services/key_ring.ts";
import { expectRefusal } from "../endpoints/token_fixture.ts";
import { admin, printed } from "../support/admin.ts";
import { ask, claimsOf, hmacBy, lastDiagnosis, SHARED } from "../support/assertions.ts";
import { ISSUER, START, testServer } from "../support/server.ts";

/** A server whose signing keys and client were made under a secret that is no longer there. */
async function afterServerSecretChanged() {
  const before = await testServer();
  await before.addClient({
    client_id: "c",
    client_secret: SHARED,
    token_endpoint_auth_method: "client_secret_jwt",
    grant_types: ["client_credentials"],
    scope: "api1",
  });
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const store = await openStore(before.url);
  const both = await openServices({
    issuer: ISSUER,
    store,
    secret: createServerSecret(secret, before.secret),
    now: () => START - before.services.settings.keyPublishSeconds,
  });
  for (const algorithm of KEY_ALGORITHMS) await both.keys.rotate(algorithm);
  await store.close();
  await before.close();
  return testServer({ url: before.url, secret });
}

describe("TESSERA_SECRET changed, and the one before was taken away", () => {
  test("a secret under the old seal is none: message 12, and the operator hears why", async () => {
    const server = await afterServerSecretChanged();
    const assertion = await hmacBy(SHARED, claimsOf(server, "c"));
    const text = "the client c doesn't have a shared secret";
    await expectRefusal(await ask(server, assertion), [400, "invalid_client", text]);
    expect(await lastDiagnosis(server)).toMatchObject({
      check: "secret",
      reason: "none of the client's 1 live secrets can be read under the server's seal",
    });
  });

  test("a new secret works beside the one that cannot be read", async () => {
    const server = await afterServerSecretChanged();
    const rotate = ["client", "rotate-secret", "c", "--overlap", "7d"];
    const fresh = String(printed(await admin(server, rotate))["client_secret"]);
    expect((await ask(server, await hmacBy(fresh, claimsOf(server, "c")))).status).toBe(200);
  });
});
