import { describe, expect, test } from "bun:test";
import { DPOP_ALGORITHMS } from "../../src/protocol/dpop.ts";
import { DATABASES, type DatabaseName } from "../support/databases.ts";
import { dpopKey, hashOf, type ProofParts, proofOf } from "../support/dpop.ts";
import { ISSUER } from "../support/server.ts";
import { askAs, codeForm, dpopServer } from "./dpop_fixture.ts";

const key = await dpopKey();
const other = await dpopKey();
const ALGS = `algs="${DPOP_ALGORITHMS.join(" ")}"`;

/** A server, a person's bound access token, and a way to use it. */
async function begin(database: DatabaseName = "sqlite", clientId = "spa") {
  const server = await dpopServer(database);
  const userId = await server.addUser({ username: "ann" });
  const form = await codeForm(server, clientId, { userId, scope: ["openid"] });
  const { access_token: token } = (await askAs(server, key, form)).body;
  const proof = (parts: ProofParts = {}, by = key) =>
    proofOf(by, { path: "/userinfo", token, ...parts, claims: { htm: "GET", ...parts.claims } });
  const use = (headers: Record<string, string>) => server.get("/userinfo", headers);
  const show = async (DPoP: string) => use({ Authorization: `DPoP ${token}`, DPoP });
  return { server, token, proof, use, show };
}

const challengeOf = (response: Response) => response.headers.get("www-authenticate") ?? "";

/** Expects a refusal by DPoP's challenge. */
function expectRefused(response: Response, error: string): void {
  expect(response.status).toBe(401);
  const challenge = challengeOf(response);
  expect(challenge).toStartWith(`DPoP realm="${ISSUER}", error="${error}", error_description="`);
  expect(challenge).toEndWith(`, scope="openid", ${ALGS}`);
}

describe.each(DATABASES)("RFC 9449 §7 a bound token at userinfo on %s", (database) => {
  test("with a proof of its key: the claims, once per proof", async () => {
    const { proof, show } = await begin(database);
    const sent = await proof();
    expect((await show(sent)).status).toBe(200);
    expectRefused(await show(sent), "invalid_dpop_proof");
    expect((await show(await proof())).status).toBe(200);
  });

  test("attack 61: sent as Bearer, in the header or in a form, with or without a proof: 401", async () => {
    const { server, token, proof, use } = await begin(database);
    const DPoP = await proof();
    expectRefused(await use({ Authorization: `Bearer ${token}` }), "invalid_token");
    expectRefused(await use({ Authorization: `Bearer ${token}`, DPoP }), "invalid_token");
    const form = { access_token: token };
    const posted = { headers: { DPoP: await proof({ claims: { htm: "POST" } }) } };
    expectRefused(await server.post("/userinfo", form), "invalid_token");
    expectRefused(await server.post("/userinfo", form, posted), "invalid_token");
  });

  test("a revoked one is refused although its key is proved", async () => {
    const { server, token, proof, show } = await begin(database);
    await server.post("/token/revoke", { client_id: "spa", token });
    expectRefused(await show(await proof()), "invalid_token");
  });
});

describe("attack 60: what does not prove the token's key, for this request and token", () => {
  test.each([
    ["another key's proof", (w: World) => w.proof({}, other)],
    ["the method of another request", (w: World) => w.proof({ claims: { htm: "POST" } })],
    ["the address of another request", (w: World) => w.proof({ path: "/token" })],
    ["no ath", (w: World) => w.proof({ claims: { ath: undefined } })],
    ["the ath of another token", (w: World) => w.proof({ claims: { ath: hashOf("other") } })],
    ["the token itself as ath", (w: World) => w.proof({ claims: { ath: w.token.slice(0, 43) } })],
    ["a proof for the token endpoint", () => proofOf(key)],
    ["no proof at all", () => ""],
    ["two proofs", async (w: World) => `${await w.proof()}, ${await w.proof()}`],
  ])("%s", async (_name, make) => {
    const world = await begin();
    expectRefused(await world.show(await make(world)), "invalid_dpop_proof");
    expect((await world.show(await world.proof())).status).toBe(200);
  });

  test("no DPoP header", async () => {
    const { token, use } = await begin();
    expectRefused(await use({ Authorization: `DPoP ${token}` }), "invalid_dpop_proof");
  });

  test("two Authorization headers", async () => {
    const { server, token, proof } = await begin();
    const request = new Request("http://localhost/userinfo", { headers: { DPoP: await proof() } });
    request.headers.append("Authorization", `DPoP ${token}`);
    request.headers.append("Authorization", `DPoP ${token}`);
    expect((await server.server.handle(request)).status).toBe(401);
  });
});

type World = Awaited<ReturnType<typeof begin>>;

describe("RFC 9449 §7.1 schemes", () => {
  test("an unbound token under the DPoP scheme is refused, and told to come as Bearer", async () => {
    const server = await dpopServer();
    const userId = await server.addUser({ username: "ann" });
    const form = await codeForm(server, "spa", { userId, scope: ["openid"] });
    const answer = await (await server.post("/token", form)).json();
    const { access_token: token } = answer as { access_token: string };
    const DPoP = await proofOf(key, { path: "/userinfo", token, claims: { htm: "GET" } });
    const refused = await server.get("/userinfo", { Authorization: `DPoP ${token}`, DPoP });
    expect(refused.status).toBe(401);
    expect(challengeOf(refused)).toStartWith(`Bearer realm="${ISSUER}", error="invalid_token"`);
    const used = await server.get("/userinfo", { Authorization: `Bearer ${token}`, DPoP });
    expect(used.status).toBe(200);
  });

  test("HEAD is proved as HEAD, although it is answered like GET", async () => {
    const { server, token, proof } = await begin();
    const head = async (htm: string) => {
      const headers = { Authorization: `DPoP ${token}`, DPoP: await proof({ claims: { htm } }) };
      const request = new Request("http://localhost/userinfo", { method: "HEAD", headers });
      return (await server.server.handle(request)).status;
    };
    expect([await head("HEAD"), await head("GET")]).toEqual([200, 401]);
  });

  test("who sends nothing is offered both", async () => {
    const { use } = await begin();
    expect(challengeOf(await use({}))).toBe(
      `Bearer realm="${ISSUER}", scope="openid", DPoP ${ALGS}`,
    );
  });

  test("the scheme's name is compared without regard to case", async () => {
    const { token, proof, use } = await begin();
    expect((await use({ Authorization: `dpop ${token}`, DPoP: await proof() })).status).toBe(200);
  });

  test("a token that is none, and one without the scope, under the DPoP scheme", async () => {
    const { server, use } = await begin();
    const machine = { grant_type: "client_credentials", scope: "api1" };
    const { access_token: token } = (await askAs(server, key, machine)).body;
    const DPoP = await proofOf(key, { path: "/userinfo", token, claims: { htm: "GET" } });
    const scope = await use({ Authorization: `DPoP ${token}`, DPoP });
    expect(scope.status).toBe(403);
    expect(challengeOf(scope)).toStartWith(`DPoP realm="${ISSUER}", error="insufficient_scope"`);
    expectRefused(await use({ Authorization: "DPoP nonsense", DPoP }), "invalid_token");
  });
});
