import { describe, expect, test } from "bun:test";
import { DATABASES } from "../support/databases.ts";
import { dpopKey, proofOf } from "../support/dpop.ts";
import { START, type TestServer, testServer } from "../support/server.ts";
import { ask, askAs, codeForm, dpopServer, MACHINE, WEB } from "./dpop_fixture.ts";

const key = await dpopKey();

/** A server that asks everybody for nonces. */
const strict = (database: (typeof DATABASES)[number] = "sqlite") =>
  dpopServer(database, { dpopNonce: "required" });

/** The nonce that the answer to a proof without one hands out. */
async function nonceOf(server: TestServer): Promise<string> {
  const { status, headers, body } = await askAs(server, key, MACHINE);
  expect([status, body.error]).toEqual([400, "use_dpop_nonce"]);
  const nonce = headers.get("dpop-nonce") ?? "";
  expect(nonce).toMatch(/^[\x21\x23-\x5B\x5D-\x7E]{32,}$/);
  return nonce;
}

const withNonce = (server: TestServer, nonce: string, iat = server.services.now()) =>
  askAs(server, key, MACHINE, { claims: { nonce, iat } });

describe.each(DATABASES)("RFC 9449 §8 nonces on %s", (database) => {
  test("a proof without one is told which, and the next one passes and is told again", async () => {
    const server = await strict(database);
    const nonce = await nonceOf(server);
    const { status, headers } = await withNonce(server, nonce);
    expect([status, headers.get("dpop-nonce")]).toEqual([200, nonce]);
  });

  test("every instance under the same secret knows it, with nothing stored", async () => {
    const one = await strict(database);
    const nonce = await nonceOf(one);
    const { url, secret } = one;
    const two = await testServer({ url, secret, settings: { dpopNonce: "required" } });
    expect((await withNonce(two, nonce)).status).toBe(200);
    // After a change of the secret, too; who still has the old one alone knows no new nonces.
    const next = { secret: crypto.getRandomValues(new Uint8Array(32)), previousSecret: secret };
    const rotated = await testServer({ url, ...next, settings: { dpopNonce: "required" } });
    expect((await withNonce(rotated, nonce)).status).toBe(200);
    expect((await withNonce(one, await nonceOf(rotated))).body.error).toBe("use_dpop_nonce");
    // Under another secret the same time has another nonce.
    const refused = await withNonce(await strict(database), nonce);
    expect(refused.body.error).toBe("use_dpop_nonce");
  });
});

describe("attack 60: stale nonces", () => {
  test("the current one and the one before pass, older and invented ones do not", async () => {
    const server = await strict();
    const nonce = await nonceOf(server);
    server.advance(60);
    expect((await withNonce(server, nonce)).status).toBe(200);
    server.advance(60);
    for (const stale of [nonce, "", "nonsense", `${nonce}0`, nonce.toUpperCase()]) {
      const { status, body, headers } = await withNonce(server, stale);
      expect([status, body.error]).toEqual([400, "use_dpop_nonce"]);
      expect(headers.get("dpop-nonce")).not.toBe(nonce);
    }
    const number = await askAs(server, key, MACHINE, { claims: { nonce: 1 } });
    expect(number.body.error).toBe("invalid_dpop_proof");
  });

  test("a fresh nonce replaces trust in iat", async () => {
    const server = await strict();
    const nonce = await nonceOf(server);
    for (const iat of [START - 100_000, START + 100_000]) {
      expect((await withNonce(server, nonce, iat)).status).toBe(200);
    }
  });

  test("a replay is kept for as long as its nonce passes", async () => {
    const server = await strict();
    const nonce = await nonceOf(server);
    const DPoP = await proofOf(key, { claims: { nonce } });
    const send = () => ask(server, MACHINE, { headers: { DPoP }, ...WEB });
    expect((await send()).status).toBe(200);
    server.advance(119);
    expect((await send()).body.error).toBe("invalid_dpop_proof");
    server.advance(1);
    expect((await send()).body.error).toBe("use_dpop_nonce");
  });
});

describe("RFC 9449 §8 who needs a nonce", () => {
  test("nobody by default: none is handed out", async () => {
    const server = await dpopServer();
    const { status, headers } = await askAs(server, key, MACHINE);
    expect([status, headers.has("dpop-nonce")]).toEqual([200, false]);
  });

  test("a client that registered require_dpop_nonce, at the token endpoint and at resources", async () => {
    const server = await dpopServer();
    const userId = await server.addUser({ username: "ann" });
    const form = await codeForm(server, "nonce", { userId, scope: ["openid"] });
    const first = await askAs(server, key, form);
    expect(first.body.error).toBe("use_dpop_nonce");
    const nonce = first.headers.get("dpop-nonce") ?? "";
    const { access_token: token } = (await askAs(server, key, form, { claims: { nonce } })).body;
    const use = async (claims: Record<string, unknown>) =>
      server.get("/userinfo", {
        Authorization: `DPoP ${token}`,
        DPoP: await proofOf(key, { path: "/userinfo", token, claims: { htm: "GET", ...claims } }),
      });
    const refused = await use({});
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toStartWith("DPoP ");
    expect(refused.headers.get("www-authenticate")).toContain('error="use_dpop_nonce"');
    expect(refused.headers.get("dpop-nonce")).toBe(nonce);
    const used = await use({ nonce });
    expect([used.status, used.headers.get("dpop-nonce")]).toEqual([200, nonce]);
  });

  test("a missing proof of a client that must send one is told the nonce at once", async () => {
    const server = await strict();
    const { headers, body } = await ask(server, await codeForm(server, "bound"));
    expect(body.error).toBe("invalid_dpop_proof");
    expect(headers.get("dpop-nonce")).toBeString();
  });

  test("a refusal for another reason carries one too", async () => {
    const server = await strict();
    const nonce = await nonceOf(server);
    const form = { ...MACHINE, scope: "nonsense" };
    const { body, headers } = await askAs(server, key, form, { claims: { nonce } });
    expect([body.error, headers.get("dpop-nonce")]).toEqual(["invalid_scope", nonce]);
  });

  test("at /par", async () => {
    const server = await strict();
    const DPoP = await proofOf(key, { path: "/par" });
    const asked = {
      client_id: "spa",
      response_type: "code",
      redirect_uri: "https://app.example/callback",
      scope: "api1",
      code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      code_challenge_method: "S256",
    };
    const response = await server.post("/par", asked, { headers: { DPoP } });
    expect(await response.json()).toMatchObject({ error: "use_dpop_nonce" });
    const nonce = response.headers.get("dpop-nonce");
    const next = await proofOf(key, { path: "/par", claims: { nonce } });
    expect((await server.post("/par", asked, { headers: { DPoP: next } })).status).toBe(201);
  });
});

describe("Fetch §3.2 browser apps", () => {
  test("may send DPoP, and read DPoP-Nonce and WWW-Authenticate", async () => {
    const server = await strict();
    const Origin = "https://app.example";
    const preflight = await server.server.handle(
      new Request("http://localhost/token", {
        method: "OPTIONS",
        headers: { Origin, "Access-Control-Request-Method": "POST" },
      }),
    );
    expect(preflight.headers.get("access-control-allow-headers")).toContain("DPoP");
    const form = await codeForm(server, "spa");
    const headers = { Origin, DPoP: await proofOf(key) };
    const refused = await server.post("/token", form, { headers });
    expect(refused.headers.has("dpop-nonce")).toBe(true);
    const exposed = refused.headers.get("access-control-expose-headers") ?? "";
    for (const name of ["DPoP-Nonce", "WWW-Authenticate"]) expect(exposed).toContain(name);
  });
});
