import { describe, expect, test } from "bun:test";
import { fitsAlgorithm, jwkFault, parseJwks } from "../../src/protocol/client_jwks.ts";
import { metadataFaults } from "../../src/protocol/metadata_faults.ts";
import { newClientKey, weakRsaKey } from "../support/assertions.ts";

const { jwk: ec } = await newClientKey("ES256");
const { jwk: rsa } = await newClientKey("RS256");
const { jwk: ed } = await newClientKey("EdDSA");

describe("RFC 7517 §4 keys of a client", () => {
  test("RFC 7517 Appendix A.1: both public keys of the example are sound, and fit their algorithms", () => {
    const [first = {}, second = {}, ...more] = [...parseJwks(RFC7517_A1)] as Record<
      string,
      unknown
    >[];
    expect(more).toEqual([]);
    expect([jwkFault(first), jwkFault(second)]).toEqual([undefined, undefined]);
    // The first is for encryption; the second names its algorithm.
    expect(fitsAlgorithm(first, "ES256")).toBe(false);
    expect(fitsAlgorithm({ ...first, use: "sig" }, "ES256")).toBe(true);
    expect([fitsAlgorithm(second, "RS256"), fitsAlgorithm(second, "PS256")]).toEqual([true, false]);
  });

  test("RFC 7517 Appendix A.2 and A.3: private and symmetric keys are refused", () => {
    const privateKey = {
      kty: "EC",
      crv: "P-256",
      x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
      y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
      d: "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
      use: "enc",
      kid: "1",
    };
    const symmetric = { kty: "oct", alg: "A128KW", k: "GawgguFyGrWKav7AX4VKUg" };
    for (const key of [privateKey, symmetric, { kty: "oct" }]) {
      expect(jwkFault(key)).toBe("a private key; register its public half");
    }
  });

  test.each([
    ["an RSA key of 1024 bits", weakRsaKey().jwk],
    [
      "an RSA key padded with zeros",
      { ...weakRsaKey().jwk, n: `${"A".repeat(300)}${"_".repeat(100)}` },
    ],
    ["an RSA key of 16384 bits", { ...rsa, n: "_".repeat(2731) }],
    ["an RSA key with a huge exponent", { ...rsa, e: "_".repeat(43) }],
    ["an RSA key without exponent", { kty: "RSA", n: rsa.n }],
    ["a point that is cut", { ...ec, y: ec.y?.slice(1) }],
    ["a point with padding", { ...ec, x: `${ec.x?.slice(0, 42)}=` }],
    ["a point that is a number", { ...ec, x: 7 }],
    ["an EC key without curve", { kty: "EC" }],
    ["an OKP key without point", { kty: "OKP", crv: "Ed25519" }],
  ])("%s is refused", (_name, key) => {
    expect(jwkFault(key)).toBeString();
    expect(fitsAlgorithm(key, key["kty" as never] === "RSA" ? "RS256" : "ES256")).toBe(false);
  });

  test("kinds that we do not know are left alone", () => {
    const strange = ["X25519", "constructor", "__proto__"].map((crv) => ({
      kty: "OKP",
      crv,
      x: "AA",
    }));
    for (const key of [{ kty: "new" }, ...strange]) {
      expect(jwkFault(key)).toBeUndefined();
    }
  });

  test("EdDSA and Ed25519 are two names of one key's algorithm (RFC 9864)", () => {
    for (const alg of ["EdDSA", "Ed25519"] as const) {
      for (const named of ["EdDSA", "Ed25519", undefined]) {
        expect(fitsAlgorithm({ ...ed, alg: named }, alg)).toBe(true);
      }
      expect(fitsAlgorithm({ ...ed, alg: "ES256" }, alg)).toBe(false);
    }
  });
});

describe("metadata of clients that sign", () => {
  const can = {
    grantTypes: new Map(),
    authMethods: new Set(["private_key_jwt", "client_secret_jwt"]),
    privateHosts: [],
  };
  const keyed = { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [ec] } };
  const shared = { token_endpoint_auth_method: "client_secret_jwt" };
  const { jwks: _, ...keyless } = keyed;

  test.each([
    ["keys", keyed, []],
    ["an address of keys", { ...keyless, jwks_uri: "https://app.example/jwks" }, []],
    ["no keys", keyless, ["jwks"]],
    ["keys twice", { ...keyed, jwks_uri: "https://app.example/jwks" }, ["jwks"]],
    ["an address that is none", { ...keyless, jwks_uri: "ftp://app.example" }, ["jwks_uri"]],
    [
      "an HMAC for keys",
      { ...keyed, token_endpoint_auth_signing_alg: "HS256" },
      ["token_endpoint_auth_signing_alg"],
    ],
    ["a key for its algorithm", { ...keyed, token_endpoint_auth_signing_alg: "ES256" }, []],
    [
      "an algorithm without its key",
      { ...keyed, token_endpoint_auth_signing_alg: "RS256" },
      ["jwks"],
    ],
    ["an HMAC for a secret", { ...shared, token_endpoint_auth_signing_alg: "HS512" }, []],
    [
      "a signature for a secret without keys",
      { ...shared, token_endpoint_auth_signing_alg: "ES256" },
      ["token_endpoint_auth_signing_alg"],
    ],
    [
      "the seed's signature inside a JWE",
      { ...shared, jwks: { keys: [ec] }, token_endpoint_auth_signing_alg: "ES256" },
      [],
    ],
    ["a key wrap for a secret", { ...shared, token_endpoint_auth_encryption_alg: "A256KW" }, []],
    [
      "a key wrap for keys",
      { ...keyed, token_endpoint_auth_encryption_alg: "A256KW" },
      ["token_endpoint_auth_encryption_alg"],
    ],
    ["our key for keys", { ...keyed, token_endpoint_auth_encryption_alg: "ECDH-ES" }, []],
    [
      "a content encryption alone",
      { ...keyed, token_endpoint_auth_encryption_enc: "A256GCM" },
      ["token_endpoint_auth_encryption_enc"],
    ],
  ] as const)("%s", (_name, metadata, faults) => {
    const found = metadataFaults({ grant_types: [], ...(metadata as object) }, can);
    expect(found.map(({ field }) => field)).toEqual([...faults]);
  });
});

/** RFC 7517 Appendix A.1, both keys as they stand there. */
const RFC7517_A1 = `{"keys":
 [
   {"kty":"EC",
    "crv":"P-256",
    "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    "use":"enc",
    "kid":"1"},

   {"kty":"RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    "e":"AQAB",
    "alg":"RS256",
    "kid":"2011-04-29"}
 ]
}`;
