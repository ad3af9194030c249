/** Clients that sign, as they register themselves (RFC 7591), and what does not tell them apart. */
import { describe, expect, test } from "bun:test";
import { bodyOf, onEachDatabase } from "../endpoints/token_fixture.ts";
import { claimsOf, formOf, hmacBy, newClientKey, SHARED, signedBy } from "../support/assertions.ts";
import { DATABASES } from "../support/databases.ts";
import { testServer } from "../support/server.ts";

const key = await newClientKey("PS256");
const CALLBACK = "https://app.example/callback";
const servers = await onEachDatabase((database) =>
  testServer({ database, settings: { registration: "open" } }),
);

interface Registered {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly registration_access_token: string;
  readonly error_description?: string;
}

describe.each(DATABASES)("RFC 7591 registration of clients that sign on %s", (database) => {
  const server = servers[database];
  const send = async (method: string, path: string, body: object, token?: string) => {
    const request = new Request(`http://localhost${path}`, {
      method,
      body: JSON.stringify(body),
      headers: {
        "Content-Type": "application/json",
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      },
    });
    return (await (await server.server.handle(request)).json()) as Registered;
  };
  const register = (metadata: object) =>
    send("POST", "/register", { redirect_uris: [CALLBACK], ...metadata });
  /** What a refresh with the assertion is refused for: after it was taken, the token is at fault. */
  const errorOf = async (assertion: string) => {
    const form = { grant_type: "authorization_code", code: "x", redirect_uri: CALLBACK };
    return (await bodyOf(await server.post("/token", { ...form, ...formOf(assertion) }), 400))
      .error;
  };

  test("private_key_jwt: the registered key proves the client, and no secret is made", async () => {
    const metadata = { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [key.jwk] } };
    const client = await register(metadata);
    expect(client.client_secret).toBeUndefined();
    const assertion = await signedBy(key, claimsOf(server, client.client_id));
    expect(await errorOf(assertion)).toBe("invalid_grant");
    expect(
      await errorOf(
        await signedBy(await newClientKey("PS256"), claimsOf(server, client.client_id)),
      ),
    ).toBe("invalid_client");
    for (const jwks of [undefined, { keys: [] }, { keys: [{ ...key.jwk, d: "AA" }] }]) {
      expect((await register({ ...metadata, jwks })).error_description).toStartWith("jwks ");
    }
    const { jwks: _, ...published } = { ...metadata, jwks_uri: "http://app.example/jwks" };
    expect((await register(published)).error_description).toStartWith("jwks_uri is plain http");
  });

  test("attack 23: nobody registers himself for an older audience", async () => {
    const metadata = { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [key.jwk] } };
    for (const audience of ["token_endpoint", "issuer"]) {
      const answer = await register({ ...metadata, assertion_audience: audience });
      expect(answer.error_description).toBe("assertion_audience is for administrators");
    }
    const { client_id: id, registration_access_token: token } = await register(metadata);
    const older = { ...metadata, client_id: id, redirect_uris: [CALLBACK] };
    const changed = { ...older, assertion_audience: "token_endpoint" };
    const answer = await send("PUT", `/register/${id}`, changed, token);
    expect(answer.error_description).toBe("assertion_audience is for administrators");
  });

  test("client_secret_jwt: the secret that is told once is long enough for every HMAC", async () => {
    const client = await register({ token_endpoint_auth_method: "client_secret_jwt" });
    const { client_id: id, client_secret: secret = "" } = client;
    expect(Buffer.byteLength(secret)).toBe(64);
    for (const alg of ["HS256", "HS384", "HS512"]) {
      expect(await errorOf(await hmacBy(secret, claimsOf(server, id), alg))).toBe("invalid_grant");
    }
    // Who turns from Basic to an HMAC gets a secret that can be sealed (RFC 7592 §2.2).
    const basic = await register({});
    const changed = await send(
      "PUT",
      `/register/${basic.client_id}`,
      {
        client_id: basic.client_id,
        redirect_uris: [CALLBACK],
        token_endpoint_auth_method: "client_secret_jwt",
      },
      basic.registration_access_token,
    );
    const fresh = changed.client_secret ?? "";
    expect(fresh).not.toBe(basic.client_secret ?? "");
    expect(await errorOf(await hmacBy(fresh, claimsOf(server, basic.client_id)))).toBe(
      "invalid_grant",
    );
  });
});

describe("assertions and the client's secrets", () => {
  const server = servers.sqlite;

  test("attack 37: unknown, disabled and wrongly signed differ in the seed's words alone", async () => {
    const app = {
      client_secret: SHARED,
      token_endpoint_auth_method: "client_secret_jwt",
      grant_types: ["client_credentials"],
      scope: "api1",
    };
    await server.addClient({ ...app, client_id: "known" });
    await server.addClient({ ...app, client_id: "disabled" });
    await server.services.store.setClientDisabled("disabled", server.services.now());
    const bodies = await Promise.all(
      ["nobody", "disabled", "known"].map(async (id) => {
        const assertion = await hmacBy("x".repeat(64), claimsOf(server, id));
        const form = { grant_type: "client_credentials", scope: "api1", ...formOf(assertion) };
        return bodyOf(await server.post("/token", form), 400);
      }),
    );
    expect(bodies[0]).toEqual(bodies[1] as never);
    const wordless = bodies.map((body) => ({ ...body, error_description: "", error_uri: "" }));
    expect(wordless[0]).toEqual(wordless[2] as never);
  });

  test("attack 40: secrets that are equal in their first 72 bytes differ", async () => {
    const head = "ö".repeat(36);
    await server.addClient({
      client_id: "long",
      client_secret: `${head}1`,
      token_endpoint_auth_method: "client_secret_jwt",
      grant_types: ["client_credentials"],
      scope: "api1",
    });
    const statusOf = async (secret: string) => {
      const assertion = await hmacBy(secret, claimsOf(server, "long"));
      const form = { grant_type: "client_credentials", scope: "api1", ...formOf(assertion) };
      return (await server.post("/token", form)).status;
    };
    expect(await statusOf(`${head}1`)).toBe(200);
    for (const wrong of [`${head}2`, head, `${head}12`]) expect(await statusOf(wrong)).toBe(400);
  });
});
