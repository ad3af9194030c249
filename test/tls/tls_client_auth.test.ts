/** tls_client_auth: a certificate of a configured CA with the registered subject (RFC 8705 §2.1). */
import { describe, expect, test } from "bun:test";
import type { GeneralName } from "@peculiar/asn1-x509";
import { onEachDatabase } from "../endpoints/token_fixture.ts";
import {
  type CertificateOrder,
  issueCa,
  issueCertificate,
  newKeys,
} from "../support/certificates.ts";
import { DATABASES } from "../support/databases.ts";
import { START, type TestClient, testServer } from "../support/server.ts";
import { ask, BY_NAME, CA, CREDENTIALS, lastReason, named, REFUSED } from "./fixture.ts";

const settings = { tlsClientCas: () => CA.pem };
const servers = await onEachDatabase(async (database) => {
  const server = await testServer({ database, settings });
  await server.addClient({ ...BY_NAME, client_id: "named" });
  return server;
});
const server = servers.sqlite;
const good = issueCertificate({ issuer: CA });

let count = 0;

/** Asks with a certificate as a client whose certificate is registered by one member. */
async function askAs(members: Partial<TestClient>, order: CertificateOrder) {
  count += 1;
  const client_id = `client-${count}`;
  const { tls_client_auth_subject_dn: _, ...unnamed } = BY_NAME;
  await server.addClient({ ...unnamed, ...members, client_id });
  return ask(server, client_id, issueCertificate({ issuer: CA, subject: [], ...order }));
}

describe.each(DATABASES)("tls_client_auth on %s", (database) => {
  test("the registered certificate gets a token; without being asked for, it is not bound", async () => {
    const response = await ask(servers[database], "named", good);
    expect(response.status).toBe(200);
    const body = (await response.json()) as { access_token: string; token_type: string };
    expect(body.token_type).toBe("Bearer");
    expect(
      Buffer.from(body.access_token.split(".")[1] ?? "", "base64url").toString(),
    ).not.toContain("cnf");
  });

  test("message 11: no certificate, and the operator learns why", async () => {
    const response = await ask(servers[database], "named");
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject(REFUSED);
    expect(await lastReason(servers[database])).toBe("no client certificate arrived");
  });
});

describe("attack 42: what is refused", () => {
  test.each<[string, string, CertificateOrder]>([
    ["wrong name", "the certificate has another subject_dn", { subject: named("another") }],
    ["expired", "the certificate has expired", { notAfter: START - 1 }],
    ["not yet valid", "the certificate is not valid yet", { notBefore: START + 60 }],
    ["wrong CA", "issued by no configured CA", { issuer: issueCa("Test CA") }],
    ["a CA's certificate", "the certificate is a CA's, not a client's", { ca: true }],
    [
      "an alternative name in the subject's place",
      "the certificate has another subject_dn",
      { subject: [], names: [{ dNSName: "client" }] },
    ],
  ])("%s: message 11, %s", async (_, reason, order) => {
    const certificate = issueCertificate({ issuer: CA, ...order });
    const response = await ask(server, "named", certificate);
    expect([response.status, await response.json()]).toMatchObject([400, REFUSED]);
    expect(await lastReason(server)).toBe(reason);
  });

  test("who signed his certificate himself is nobody's client", async () => {
    expect((await ask(server, "named", issueCertificate())).status).toBe(400);
  });

  test("without TLS_CLIENT_CAS nobody is trusted", async () => {
    const bare = await testServer();
    await bare.addClient({ ...BY_NAME, client_id: "named" });
    expect(await (await ask(bare, "named", good)).json()).toMatchObject(REFUSED);
    expect(await lastReason(bare)).toBe("issued by no configured CA");
  });

  test("two registered subjects, or none, are nobody's certificate", async () => {
    const both = { tls_client_auth_subject_dn: "CN=client", tls_client_auth_san_dns: "a.example" };
    const order = { subject: named("client"), names: [{ dNSName: "a.example" }] };
    expect(await (await askAs(both, order)).json()).toMatchObject(REFUSED);
    expect(await lastReason(server)).toContain("several subjects");
    expect(await (await askAs({}, order)).json()).toMatchObject(REFUSED);
    expect(await lastReason(server)).toContain("no subject");
  });

  test("another client's certificate is not one's own", async () => {
    await server.addClient({ ...BY_NAME, tls_client_auth_subject_dn: "CN=b", client_id: "b" });
    expect((await ask(server, "b", good)).status).toBe(400);
  });
});

type Names = readonly Partial<GeneralName>[];

