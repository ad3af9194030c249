import { describe, expect, test } from "bun:test";
import { decodeJwt } from "jose";
import { sweep } from "../../src/services/sweep.ts";
import { DATABASES } from "../support/databases.ts";
import { dpopKey, type ProofParts, proofOf } from "../support/dpop.ts";
import { START, testServer } from "../support/server.ts";
import { ask, askAs, dpopServer, introspect, MACHINE, WEB } from "./dpop_fixture.ts";

const server = await dpopServer();
const key = await dpopKey();
const other = await dpopKey();

/** The answer to a request with this header. */
const answerTo = (DPoP: string) => ask(server, MACHINE, { headers: { DPoP }, ...WEB });

describe("attack 86: the clock of who signs", () => {
  const at = (offset: number) => ({ claims: { iat: START + offset } });
  test.each([
    [10, 200],
    [11, 400],
    [61, 400],
    [600, 400],
    [-60, 200],
    [-61, 400],
    [-600, 400],
  ])("%i s beside ours: %i", async (offset, status) => {
    expect((await answerTo(await proofOf(key, at(offset)))).status).toBe(status);
  });

  test("how old a proof may be is a setting", async () => {
    const strict = await dpopServer("sqlite", { dpopProofLifetimeSeconds: 5 });
    expect((await askAs(strict, key, MACHINE, at(-5))).status).toBe(200);
    expect((await askAs(strict, key, MACHINE, at(-6))).status).toBe(400);
  });
});

describe.each(DATABASES)("RFC 9449 §5 tokens of who proves a key on %s", (database) => {
  test("are bound to it, as JWT and as opaque token, and introspection says so", async () => {
    const bound = await dpopServer(database);
    const jwt = (await askAs(bound, key, MACHINE)).body;
    expect(jwt.token_type).toBe("DPoP");
    expect(decodeJwt(jwt.access_token)["cnf"]).toEqual({ jkt: key.jkt });
    const told = { active: true, token_type: "DPoP", cnf: { jkt: key.jkt } };
    expect(await introspect(bound, jwt.access_token)).toMatchObject(told);
    const opaque = { ...MACHINE, client_id: "opaque", client_secret: "s" };
    const { body } = await askAs(bound, key, opaque);
    expect([body.token_type, body.access_token.slice(0, 4)]).toEqual(["DPoP", "tsa_"]);
    const answer = await bound.post("/introspect", {
      token: body.access_token,
      client_id: "opaque",
      client_secret: "s",
    });
    expect(await answer.json()).toMatchObject(told);
  });

  test("attack 60: a proof is spent once per key, across restarts, for as long as it would pass", async () => {
    const first = await dpopServer(database);
    const proof = (parts: ProofParts = {}, by = key) =>
      proofOf(by, { ...parts, claims: { jti: "same", ...parts.claims } });
    const send = async (DPoP: string, on = first) =>
      (await ask(on, MACHINE, { headers: { DPoP }, ...WEB })).status;
    const sent = await proof();
    expect(await send(sent)).toBe(200);
    expect(await send(sent)).toBe(400);
    expect(await send(await proof({ claims: { extra: 1 } }))).toBe(400);
    expect(await send(await proof({}, other))).toBe(200);
    const { url, secret } = first;
    expect(await send(sent, await testServer({ url, secret }))).toBe(400);

    const ahead = await proof({ claims: { jti: "ahead", iat: START + 10 } });
    expect(await send(ahead)).toBe(200);
    first.advance(60);
    await sweep(first.services);
    expect(await send(sent)).toBe(400);
    first.advance(10);
    await sweep(first.services);
    expect(await send(ahead)).toBe(400);
  });

  test("attack 60: fifty requests with one proof at once: one gets a token", async () => {
    const crowd = await dpopServer(database);
    const DPoP = await proofOf(key);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => ask(crowd, MACHINE, { headers: { DPoP }, ...WEB })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = answers.filter(({ body }) => body.error === "invalid_dpop_proof");
    expect(refused).toHaveLength(49);
  });
});

describe("RFC 9449 §5.2 dpop_bound_access_tokens", () => {
  const form = { grant_type: "password", client_id: "bound", username: "u", password: "p" };
  test("without a proof the client gets nothing", async () => {
    const { status, body } = await ask(server, { ...form, scope: "api1" });
    expect([status, body.error]).toEqual([400, "invalid_dpop_proof"]);
    expect(body.error_description).toBe("the client bound must send a DPoP proof");
  });

  test("a client may register it for itself, as true or false", async () => {
    const open = await dpopServer("sqlite", { registration: "open" });
    const register = async (dpop_bound_access_tokens: unknown) => {
      const metadata = { redirect_uris: ["https://new.example/cb"], dpop_bound_access_tokens };
      const body = JSON.stringify(metadata);
      const headers = { "Content-Type": "application/json" };
      const response = await open.post("/register", body, { headers });
      return { status: response.status, body: await response.json() };
    };
    expect(await register(true)).toMatchObject({
      status: 201,
      body: { dpop_bound_access_tokens: true },
    });
    expect(await register("yes")).toMatchObject({
      status: 400,
      body: { error: "invalid_client_metadata", detail: "dpop_bound_access_tokens" },
    });
  });

  test("other clients may leave it out, and get Bearer tokens", async () => {
    const { body } = await ask(server, MACHINE, WEB);
    expect(body.token_type).toBe("Bearer");
    expect(decodeJwt(body.access_token)["cnf"]).toBeUndefined();
  });
});
