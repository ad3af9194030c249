import { describe, expect, test } from "bun:test";
import { bodyOf, expectRefusal, onEachDatabase } from "../endpoints/token_fixture.ts";
import { ask, claimsOf, encrypted, publishedKey, signedBy } from "../support/assertions.ts";
import { DATABASES } from "../support/databases.ts";
import { ALGORITHMS, es256, keyFor, openKeyed } from "./private_key_fixture.ts";

const servers = await onEachDatabase(openKeyed);

describe.each(DATABASES)("OpenID Connect Core §9 private_key_jwt on %s", (database) => {
  const server = servers[database];

  test.each(ALGORITHMS)("%s authenticates, with the key's kid and without one", async (alg) => {
    const key = keyFor(alg);
    for (const id of ["all", `only-${alg}`]) {
      for (const header of [{}, { kid: undefined }]) {
        const body = await bodyOf(
          await ask(server, await signedBy(key, claimsOf(server, id), header)),
        );
        expect(body.scope).toBe("api1");
      }
    }
  });

  test("client_id beside the assertion is welcome where it is the same", async () => {
    const assertion = await signedBy(es256, claimsOf(server, "es"));
    expect((await ask(server, assertion, { client_id: "es" })).status).toBe(200);
    const other = await signedBy(es256, claimsOf(server, "es"));
    await expectRefusal(await ask(server, other, { client_id: "rs" }), [
      400,
      "invalid_request",
      "the parameter client_id is not the client that authenticates",
    ]);
  });

  test.each(["RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"])(
    "a JWE by %s to our published key around the JWS authenticates",
    async (alg) => {
      const { key, kid } = await publishedKey(server, alg);
      for (const enc of ["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"]) {
        const inner = await signedBy(es256, claimsOf(server, "es"));
        const named = enc === "A128GCM" ? {} : { kid };
        const assertion = await encrypted(inner, key, { alg, enc, ...named });
        expect((await ask(server, assertion, { client_id: "es" })).status).toBe(200);
      }
    },
  );
});
