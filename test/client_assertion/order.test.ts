/** The seed's messages 8 and 12 to 19, each at its own moment: what is wrong earlier is said first. */
import { describe, expect, test } from "bun:test";
import { deriveKey } from "../../src/services/assertion_decryption.ts";
import { bodyOf } from "../endpoints/token_fixture.ts";
import {
  ask,
  claimsOf,
  encrypted,
  hmacBy,
  newClientKey,
  part,
  SHARED,
  signedBy,
} from "../support/assertions.ts";
import { START, testServer } from "../support/server.ts";

const key = await newClientKey("ES256");
const stranger = await newClientKey("ES256", "ES256-1");
const server = await testServer();
const app = { grant_types: ["client_credentials"], scope: "api1" };
const shared = { ...app, client_secret: SHARED, token_endpoint_auth_method: "client_secret_jwt" };
await server.addClient({ ...shared, client_id: "live" });
await server.addClient({ ...shared, client_id: "dead", client_secret_expires_at: START });
await server.addClient({
  ...app,
  client_id: "keyed",
  token_endpoint_auth_method: "private_key_jwt",
  jwks: { keys: [key.jwk] },
});

const MESSAGES: Readonly<Record<number, string>> = {
  8: "the client doesn't exist",
  12: "the client dead doesn't have a shared secret",
  13: "the client assertion is not a JWE token",
  14: "the jwe token cannot be decrypted",
  15: "the client assertion is not a JWS token",
  16: "the JWS payload cannot be extracted",
  17: "the client id passed in JWT is not correct",
  18: "the audience passed in JWT is not correct",
  19: "the received JWT has expired",
};
const SIGNATURE = "the signature is not correct";

/** Everything that can be wrong at once; each row takes one away. */
const WRONG = { sub: "other", aud: "https://other.example", exp: 1, jti: "" };
type Claims = Readonly<Record<string, unknown>>;

const wrap = async (text: string | Promise<string>, secret = SHARED) =>
  encrypted(await text, deriveKey(secret, 256), { alg: "dir", enc: "A256GCM" });
const by = (secret: string, id: string, claims: Claims) =>
  hmacBy(secret, claimsOf(server, id, claims));
const byKey = (signer: typeof key, claims: Claims) =>
  signedBy(signer, claimsOf(server, "keyed", claims));
const OTHER = "x".repeat(64);

const ROWS: readonly (readonly [
  string,
  string,
  () => string | Promise<string>,
  number | string,
])[] = [
  ["a JWE of nobody", "nobody", () => wrap(by(OTHER, "live", WRONG), OTHER), 8],
  ["a JWS of nobody", "nobody", () => by(OTHER, "nobody", WRONG), 8],
  ["no form, no secret", "dead", () => "a.b", 12],
  ["a wrong JWE, no secret", "dead", () => wrap(by(OTHER, "dead", WRONG), OTHER), 12],
  ["no form", "live", () => "a.b", 13],
  ["a wrong key around a wrong JWS", "live", () => wrap("a.b", OTHER), 14],
  ["a JWE around no JWS", "live", () => wrap("a.b"), 15],
  ["a JWE around no payload", "live", () => wrap(`${part({ alg: "HS256" })}.${part("x")}.AA`), 16],
  ["a JWE around a wrong signature", "live", () => wrap(by(OTHER, "live", WRONG)), 16],
  ["a JWE around all wrong claims", "live", () => wrap(by(SHARED, "live", WRONG)), 17],
  ["a JWE around another's claims", "live", () => wrap(by(SHARED, "other", {})), 17],
  ["a wrong aud and exp", "live", () => wrap(by(SHARED, "live", { ...WRONG, sub: "live" })), 18],
  ["a past exp and no jti", "live", () => wrap(by(SHARED, "live", { exp: 1, jti: "" })), 19],
  ["an HMAC: no payload", "live", () => `${part({ alg: "HS256" })}.${part("x")}.AA`, 16],
  ["an HMAC: a wrong signature", "live", () => by(OTHER, "live", WRONG), SIGNATURE],
  ["an HMAC: all wrong claims", "live", () => by(SHARED, "live", WRONG), 17],
  ["an HMAC: wrong aud and exp", "live", () => by(SHARED, "live", { ...WRONG, sub: "live" }), 18],
  ["an HMAC: a past exp", "live", () => by(SHARED, "live", { exp: 1, jti: "" }), 19],
  ["a key: no form", "keyed", () => "a.b", 15],
  ["a key: no payload, no key", "keyed", () => `${part({ alg: "ES512" })}.${part("x")}.AA`, 16],
  ["a key: a wrong signature", "keyed", () => byKey(stranger, WRONG), SIGNATURE],
  ["a key: all wrong claims", "keyed", () => byKey(key, WRONG), 17],
  ["a key: wrong aud and exp", "keyed", () => byKey(key, { ...WRONG, sub: "keyed" }), 18],
  ["a key: a past exp", "keyed", () => byKey(key, { exp: 1, jti: "" }), 19],
];

describe("idserver.md A.4 order of the messages", () => {
  test.each(ROWS)("%s", async (_name, id, make, message) => {
    const body = await bodyOf(await ask(server, await make(), { client_id: id }), 400);
    const text = typeof message === "number" ? MESSAGES[message] : message;
    expect([body.error, body.error_description]).toEqual(["invalid_client", text ?? ""]);
  });

  test("an assertion is judged before the grant type, and after what the form lacks", async () => {
    const refused = async (form: Record<string, string>) =>
      (await bodyOf(await ask(server, await by(SHARED, "live", WRONG), form), 400))
        .error_description;
    expect(await refused({ grant_type: "password" })).toBe("the parameter username is missing");
    const code = { grant_type: "refresh_token", refresh_token: "x" };
    expect(await refused(code)).toBe(MESSAGES[17] ?? "");
  });
});
