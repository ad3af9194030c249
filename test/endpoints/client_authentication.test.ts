import { describe, expect, test } from "bun:test";
import { DATABASES } from "../support/databases.ts";
import { ISSUER, type PostOptions, START, testServer } from "../support/server.ts";
import { bodyOf, expectRefusal, onEachDatabase, stateOf } from "./token_fixture.ts";

const UNKNOWN = "the client doesn't exist";
const BASIC = "the client cannot be authenticated with secret basic";
const POST = "the client cannot be authenticated with secret post";
/** Secrets of which a truncating hash would see the same 72 bytes. */
const LONG = "ö".repeat(36);

const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database });
  const app = { scope: "api1", grant_types: ["client_credentials", "password"] };
  const post = { token_endpoint_auth_method: "client_secret_post" };
  const taler = { profile: "challenger" as const };
  await server.addClient({ ...app, client_id: "basic", client_secret: "s" });
  await server.addClient({ ...app, ...post, client_id: "post", client_secret: "s" });
  await server.addClient({ ...app, client_id: "public" });
  await server.addClient({ ...app, client_id: "Case", client_secret: "upper" });
  await server.addClient({ ...app, client_id: "case", client_secret: "lower" });
  await server.addClient({ ...app, client_id: "caf\u00e9", client_secret: "composed" });
  await server.addClient({ ...app, client_id: "long", client_secret: `${LONG}1` });
  await server.addClient({ ...app, ...post, client_id: "long-post", client_secret: `${LONG}1` });
  await server.addClient({ ...app, ...taler, client_id: "taler", client_secret: "s" });
  await server.addClient({
    ...app,
    ...taler,
    ...post,
    client_id: "taler-post",
    client_secret: "s",
  });
  await server.addClient({ ...app, ...taler, client_id: "taler-public" });
  await server.addClient({
    ...app,
    client_id: "secretless",
    token_endpoint_auth_method: "client_secret_basic",
  });
  await server.addClient({ ...app, client_id: "disabled", client_secret: "s" });
  await server.services.store.setClientDisabled("disabled", START);
  for (const [id, method] of [["expiring", {}] as const, ["expiring-post", post] as const]) {
    const end = { client_secret: "s", client_secret_expires_at: START + 100 };
    await server.addClient({ ...app, ...method, ...end, client_id: id });
  }
  await server.addUser({ username: "ada", password: "lovelace" });
  return server;
});