describe("attack 42: each kind of alternative name, and no other", () => {
  const kinds: Record<string, [string, Names]> = {
    tls_client_auth_san_dns: ["client.example", [{ dNSName: "Client.Example" }]],
    tls_client_auth_san_uri: [
      "spiffe://a.example/b",
      [{ uniformResourceIdentifier: "spiffe://a.example/b" }],
    ],
    tls_client_auth_san_ip: ["2001:db8::1", [{ iPAddress: "2001:DB8:0::1" }]],
    tls_client_auth_san_email: ["a@b.example", [{ rfc822Name: "a@B.example" }]],
  };
  const pairs = Object.entries(kinds).flatMap(([member, [value]]) =>
    Object.entries(kinds).map(([kind, [, names]]) => [member, kind, value, names] as const),
  );

  test.each(pairs)("%s against a name of %s", async (member, kind, value, names) => {
    const others = [{ dNSName: "other.example" }, ...names];
    const response = await askAs({ [member]: value }, { names: others });
    expect(response.status).toBe(member === kind ? 200 : 400);
  });

  test.each<[string, string, Names]>([
    ["tls_client_auth_san_ip", "192.0.2.7", [{ iPAddress: "192.0.2.7" }]],
    [
      "tls_client_auth_san_dns",
      "client.example",
      [{ dNSName: "a.example" }, { dNSName: "client.example" }],
    ],
  ])("%s is %s", async (member, value, names) => {
    expect((await askAs({ [member]: value }, { names })).status).toBe(200);
  });

  test.each<[string, string, Names]>([
    ["tls_client_auth_san_dns", "client.example", [{ dNSName: "*.example" }]],
    ["tls_client_auth_san_dns", "client.example", [{ dNSName: "client.example.evil" }]],
    ["tls_client_auth_san_dns", "client.example", [{ dNSName: "client.example\0.evil" }]],
    ["tls_client_auth_san_dns", "client.example", [{ dNSName: "a.client.example" }]],
    [
      "tls_client_auth_san_uri",
      "spiffe://a.example/b",
      [{ uniformResourceIdentifier: "spiffe://a.example/B" }],
    ],
    ["tls_client_auth_san_ip", "192.0.2.7", [{ iPAddress: "192.0.2.70" }]],
    ["tls_client_auth_san_ip", "192.0.2.7", [{ dNSName: "192.0.2.7" }]],
    ["tls_client_auth_san_email", "a@b.example", [{ rfc822Name: "A@b.example" }]],
    ["tls_client_auth_san_email", "a@b.example", [{ rfc822Name: "b.example" }]],
  ])("%s is not %s", async (member, value, names) => {
    expect(await (await askAs({ [member]: value }, { names })).json()).toMatchObject(REFUSED);
  });

  test("a common name is no DNS name", async () => {
    const member = { tls_client_auth_san_dns: "client.example" };
    expect((await askAs(member, { subject: named("client.example") })).status).toBe(400);
  });
});

describe("the certificate is the only credential", () => {
  const peer = { address: "192.0.2.1", certificates: [good.der] };

  test("a secret beside it is not looked through", async () => {
    const fields = { ...CREDENTIALS, client_id: "named", client_secret: "anything" };
    const response = await server.post("/token", fields, { peer });
    expect(await response.json()).toMatchObject(REFUSED);
  });

  test("it is no secret of another method's client", async () => {
    await server.addClient({
      client_id: "secretive",
      client_secret: "s",
      grant_types: ["client_credentials"],
      scope: "api1",
    });
    const response = await server.post(
      "/token",
      { ...CREDENTIALS, client_id: "secretive" },
      { peer },
    );
    expect(await response.json()).toMatchObject({
      error_description: "the client cannot be authenticated with secret basic",
    });
  });

  test("without client_id nobody is asked for", async () => {
    const response = await server.post("/token", CREDENTIALS, { peer });
    expect(await response.json()).toMatchObject({ error_description: "the client doesn't exist" });
  });

  test("attack 44: a disabled client is refused with a good certificate, at once", async () => {
    await server.addClient({ ...BY_NAME, client_id: "disabled" });
    expect((await ask(server, "disabled", good)).status).toBe(200);
    await server.services.store.setClientDisabled("disabled", server.services.now());
    expect(await (await ask(server, "disabled", good)).json()).toMatchObject({
      error_description: "the client doesn't exist",
    });
  });

  test("it revokes and introspects too", async () => {
    const issued = await ask(server, "named", good);
    const { access_token: token } = (await issued.json()) as { access_token: string };
    const send = (path: string) => server.post(path, { token, client_id: "named" }, { peer });
    expect(await (await send("/introspect")).json()).toMatchObject({ active: true });
    expect((await server.post("/introspect", { token, client_id: "named" })).status).toBe(400);
    expect((await send("/token/revoke")).status).toBe(200);
    expect(await (await send("/introspect")).json()).toEqual({ active: false });
  });

  test("a new key with the same subject is the same client", async () => {
    const renewed = issueCertificate({ issuer: CA, keys: newKeys(2048) });
    expect((await ask(server, "named", renewed)).status).toBe(200);
  });

  test("intermediate CAs come with the certificate", async () => {
    const between = issueCa("between", { issuer: CA });
    const leaf = issueCertificate({ issuer: between });
    const form = { ...CREDENTIALS, client_id: "named" };
    const certificates = [leaf.der, between.der];
    const whole = { peer: { address: "192.0.2.1", certificates } };
    expect((await server.post("/token", form, whole)).status).toBe(200);
    expect((await ask(server, "named", leaf)).status).toBe(400);
  });
});
