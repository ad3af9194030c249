/** Clients with certificates by `bun run admin client add`. */
import { expect, test } from "bun:test";
import { admin, printed } from "../support/admin.ts";
import { issueCertificate } from "../support/certificates.ts";
import { testServer } from "../support/server.ts";
import { ask, CA } from "../tls/fixture.ts";

const server = await testServer({ settings: { tlsClientCas: () => CA.pem } });

const USUAL = ["client", "add", "--grant-type", "client_credentials", "--scope", "api1"];
const METHOD = [...USUAL, "--auth-method", "tls_client_auth"];

test.each([
  ["--tls-subject-dn", "CN=client", {}],
  ["--tls-san-dns", "a.example", { names: [{ dNSName: "a.example" }] }],
  ["--tls-san-uri", "urn:a", { names: [{ uniformResourceIdentifier: "urn:a" }] }],
  ["--tls-san-ip", "192.0.2.7", { names: [{ iPAddress: "192.0.2.7" }] }],
  ["--tls-san-email", "a@b.example", { names: [{ rfc822Name: "a@b.example" }] }],
])("%s registers the subject of a certificate; no secret is made", async (flag, value, order) => {
  const added = printed(await admin(server, [...METHOD, flag, value, "--certificate-bound"]));
  expect(added).not.toHaveProperty("client_secret");
  expect(added).toMatchObject({ tls_client_certificate_bound_access_tokens: true });
  const certificate = issueCertificate({ issuer: CA, ...order });
  expect((await ask(server, String(added["client_id"]), certificate)).status).toBe(200);
  expect((await ask(server, String(added["client_id"]))).status).toBe(400);
});

test("attack 42: a client of several subjects, or of none, is not registered", async () => {
  const several = ["--tls-subject-dn", "CN=client", "--tls-san-dns", "a.example"];
  for (const members of [several, []]) {
    const { exitCode, err } = await admin(server, [...METHOD, ...members]);
    expect(exitCode).toBe(1);
    expect(err.join("\n")).toContain("exactly one of tls_client_auth_subject_dn");
  }
});
