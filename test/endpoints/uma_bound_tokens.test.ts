/** The protection API takes access tokens that are bound to their sender, from that sender alone. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { decodeJwt } from "jose";
import { issueCertificate } from "../support/certificates.ts";
import { DATABASES } from "../support/databases.ts";
import { dpopKey, proofOf } from "../support/dpop.ts";
import { GRANT, PHOTOS, umaServer } from "../support/uma.ts";
import { onEachDatabase } from "./token_fixture.ts";

setDefaultTimeout(60_000);

const PATH = "/rs/resource_set";
const FORM = { grant_type: "client_credentials", scope: "uma_protection" };
const BODY = JSON.stringify({ name: "Album", scopes: ["view"] });
const key = await dpopKey();
const other = await dpopKey();
const mine = issueCertificate();
const stolen = issueCertificate();
const servers = await onEachDatabase(async (database) => {
  const uma = await umaServer({ database });
  await uma.addClient({
    client_id: "vault",
    client_secret: "vault-secret",
    grant_types: ["client_credentials"],
    scope: "uma_protection",
    tls_client_certificate_bound_access_tokens: true,
  });
  const scope = "openid view print";
  await uma.addClient({ client_id: "kiosk", grant_types: [GRANT.uma2], scope });
  return uma;
});

describe.each(DATABASES)("RFC 9449 §7 and RFC 8705 §3 at the protection API on %s", (database) => {
  const uma = servers[database];
  const certified = (certificate: typeof mine | undefined) => ({
    address: "192.0.2.1",
    certificates: certificate ? [certificate.der] : [],
  });

  /** Registers a resource; what matters is who shows what. */
  async function register(headers: Record<string, string>, by?: typeof mine) {
    const request = new Request(`http://localhost${PATH}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: BODY,
    });
    const response = await uma.server.handle(request, certified(by));
    return { status: response.status, challenge: response.headers.get("www-authenticate") ?? "" };
  }

  test("a DPoP-bound token works with a proof of its key, once, for this method and path", async () => {
    const headers = { DPoP: await proofOf(key) };
    const issued = await uma.post("/token", FORM, { basic: PHOTOS, headers });
    const { access_token: token } = (await issued.json()) as { access_token: string };
    expect(decodeJwt(token)["cnf"]).toEqual({ jkt: key.jkt });
    const Authorization = `DPoP ${token}`;
    const DPoP = await proofOf(key, { path: PATH, token });
    expect((await register({ Authorization, DPoP })).status).toBe(201);
    for (const wrong of [
      DPoP,
      await proofOf(other, { path: PATH, token }),
      await proofOf(key, { path: `${PATH}/1`, token }),
      await proofOf(key, { path: PATH, token, claims: { htm: "GET" } }),
      await proofOf(key, { path: PATH }),
      "",
    ]) {
      const { status, challenge } = await register({ Authorization, DPoP: wrong });
      expect([status, challenge]).toEqual([401, expect.stringContaining("invalid_dpop_proof")]);
    }
    const path = `${PATH}/none`;
    const read = await uma.get(path, {
      Authorization,
      DPoP: await proofOf(key, { path, token, claims: { htm: "GET" } }),
    });
    expect(read.status).toBe(404);
  });

  test("attack 61: sent as Bearer it is refused, with or without a proof", async () => {
    const headers = { DPoP: await proofOf(key) };
    const issued = await uma.post("/token", FORM, { basic: PHOTOS, headers });
    const { access_token: token } = (await issued.json()) as { access_token: string };
    const Authorization = `Bearer ${token}`;
    for (const more of [{}, { DPoP: await proofOf(key, { path: PATH, token }) }]) {
      const { status, challenge } = await register({ Authorization, ...more });
      expect([status, challenge]).toEqual([401, expect.stringContaining("invalid_token")]);
    }
  });

  test("attack 61: a certificate-bound token works with its certificate alone", async () => {
    const basic = ["vault", "vault-secret"] as const;
    const issued = await uma.post("/token", FORM, { basic, peer: certified(mine) });
    const { access_token: token } = (await issued.json()) as { access_token: string };
    const headers = { Authorization: `Bearer ${token}` };
    expect((await register(headers, mine)).status).toBe(201);
    for (const by of [stolen, undefined]) expect((await register(headers, by)).status).toBe(401);
  });
});

describe.each(DATABASES)("UMA 2.0 Grant §3.3.1 a bound token as rpt, on %s", (database) => {
  const uma = servers[database];

  async function redeem(by: typeof key | undefined, more: Record<string, string> = {}) {
    const pat = await uma.pat();
    const resource = await uma.resource(pat);
    await uma.policy(pat, resource);
    const form = { grant_type: GRANT.uma2, ticket: await uma.ticket(pat, resource), ...more };
    const headers: Record<string, string> = by ? { DPoP: await proofOf(by) } : {};
    const response = await uma.post("/token", { client_id: "kiosk", ...form }, { headers });
    return (await response.json()) as Record<string, unknown>;
  }

  test("attack 21: is extended by a public client that shows its key, and by no thief", async () => {
    const { access_token: rpt } = (await redeem(key)) as { access_token: string };
    for (const by of [other, undefined]) {
      const refused = await redeem(by, { rpt });
      expect(refused).toMatchObject({ error: "invalid_grant" });
      expect(refused).not.toHaveProperty("access_token");
    }
    expect(await redeem(key, { rpt })).toMatchObject({ upgraded: true, token_type: "DPoP" });
  });

  test("an unbound one is extended, and bound, by the first proof", async () => {
    const { access_token: rpt } = (await redeem(undefined)) as { access_token: string };
    expect(await redeem(key, { rpt })).toMatchObject({ upgraded: true, token_type: "DPoP" });
  });
});
