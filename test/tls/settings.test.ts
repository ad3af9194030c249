/** Settings of mutual TLS, what clients may register for it, and what discovery says. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { readConfig, readSettings } from "../../src/config.ts";
import { metadataFaults } from "../../src/protocol/metadata_faults.ts";
import { documentOf } from "../endpoints/openapi_document.ts";
import { issueCa, issueCertificate } from "../support/certificates.ts";
import { temporaryFolder } from "../support/databases.ts";
import { testServer } from "../support/server.ts";
import { ask, BY_NAME, CA } from "./fixture.ts";

const server = await testServer({ settings: { mtlsUrl: "https://mtls.example/tenant" } });
const { capabilities } = server.server.registry;

async function file(text: string): Promise<string> {
  const path = join(temporaryFolder(), "file.pem");
  await Bun.write(path, text);
  return path;
}

describe("the environment", () => {
  const read = (env: Record<string, string>) =>
    readConfig({ DATABASE_URL: "sqlite::memory:", ...env }, "production");

  test("without it there is no listener, no header is believed and no CA trusted", () => {
    const { tls, settings } = read({});
    expect(tls).toBeUndefined();
    expect(settings).toMatchObject({ clientCertificateHeader: "none" });
    expect(settings.tlsClientCas()).toBe("");
    expect(settings.mtlsUrl).toBeUndefined();
  });

  test("gives the listener, the header, the CAs and the address", async () => {
    const { tls, settings } = read({
      TLS_PORT: "8443",
      TLS_CERT_FILE: "/c.pem",
      TLS_KEY_FILE: "/k.pem",
      CLIENT_CERTIFICATE_HEADER: "x-arr-clientcert",
      TLS_CLIENT_CAS: await file(`# ours\n${CA.pem}`),
      MTLS_URL: "https://mtls.example/",
    });
    expect(tls).toEqual({ port: 8443, certFile: "/c.pem", keyFile: "/k.pem" });
    expect(settings.clientCertificateHeader).toBe("x-arr-clientcert");
    expect(settings.tlsClientCas()).toContain(CA.pem);
    expect(settings.mtlsUrl).toBe("https://mtls.example");
  });

  test.each<[string, Record<string, string>]>([
    ["TLS_PORT", { TLS_PORT: "8443" }],
    ["TLS_PORT", { TLS_PORT: "8443", TLS_CERT_FILE: "/c.pem" }],
    ["TLS_PORT", { TLS_PORT: "0", TLS_CERT_FILE: "/c.pem", TLS_KEY_FILE: "/k.pem" }],
    ["TLS_PORT", { TLS_PORT: "65536", TLS_CERT_FILE: "/c.pem", TLS_KEY_FILE: "/k.pem" }],
    ["TLS_PORT", { TLS_PORT: "https", TLS_CERT_FILE: "/c.pem", TLS_KEY_FILE: "/k.pem" }],
    ["CLIENT_CERTIFICATE_HEADER", { CLIENT_CERTIFICATE_HEADER: "x-anything" }],
    ["TLS_CLIENT_CAS", { TLS_CLIENT_CAS: "/nowhere.pem" }],
    ["MTLS_URL", { MTLS_URL: "http://mtls.example" }],
    ["MTLS_URL", { MTLS_URL: "https://user@mtls.example" }],
    ["MTLS_URL", { MTLS_URL: "https://mtls.example/?a=b" }],
    ["MTLS_URL", { MTLS_URL: "mtls.example" }],
  ])("a wrong %s is named: %o", (variable, env) => {
    expect(() => read(env)).toThrow(variable);
  });

  test.each([
    ["", "must be a PEM file with certificates"],
    ["junk", "must be a PEM file with certificates"],
    [
      `${CA.pem}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
      "certificate 2 cannot be read",
    ],
  ])("a wrong file of CAs is named: %#", async (text, fault) => {
    const TLS_CLIENT_CAS = await file(text);
    expect(() => readSettings({ TLS_CLIENT_CAS })).toThrow(fault);
  });
});

test("attack 44: a CA that is taken out of its file is trusted no more, without a restart", async () => {
  const next = issueCa("next CA");
  const TLS_CLIENT_CAS = await file(CA.pem);
  const changing = await testServer({ settings: readSettings({ TLS_CLIENT_CAS }) });
  await changing.addClient({ ...BY_NAME, client_id: "named" });
  const mine = issueCertificate({ issuer: CA });
  const renewed = issueCertificate({ issuer: next });
  const statusesAfter = async (text: string) => {
    await Bun.write(TLS_CLIENT_CAS, text);
    await Bun.sleep(1050);
    const answers = [mine, renewed].map((certificate) => ask(changing, "named", certificate));
    return (await Promise.all(answers)).map(({ status }) => status);
  };
  expect(await statusesAfter(`${CA.pem}# the same`)).toEqual([200, 400]);
  expect(await statusesAfter(next.pem)).toEqual([400, 200]);
  // A file that is being written, or was broken, takes nothing away and lets nobody in.
  expect(await statusesAfter("")).toEqual([400, 200]);
});

describe("attack 42: what is registered is judged (RFC 8705 §2.1.2)", () => {
  const faultsOf = (members: Record<string, unknown>) =>
    metadataFaults({ grant_types: ["client_credentials"], ...members }, capabilities);
  const { tls_client_auth_subject_dn: _, ...unnamed } = BY_NAME;

  test.each<[string, string]>([
    ["tls_client_auth_subject_dn", "CN=client,O=Acme"],
    ["tls_client_auth_san_dns", "client.example"],
    ["tls_client_auth_san_uri", "spiffe://client.example/a"],
    ["tls_client_auth_san_ip", "192.0.2.7"],
    ["tls_client_auth_san_ip", "2001:db8::7"],
    ["tls_client_auth_san_email", "client@example.com"],
  ])("%s of %s is one subject", (member, value) => {
    expect(faultsOf({ ...unnamed, [member]: value })).toEqual([]);
  });

  test.each<[string, string, string]>([
    ["tls_client_auth_subject_dn", "client", "is no distinguished name by RFC 4514"],
    ["tls_client_auth_subject_dn", "/CN=client", "is no distinguished name by RFC 4514"],
    ["tls_client_auth_san_dns", "*.example", "is no DNS name"],
    ["tls_client_auth_san_dns", "client example", "is no DNS name"],
    ["tls_client_auth_san_uri", "client", "is no absolute URI"],
    ["tls_client_auth_san_ip", "192.0.2.256", "is no IP address"],
    ["tls_client_auth_san_ip", "192.0.2.0/24", "is no IP address"],
    ["tls_client_auth_san_email", "client", "is no e-mail address"],
  ])("%s of %s is refused", (field, value, fault) => {
    expect(faultsOf({ ...unnamed, [field]: value })).toEqual([{ field, fault } as never]);
  });

  test("no subject, and more than one, are refused", () => {
    const needs = { field: "token_endpoint_auth_method" };
    expect(faultsOf(unnamed)).toMatchObject([needs]);
    expect(faultsOf({ ...BY_NAME, tls_client_auth_san_dns: "a.example" })).toMatchObject([needs]);
  });

  test("self_signed_tls_client_auth needs jwks or jwks_uri, and not both", () => {
    const method = { token_endpoint_auth_method: "self_signed_tls_client_auth" };
    expect(faultsOf(method)).toMatchObject([{ field: "jwks" }]);
    const jwks = { keys: [{ kty: "EC", crv: "secp256k1" }] };
    const jwks_uri = "https://client.example/jwks";
    expect(faultsOf({ ...method, jwks })).toEqual([]);
    expect(faultsOf({ ...method, jwks_uri })).toEqual([]);
    expect(faultsOf({ ...method, jwks, jwks_uri })).toMatchObject([{ field: "jwks" }]);
  });
});

test("RFC 8705 §5: discovery has the endpoints that ask for certificates, and documents them", async () => {
  const path = "/.well-known/oauth-authorization-server";
  const metadata = (await (await server.get(path)).json()) as Record<string, unknown>;
  const base = "https://mtls.example/tenant";
  expect(metadata["mtls_endpoint_aliases"]).toEqual({
    token_endpoint: `${base}/token`,
    revocation_endpoint: `${base}/token/revoke`,
    introspection_endpoint: `${base}/introspect`,
    pushed_authorization_request_endpoint: `${base}/par`,
    userinfo_endpoint: `${base}/userinfo`,
  });
  const text = JSON.stringify(await documentOf(server));
  expect(text).toContain('"mtls_endpoint_aliases":{"type":"object"');
  expect(await (await (await testServer()).get(path)).json()).not.toHaveProperty(
    "mtls_endpoint_aliases",
  );
});
