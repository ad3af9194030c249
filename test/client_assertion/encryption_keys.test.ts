/** Our own keys that clients encrypt to: published while they are in use, and good for a while after. */
import { describe, expect, test } from "bun:test";
import type { JWK } from "jose";
import { DOCUMENT_MAX_AGE_SECONDS } from "../../src/protocol/server_metadata.ts";
import { expectRefusal, onEachDatabase, sql } from "../endpoints/token_fixture.ts";
import { ask, claimsOf, encrypted, hmacBy, publishedKey, SHARED } from "../support/assertions.ts";
import { DATABASES } from "../support/databases.ts";
import { type TestServer, testServer } from "../support/server.ts";

const NOT_DECRYPTED = [400, "invalid_client", "the jwe token cannot be decrypted"] as const;
const FAMILIES = ["RSA-OAEP-256", "ECDH-ES"] as const;
const RETIRED_SECONDS = 86_400 + DOCUMENT_MAX_AGE_SECONDS;

const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database });
  await server.addClient({
    client_id: "c",
    client_secret: SHARED,
    token_endpoint_auth_method: "client_secret_jwt",
    grant_types: ["client_credentials"],
    scope: "api1",
  });
  return server;
});

async function published(server: TestServer, alg: string): Promise<readonly string[]> {
  const { keys } = (await (await server.get("/jwks")).json()) as { keys: JWK[] };
  return keys.flatMap((key) => (key.use === "enc" && key.alg === alg ? [key.kid ?? ""] : []));
}

describe.each(DATABASES)("keys that clients encrypt to on %s", (database) => {
  const server = servers[database];
  const send = async (alg: string, { key, kid }: { key: CryptoKey; kid: string | undefined }) => {
    const inner = await hmacBy(SHARED, claimsOf(server, "c"));
    const header = { alg, enc: "A256GCM", ...(kid !== undefined && { kid }) };
    return ask(server, await encrypted(inner, key, header), { client_id: "c" });
  };

  test.each(FAMILIES)("%s: a rotation leaves the old key good for its time", async (alg) => {
    const { settings, keys } = server.services;
    const old = await publishedKey(server, alg);
    expect(await published(server, alg)).toEqual([old.kid]);
    expect(await keys.rotate(alg)).toBe(true);
    // The next one is not published before every instance has it.
    expect(await published(server, alg)).toEqual([old.kid]);
    server.advance(settings.keyPublishSeconds);
    const fresh = await publishedKey(server, alg);
    expect(fresh.kid).not.toBe(old.kid);
    expect(await published(server, alg)).toEqual([fresh.kid]);
    const nameless = { key: old.key, kid: undefined };
    for (const key of [old, nameless, fresh]) expect((await send(alg, key)).status).toBe(200);
    server.advance(RETIRED_SECONDS - 1);
    expect((await send(alg, old)).status).toBe(200);
    server.advance(1);
    for (const key of [old, nameless]) await expectRefusal(await send(alg, key), NOT_DECRYPTED);
    expect((await send(alg, fresh)).status).toBe(200);
  });

  test.each(FAMILIES)("%s: rotations in a row leave the published key good", async (alg) => {
    const { keys, settings } = server.services;
    for (let i = 0; i < 5; i++) expect(await keys.rotate(alg)).toBe(true);
    const current = await publishedKey(server, alg);
    const nameless = { key: current.key, kid: undefined };
    for (const key of [current, nameless]) expect((await send(alg, key)).status).toBe(200);
    // Five retired at once, of which a client may still have any.
    server.advance(settings.keyPublishSeconds);
    expect((await send(alg, current)).status).toBe(200);
    const newest = await publishedKey(server, alg);
    expect((await send(alg, { key: newest.key, kid: undefined })).status).toBe(200);
  });

  test("another instance decrypts too, and a signing key decrypts nothing", async () => {
    const other = await testServer({ url: server.url, secret: server.secret });
    const { key, kid } = await publishedKey(server, "RSA-OAEP-256");
    const inner = await hmacBy(SHARED, claimsOf(other, "c"));
    const header = { alg: "RSA-OAEP-256", enc: "A256GCM" };
    const jwe = await encrypted(inner, key, { ...header, kid });
    // The clocks differ; the other's stands where a test begins.
    expect((await ask(other, jwe, { client_id: "c" })).status).toBe(200);
    const { keys } = (await (await other.get("/jwks")).json()) as { keys: JWK[] };
    const signing = keys.find((each) => each.alg === "RS256")?.kid;
    const misled = await encrypted(inner, key, { ...header, kid: signing });
    await expectRefusal(await ask(other, misled, { client_id: "c" }), NOT_DECRYPTED);
    expect(await other.services.keys.findPublic(kid)).toBeUndefined();
    await other.close();
  });

  test("their private halves lie sealed in the store, like those that sign", async () => {
    const rows = (await sql(server.url, "SELECT algorithm, sealed_private_key FROM keys")) as {
      algorithm: string;
      sealed_private_key: string;
    }[];
    for (const alg of FAMILIES) {
      const own = rows.filter(({ algorithm }) => algorithm === alg);
      expect(own.length).toBeGreaterThan(0);
      for (const row of own) expect(row.sealed_private_key).toMatch(/^[0-9a-f]{8}\.[\w-]{100,}$/);
    }
  });
});
