/** Tokens that are bound to a DPoP key and to a certificate (RFC 8705 §3, RFC 9449 §7). */
import { describe, expect, test } from "bun:test";
import { codeForm, type TokenBody } from "../endpoints/dpop_fixture.ts";
import { dpopKey, hashOf, proofOf } from "../support/dpop.ts";
import { testServer } from "../support/server.ts";
import { begin, boundTo, mine, peerWith, stolen, to } from "./bound_fixture.ts";

describe("a key and a certificate at once", () => {
  const MTLS = "https://mtls.example";

  test("both bind, and both are asked for at userinfo (RFC 8705 §3, RFC 9449 §7)", async () => {
    const server = await begin();
    const key = await dpopKey();
    const proof = (path: string, more: object = {}) =>
      proofOf(key, { path, claims: { iat: server.services.now(), ...more } });
    const userId = await server.addUser({ username: "ada" });
    const form = await codeForm(server, "spa", { userId, scope: ["openid"] });
    const headers = { DPoP: await proof("/token", { htu: `${MTLS}/token` }) };
    const at = { peer: peerWith(mine), headers };
    const refused = await server.post("/token", form, at);
    expect(await refused.json()).toMatchObject({ error: "invalid_dpop_proof" });
    const aliased = await testServer({
      url: server.url,
      secret: server.secret,
      settings: { mtlsUrl: MTLS },
    });
    const response = await aliased.post("/token", form, at);
    const tokens = (await response.json()) as TokenBody;
    expect(boundTo(tokens)).toEqual({ jkt: key.jkt, ...to(mine) });
    const token = tokens.access_token;
    for (const [by, status] of [
      [mine, 200],
      [stolen, 401],
      [undefined, 401],
    ] as const) {
      const ath = { htm: "GET", ath: hashOf(token), htu: `${MTLS}/userinfo` };
      const request = new Request("http://localhost/userinfo", {
        headers: { Authorization: `DPoP ${token}`, DPoP: await proof("/userinfo", ath) },
      });
      expect((await aliased.server.handle(request, peerWith(by))).status).toBe(status);
    }
  });
});