describe.each(DATABASES)("RFC 6749 §2.3 client authentication on %s", (database) => {
  const server = servers[database];
  const ask = (form: Record<string, string>, options?: PostOptions) =>
    server.post("/token", { grant_type: "client_credentials", scope: "api1", ...form }, options);
  const body = (client_id: string, client_secret: string) => ({ client_id, client_secret });

  test("each method works for the clients registered for it", async () => {
    expect((await ask({}, { basic: ["basic", "s"] })).status).toBe(200);
    expect((await ask({ client_id: "basic" }, { basic: ["basic", "s"] })).status).toBe(200);
    expect((await ask(body("post", "s"))).status).toBe(200);
    const login = { grant_type: "password", username: "ada", password: "lovelace" };
    expect((await ask({ ...login, client_id: "public" })).status).toBe(200);
  });

  test.each([
    ["a basic client that sends its secret in the body", body("basic", "s"), {}, 400, BASIC],
    ["a basic client that sends nothing", { client_id: "basic" }, {}, 400, BASIC],
    ["a basic client that has no secret", {}, { basic: ["secretless", "s"] }, 401, BASIC],
    ["a basic client with an empty secret", {}, { basic: ["basic", ""] }, 401, BASIC],
    ["a post client that uses Basic", {}, { basic: ["post", "s"] }, 401, POST],
    ["a post client that sends nothing", { client_id: "post" }, {}, 400, POST],
    ["a post client with a blank secret", body("post", " "), {}, 400, POST],
    ["a secret without an id", { client_secret: "s" }, {}, 400, UNKNOWN],
    ["no client at all", {}, {}, 400, UNKNOWN],
    ["a disabled client", {}, { basic: ["disabled", "s"] }, 401, UNKNOWN],
    ["a scheme we do not know", {}, { headers: { Authorization: "Digest x" } }, 401, UNKNOWN],
  ] as const)("%s is refused", async (_, form, options, status, text) => {
    const response = await ask(form, options);
    expect(response.headers.get("www-authenticate")).toBe(
      status === 401 ? `Basic realm="${ISSUER}", charset="UTF-8"` : null,
    );
    await expectRefusal(response, [status, "invalid_client", text]);
  });

  test("attack 34: two methods in one request are an error, right or wrong", async () => {
    const several = [
      400,
      "invalid_request",
      "the client must use one authentication method only",
    ] as const;
    for (const as of ["basic", "post", "nobody", "public"]) {
      for (const secret of ["s", "wrong"]) {
        await expectRefusal(await ask(body(as, "s"), { basic: [as, secret] }), several);
        await expectRefusal(await ask({ client_secret: "s" }, { basic: [as, secret] }), several);
      }
    }
  });

  test("attack 34: client_id beside Basic must be the same, and is no second method", async () => {
    for (const id of ["post", "BASIC", "basic "]) {
      await expectRefusal(await ask({ client_id: id }, { basic: ["basic", "s"] }), [
        400,
        "invalid_request",
        "the parameter client_id is not the client that authenticates",
      ]);
    }
  });

  test("attack 34: a public client that sends a secret is refused", async () => {
    const text = "the client public is public and must not send a secret";
    await expectRefusal(await ask(body("public", "s")), [400, "invalid_client", text]);
    await expectRefusal(await ask({}, { basic: ["public", "s"] }), [401, "invalid_client", text]);
    await expectRefusal(await ask({}, { basic: ["public", ""] }), [401, "invalid_client", text]);
  });

  test("clients of the Challenger profile choose between body and Basic (decisions D4)", async () => {
    for (const id of ["taler", "taler-post"]) {
      expect((await ask({}, { basic: [id, "s"] })).status).toBe(200);
      expect((await ask(body(id, "s"))).status).toBe(200);
      expect((await ask(body(id, "x"))).status).toBe(401);
    }
    const login = { grant_type: "password", username: "ada", password: "lovelace" };
    expect((await ask({ ...login, client_id: "taler-public" })).status).toBe(200);
    expect((await ask({ ...login, ...body("taler-public", "s") })).status).toBe(401);
  });

  test("attack 37: unknown, disabled and wrong differ in the seed's words alone", async () => {
    const answers = [
      await bodyOf(await ask({}, { basic: ["nobody", "s"] }), 401),
      await bodyOf(await ask({}, { basic: ["disabled", "s"] }), 401),
      await bodyOf(await ask({}, { basic: ["basic", "wrong"] }), 401),
    ];
    expect(answers[0]).toEqual(answers[1] as never);
    const same = ({ error_description: _, ...rest }: Record<string, unknown>) => {
      delete rest["error_uri"];
      return rest;
    };
    expect(same({ ...answers[0] })).toEqual(same({ ...answers[2] }));
  });

  test.each([
    ["Case", "upper", 200],
    ["case", "lower", 200],
    ["Case", "lower", 401],
    ["CASE", "upper", 401],
    ["case ", "lower", 401],
    [" case", "lower", 401],
    ["case%", "lower", 401],
    ["caf\u00e9", "composed", 200],
    ["cafe\u0301", "composed", 401],
    ["Caf\u00c9", "composed", 401],
    ["basic", "S", 401],
    ["basic", "s ", 401],
    ["basic", " s", 401],
  ] as const)("attack 38: id %p with secret %p is %d", async (id, secret, status) => {
    expect((await ask({}, { basic: [id, secret] })).status).toBe(status);
  });

  test("attack 40: secrets that are equal in their first 72 bytes differ", async () => {
    expect(Buffer.byteLength(LONG)).toBe(72);
    expect((await ask({}, { basic: ["long", `${LONG}1`] })).status).toBe(200);
    expect((await ask({}, { basic: ["long", `${LONG}2`] })).status).toBe(401);
    expect((await ask({}, { basic: ["long", LONG] })).status).toBe(401);
    expect((await ask(body("long-post", `${LONG}1`))).status).toBe(200);
    expect((await ask(body("long-post", `${LONG}2`))).status).toBe(400);
  });

  test.each(["/token", "/token/revoke", "/introspect"])(
    "attack 36: credentials and parameters in the URL of %s are refused and logged nowhere",
    async (path) => {
      const before = await stateOf(server.url);
      const secret = "CANARY-in-the-url";
      const names = ["client_id", "client_secret", path === "/token" ? "password" : "token"];
      const form = { grant_type: "client_credentials", scope: "api1", token: "x" };
      for (const name of names) {
        for (const spelled of [name, name.replace("_", "%5F"), `x=1&${name}`]) {
          const url = `${path}?${spelled}=${secret}`;
          const response = await server.post(url, form, { basic: ["basic", "s"] });
          const text = await response.clone().text();
          expect(text).not.toContain(secret);
          await expectRefusal(response, [
            400,
            "invalid_request",
            `the parameter ${name} must be sent in the body, not in the URL`,
          ]);
        }
      }
      const got = await server.get(`${path}?client_id=basic&client_secret=${secret}`);
      expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
      expect(await got.text()).not.toContain(secret);
      const rows = await server.services.store.listAuditRows(1_000);
      expect(JSON.stringify([rows, server.log])).not.toContain(secret);
      expect(await stateOf(server.url)).toBe(before);
    },
  );

  test("a name in the URL that the endpoint does not know is ignored", async () => {
    const form = { grant_type: "client_credentials", scope: "api1" };
    const response = await server.post("/token?utm=1&ticket_id=2", form, { basic: ["basic", "s"] });
    expect(response.status).toBe(200);
  });

  test("a secret works until the second in which it expires", async () => {
    server.advance(99);
    expect((await ask({}, { basic: ["expiring", "s"] })).status).toBe(200);
    expect((await ask(body("expiring-post", "s"))).status).toBe(200);
    server.advance(1);
    await expectRefusal(await ask({}, { basic: ["expiring", "s"] }), [
      401,
      "invalid_client",
      BASIC,
    ]);
    await expectRefusal(await ask(body("expiring-post", "s")), [400, "invalid_client", POST]);
  });

  test("a client that is enabled again works, and another instance agrees", async () => {
    const { store, now } = server.services;
    await store.setClientDisabled("disabled", null);
    expect((await ask({}, { basic: ["disabled", "s"] })).status).toBe(200);
    await store.setClientDisabled("disabled", now());
    const second = await testServer({ url: server.url, secret: server.secret });
    const form = { grant_type: "client_credentials", scope: "api1" };
    const response = await second.post("/token", form, { basic: ["disabled", "s"] });
    await expectRefusal(response, [401, "invalid_client", UNKNOWN]);
  });
});
