/** self_signed_tls_client_auth: a certificate whose key the client registered (RFC 8705 §2.2). */
import { describe, expect, test } from "bun:test";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import { type IssuedCertificate, issueCertificate, newKeys } from "../support/certificates.ts";
import { DATABASES } from "../support/databases.ts";
import { START, testServer } from "../support/server.ts";
import { ask, CA, lastReason, REFUSED } from "./fixture.ts";

const METHOD = "self_signed_tls_client_auth";
const USUAL = {
  grant_types: ["client_credentials"],
  scope: "api1",
  token_endpoint_auth_method: METHOD,
};
const keys = newKeys();
const own = issueCertificate({ keys });

const jwkOf = ({ publicKey }: Pick<IssuedCertificate, "publicKey">) => {
  const { kty = "", ...members } = publicKey.export({ format: "jwk" });
  return { kty, ...members };
};
const withCertificate = (certificate: IssuedCertificate) => ({
  ...jwkOf(certificate),
  x5c: [Buffer.from(certificate.der).toString("base64")],
});

const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database, settings: { tlsClientCas: () => CA.pem } });
  await server.addClient({ ...USUAL, client_id: "own", jwks: { keys: [jwkOf(own)] } });
  return server;
});
const server = servers.sqlite;

describe.each(DATABASES)("self_signed_tls_client_auth on %s", (database) => {
  test("the registered key gets a token", async () => {
    expect((await ask(servers[database], "own", own)).status).toBe(200);
  });

  test("attack 43: the same subject with another key is refused", async () => {
    const response = await ask(servers[database], "own", issueCertificate());
    expect([response.status, await response.json()]).toMatchObject([400, REFUSED]);
    expect(await lastReason(servers[database])).toBe(
      "the certificate's key is not among the registered jwks",
    );
  });
});

describe("attack 43: key match only", () => {
  let count = 0;

  async function askWith(registered: readonly object[], shown: IssuedCertificate) {
    count += 1;
    const client_id = `client-${count}`;
    await server.addClient({ ...USUAL, client_id, jwks: { keys: [...registered] as [] } });
    return ask(server, client_id, shown);
  }

  test("another certificate of the registered key is the same client", async () => {
    const renewed = issueCertificate({ keys, subject: [["2.5.4.3", "renewed"]] });
    expect((await askWith([jwkOf(own)], renewed)).status).toBe(200);
  });

  test("a certificate registered as x5c is that certificate alone", async () => {
    expect((await askWith([withCertificate(own)], own)).status).toBe(200);
    const renewed = issueCertificate({ keys });
    expect((await askWith([withCertificate(own)], renewed)).status).toBe(400);
  });

  test("one of several keys, of any kind", async () => {
    const rsa = issueCertificate({ keys: newKeys(2048) });
    expect((await askWith([jwkOf(own), jwkOf(rsa)], rsa)).status).toBe(200);
  });

  test("rotated jwks: the new key at once, the old one no more", async () => {
    const next = issueCertificate();
    const client = { ...USUAL, client_id: "rotating" };
    await server.addClient({ ...client, jwks: { keys: [jwkOf(own)] } });
    expect((await ask(server, "rotating", next)).status).toBe(400);
    await server.addClient({ ...client, jwks: { keys: [jwkOf(next)] } });
    expect((await ask(server, "rotating", next)).status).toBe(200);
    expect((await ask(server, "rotating", own)).status).toBe(400);
  });

  test.each<[string, readonly object[]]>([
    ["no keys", []],
    ["a key for encryption", [{ ...jwkOf(own), use: "enc" }]],
    ["a secret", [{ kty: "oct" }]],
    ["a key that is none", [{ kty: "EC", crv: "P-256", x: "AA", y: "AA" }]],
    ["x5c that is none", [{ ...jwkOf(own), x5c: "junk" }]],
    ["x5c of another", [withCertificate(issueCertificate())]],
  ])("registered with %s: refused", async (_, registered) => {
    expect(await (await askWith(registered, own)).json()).toMatchObject(REFUSED);
  });

  test("a certificate of a configured CA stands in for nothing", async () => {
    expect((await ask(server, "own", issueCertificate({ issuer: CA }))).status).toBe(400);
  });

  test.each([
    ["has expired", { notAfter: START - 1 }],
    ["is not valid yet", { notBefore: START + 1 }],
  ])("the certificate %s: refused", async (fault, order) => {
    const certificate = issueCertificate({ keys, ...order });
    await server.services.audit.flush(); // what was refused before is another story
    expect((await ask(server, "own", certificate)).status).toBe(400);
    expect(await lastReason(server)).toBe(`the certificate ${fault}`);
  });

  test("attack 44: a disabled client is refused at once", async () => {
    await server.addClient({ ...USUAL, client_id: "off", jwks: { keys: [jwkOf(own)] } });
    expect((await ask(server, "off", own)).status).toBe(200);
    await server.services.store.setClientDisabled("off", server.services.now());
    expect((await ask(server, "off", own)).status).toBe(400);
  });
});
