import { describe, expect, test } from "bun:test";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { claimsOf, formOf, hmacBy, newClientKey, SHARED, signedBy } from "../support/assertions.ts";
import { DATABASES } from "../support/databases.ts";
import { CALLBACK } from "../support/openid.ts";
import { testServer } from "../support/server.ts";

const key = await newClientKey("EdDSA");
const app = {
  grant_types: ["client_credentials", "authorization_code"],
  redirect_uris: [CALLBACK],
  scope: "api1",
  confirmation_codes: true,
};

const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database });
  await server.addClient({
    ...app,
    client_id: "key",
    token_endpoint_auth_method: "private_key_jwt",
    jwks: { keys: [key.jwk] },
  });
  await server.addClient({
    ...app,
    client_id: "secret",
    client_secret: SHARED,
    token_endpoint_auth_method: "client_secret_jwt",
  });
  await server.addClient({ ...app, client_id: "basic", client_secret: "s" });
  await server.addClient({
    ...app,
    client_id: "public",
    grant_types: ["authorization_code"],
  });
  return server;
});

describe.each(DATABASES)("client assertions at every endpoint on %s", (database) => {
  const server = servers[database];
  const newAssertion = (id: string) => {
    const claims = claimsOf(server, id);
    return id === "key" ? signedBy(key, claims) : hmacBy(SHARED, claims);
  };

  describe.each(["key", "secret"])("by the client %s", (id) => {
    test("/token, /introspect and /token/revoke", async () => {
      const send = async (path: string, form: Record<string, string>) =>
        server.post(path, { ...form, ...formOf(await newAssertion(id)) });
      const issued = await send("/token", { grant_type: "client_credentials", scope: "api1" });
      const { access_token: token } = (await issued.json()) as { access_token: string };
      const active = async () => (await send("/introspect", { token })).json();
      expect(await active()).toMatchObject({ active: true, client_id: id });
      expect((await send("/token/revoke", { token })).status).toBe(200);
      expect(await active()).toEqual({ active: false });
    });

    test("/par and /code, and an assertion of one endpoint is spent at the others", async () => {
      const assertion = await newAssertion(id);
      const request = {
        client_id: id,
        response_type: "code",
        redirect_uri: CALLBACK,
        scope: "api1",
        code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        code_challenge_method: "S256",
      };
      const pushed = await server.post("/par", { ...request, ...formOf(assertion) });
      expect(pushed.status).toBe(201);
      const address = { email: "nobody@example.org" };
      const replayed = await server.post("/code", { ...address, ...formOf(assertion) });
      expect(await replayed.json()).toMatchObject({ error: "invalid_client" });
      const sent = await server.post("/code", { ...address, ...formOf(await newAssertion(id)) });
      expect(sent.status).toBeLessThan(300);
    });
  });

  const ask = (form: Record<string, string>, basic?: readonly [string, string]) =>
    server.post(
      "/token",
      { grant_type: "client_credentials", scope: "api1", ...form },
      basic && { basic },
    );

  test("attack 34: an assertion beside a secret, in header or body, is two methods", async () => {
    const several = {
      error: "invalid_request",
      error_description: "the client must use one authentication method only",
    };
    const form = formOf(await newAssertion("key"));
    expect(await (await ask(form, ["key", "s"])).json()).toMatchObject(several);
    const secret = { client_id: "key", client_secret: "s" };
    expect(await (await ask({ ...form, ...secret })).json()).toMatchObject(several);
    expect((await ask(form)).status).toBe(200);
  });

  test("attack 34: a client of another method is refused in its own words, right assertion or not", async () => {
    const claims = claimsOf(server, "basic");
    for (const assertion of [await hmacBy(SHARED, claims), await signedBy(key, claims)]) {
      expect(await (await ask(formOf(assertion))).json()).toMatchObject({
        error_description: "the client cannot be authenticated with secret basic",
      });
    }
    const bySecret = await hmacBy(SHARED, claimsOf(server, "public"));
    expect(await (await ask(formOf(bySecret))).json()).toMatchObject({
      error_description: "the client public is public and must not send a secret",
    });
  });

  test.each([
    ["key", "the client assertion is not a JWS token"],
    ["secret", "the client assertion is not a JWE token"],
  ])("the client %s without assertion, or by its secret alone, is refused", async (id, text) => {
    const refused = { error: "invalid_client", error_description: text };
    expect(await (await ask({ client_id: id })).json()).toMatchObject(refused);
    expect(await (await ask({}, [id, SHARED])).json()).toMatchObject(refused);
    const body = { client_id: id, client_secret: SHARED };
    expect(await (await ask(body)).json()).toMatchObject(refused);
  });

  test("half a pair, and another type, are faults of the request", async () => {
    const { client_assertion, client_assertion_type } = formOf(await newAssertion("key")) as {
      client_assertion: string;
      client_assertion_type: string;
    };
    const detailOf = async (form: Record<string, string>) => {
      const response = await ask({ client_id: "key", ...form });
      const { error, detail, code } = (await response.json()) as Record<string, unknown>;
      return [response.status, error, detail, code];
    };
    expect(await detailOf({ client_assertion })).toEqual([
      400,
      "invalid_request",
      "client_assertion_type",
      25,
    ]);
    expect(await detailOf({ client_assertion_type })).toEqual([
      400,
      "invalid_request",
      "client_assertion",
      25,
    ]);
    for (const type of [
      "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
      `${client_assertion_type}x`,
      client_assertion_type.toUpperCase(),
    ]) {
      expect(await detailOf({ client_assertion, client_assertion_type: type })).toEqual([
        400,
        "invalid_request",
        "client_assertion_type",
        26,
      ]);
    }
  });

  test("attack 36: an assertion in the URL is refused", async () => {
    const query = new URLSearchParams(formOf(await newAssertion("key")));
    const form = { grant_type: "client_credentials", scope: "api1" };
    const response = await server.post(`/token?${query}`, form);
    expect(await response.json()).toMatchObject({ error: "invalid_request" });
  });
});
