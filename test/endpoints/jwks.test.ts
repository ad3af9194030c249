import { describe, expect, test } from "bun:test";
import { calculateJwkThumbprint, createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { DATABASES } from "../support/databases.ts";
import { ISSUER, START, testServer } from "../support/server.ts";
import { onEachDatabase } from "./token_fixture.ts";

// At the top of the file, where servers stay open until the file ends.
const servers = await onEachDatabase((database) => testServer({ database }));

type Metadata = Record<string, unknown>;

describe.each(DATABASES)("RFC 7517 §5 keys on %s", (database) => {
  const own = servers[database];
  const keysOf = async () => {
    const response = await own.get("/jwks");
    expect(response.headers.get("content-type")).toStartWith("application/json");
    expect(response.headers.get("cache-control")).toBe("public, max-age=300");
    return ((await response.json()) as { keys: (Metadata & { kid: string })[] }).keys;
  };

  test("are public, with kid, alg and use, one for each algorithm", async () => {
    const keys = await keysOf();
    expect(keys.map(({ alg, use }) => `${use} ${alg}`).sort()).toEqual([
      "enc ECDH-ES",
      "enc RSA-OAEP-256",
      "sig ES256",
      "sig EdDSA",
      "sig PS256",
      "sig RS256",
    ]);
    const shapes: Record<string, string[]> = {
      EC: ["crv", "x", "y"],
      OKP: ["crv", "x"],
      RSA: ["e", "n"],
    };
    for (const key of keys) {
      const shape = shapes[String(key["kty"])] ?? [];
      expect(Object.keys(key).sort()).toEqual(["alg", "kid", "kty", "use", ...shape].sort());
      expect(key.kid).toBe(await calculateJwkThumbprint(key));
    }
  });

  test("verify the tokens, and the next key is published before it signs", async () => {
    await own.addClient({
      client_id: "app",
      client_secret: "s3cret",
      grant_types: ["client_credentials"],
      scope: "api1",
    });
    const issue = async () => {
      const form = { grant_type: "client_credentials", scope: "api1" };
      const response = await own.post("/token", form, { basic: ["app", "s3cret"] });
      return ((await response.json()) as { access_token: string }).access_token;
    };
    const first = await issue();
    expect(await own.services.keys.rotate("ES256")).toBe(true);
    const keys = await keysOf();
    expect(keys.filter(({ alg }) => alg === "ES256")).toHaveLength(2);
    const next = keys.filter(({ kid }) => kid !== decodeProtectedHeader(first).kid);
    own.advance(own.services.settings.keyPublishSeconds);
    const second = await issue();
    expect(next.map(({ kid }) => kid)).toContain(decodeProtectedHeader(second).kid ?? "");
    for (const token of [first, second]) {
      await jwtVerify(token, createLocalJWKSet({ keys: keys as never }), {
        issuer: ISSUER,
        audience: ISSUER,
        typ: "at+jwt",
        currentDate: new Date((START + 1) * 1000),
      });
    }
  });
});
