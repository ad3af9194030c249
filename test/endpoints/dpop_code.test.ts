import { describe, expect, test } from "bun:test";
import { decodeJwt } from "jose";
import { DATABASES } from "../support/databases.ts";
import { dpopKey, proofOf } from "../support/dpop.ts";
import type { TestServer } from "../support/server.ts";
import { ask, askAs, codeForm, dpopServer, refreshForm } from "./dpop_fixture.ts";

const key = await dpopKey();
const other = await dpopKey();

describe.each(DATABASES)("RFC 9449 §10 a code that is bound to a key on %s", (database) => {
  test("another key, or none: refused, and the code is not spent", async () => {
    const server = await dpopServer(database);
    const form = await codeForm(server, "spa", { dpopJkt: key.jkt });
    for (const answer of [await askAs(server, other, form), await ask(server, form)]) {
      expect([answer.status, answer.body.error]).toEqual([400, "invalid_grant"]);
      expect(answer.body.error_description).toBe("the authorization code is bound to another key");
    }
    const { status, body } = await askAs(server, key, form);
    expect([status, body.token_type]).toEqual([200, "DPoP"]);
  });

  test("attack 3: who replays it without the key ends nothing; with it, everything", async () => {
    const server = await dpopServer(database);
    const form = await codeForm(server, "spa", { dpopJkt: key.jkt });
    const { body } = await askAs(server, key, form);
    expect((await askAs(server, other, form)).status).toBe(400);
    const next = (await askAs(server, key, refreshForm("spa", body))).body;
    expect(next.refresh_token).toBeString();
    expect((await askAs(server, key, form)).status).toBe(400);
    expect((await askAs(server, key, refreshForm("spa", next))).status).toBe(400);
  });

  test("attack 1: a code that no key is bound to, redeemed by a thief's, still ends his tokens", async () => {
    const server = await dpopServer(database);
    const form = await codeForm(server, "spa");
    const stolen = (await askAs(server, other, form)).body;
    expect((await askAs(server, key, form)).status).toBe(400);
    expect((await askAs(server, other, refreshForm("spa", stolen))).status).toBe(400);
  });

  test("a confidential client's code is bound too, its refresh tokens are not", async () => {
    const server = await dpopServer(database);
    const { client_id: _, ...form } = await codeForm(server, "web", { dpopJkt: key.jkt });
    expect((await askAs(server, other, form)).status).toBe(400);
    const { body } = await askAs(server, key, form);
    const refresh = { grant_type: "refresh_token", refresh_token: body.refresh_token };
    const next = await askAs(server, other, refresh);
    expect(decodeJwt(next.body.access_token)["cnf"]).toEqual({ jkt: other.jkt });
  });
});

const ASKED = {
  client_id: "spa",
  response_type: "code",
  redirect_uri: "https://app.example/callback",
  scope: "api1",
  code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  code_challenge_method: "S256",
};

describe("RFC 9449 §10.1 a proof at /par", () => {
  const push = async (server: TestServer, fields: Record<string, string>, DPoP?: string) => {
    const headers: Record<string, string> = DPoP === undefined ? {} : { DPoP };
    const response = await server.post("/par", { ...ASKED, ...fields }, { headers });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };

  test("is judged, spent, and must be of the key that dpop_jkt names", async () => {
    const server = await dpopServer();
    const atPar = (by = key) => proofOf(by, { path: "/par" });
    expect((await push(server, {}, await atPar())).status).toBe(201);
    expect((await push(server, { dpop_jkt: key.jkt }, await atPar())).status).toBe(201);
    const proof = await atPar();
    expect((await push(server, {}, proof)).status).toBe(201);
    for (const answer of [
      await push(server, {}, proof),
      await push(server, {}, await proofOf(key)),
      await push(server, { dpop_jkt: key.jkt }, await atPar(other)),
    ]) {
      expect([answer.status, answer.body["error"]]).toEqual([400, "invalid_dpop_proof"]);
    }
  });

  test("dpop_jkt is a thumbprint, and nothing else", async () => {
    const server = await dpopServer();
    for (const dpop_jkt of ["x", `${key.jkt}=`, `${key.jkt}x`, key.jkt.replace(/.$/, "+")]) {
      const { status, body } = await push(server, { dpop_jkt });
      expect([status, body["detail"]]).toEqual([400, "dpop_jkt"]);
    }
  });
});
