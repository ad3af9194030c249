/** The nginx configuration of README, run by a real nginx, with real certificates and curl. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { decodeJwt } from "jose";
import {
  type CertificateOrder,
  type IssuedCertificate,
  issueCa,
  issueCertificate,
} from "../support/certificates.ts";
import { curl } from "../support/curl.ts";
import { freePort, temporaryFolder } from "../support/databases.ts";
import { hasNginx, startNginx } from "../support/nginx.ts";
import { importParties, type ServerProcess, serverProcess } from "../support/process.ts";
import { BY_NAME, CA, CREDENTIALS, named, REFUSED } from "./fixture.ts";

setDefaultTimeout(120_000);

const PLAIN = "id.example";
const MUTUAL = "mtls.id.example";
const NOW = Math.floor(Date.now() / 1000);

const client = issueCertificate({ issuer: CA });
const selfSigned = issueCertificate({ subject: named("self") });
const intermediate = issueCa("intermediate", { issuer: CA });

/** The block of README, with the test's own port, files and server in the place of its own. */
async function readmeConfiguration(files: Files, upstream: string): Promise<string> {
  const readme = await Bun.file("README.md").text();
  const [, block = ""] = /^```nginx\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  const changes: [string, string][] = [
    ["listen 443 ", `listen 127.0.0.1:${files.port} `],
    ["/etc/nginx/tls/id.example.pem", files.cert],
    ["/etc/nginx/tls/id.example.key", files.key],
    ["http://127.0.0.1:3000", upstream],
  ];
  for (const [from] of changes) expect(block.split(from).length).toBe(3);
  return changes.reduce((text, [from, to]) => text.replaceAll(from, to), block);
}

interface Files {
  readonly port: number;
  readonly cert: string;
  readonly key: string;
}

/** The settings that README gives beside its configuration. */
async function readmeSettings(): Promise<Record<string, string>> {
  const readme = await Bun.file("README.md").text();
  const found = readme.matchAll(/`((?:TRUSTED_PROXIES|CLIENT_CERTIFICATE_HEADER)=[^`]+)`/g);
  return Object.fromEntries([...found].map(([, pair = ""]) => pair.split("=")));
}

async function setUp(): Promise<{
  server: ServerProcess;
  port: number;
  trusted: IssuedCertificate;
}> {
  const folder = temporaryFolder();
  const [cas, cert, key] = ["cas.pem", "server.pem", "server.key"].map((n) => join(folder, n));
  const trusted = issueCa("web CA");
  const web = issueCertificate({
    issuer: trusted,
    names: [{ dNSName: PLAIN }, { dNSName: MUTUAL }],
  });
  await Promise.all([
    Bun.write(cas ?? "", CA.pem + intermediate.pem),
    Bun.write(cert ?? "", web.pem),
    Bun.write(key ?? "", web.keyPem),
  ]);
  const port = await freePort();
  const server = await serverProcess({
    environment: {
      ...(await readmeSettings()),
      TLS_CLIENT_CAS: cas ?? "",
      MTLS_URL: `https://${MUTUAL}:${port}`,
    },
  });
  const bound = { ...BY_NAME, tls_client_certificate_bound_access_tokens: true };
  const { kty = "", ...jwk } = selfSigned.publicKey.export({ format: "jwk" });
  await importParties(server, {
    clients: [
      { ...bound, client_id: "named" },
      {
        ...CLIENT,
        client_id: "self",
        token_endpoint_auth_method: "self_signed_tls_client_auth",
        jwks: { keys: [{ kty, ...jwk }] },
      },
    ],
  });
  const configuration = await readmeConfiguration(
    { port, cert: cert ?? "", key: key ?? "" },
    new URL(server.issuer).origin,
  );
  await startNginx(configuration, port);
  return { server, port, trusted };
}

const CLIENT = { grant_types: ["client_credentials"], scope: "api1" };

if (hasNginx()) {
  const { server, port, trusted } = await setUp();
  const ask = (
    clientId: string,
    certificate?: IssuedCertificate,
    { host = MUTUAL, headers = {} }: { host?: string; headers?: Record<string, string> } = {},
  ) =>
    curl(`https://${host}:${port}/token`, {
      trusted,
      certificate,
      headers,
      http: "2",
      form: { ...CREDENTIALS, client_id: clientId },
    });
  const order = (more: CertificateOrder) => issueCertificate({ issuer: CA, ...more });

  describe("curl through nginx with README's configuration", () => {
    test("a client certificate gets a token that is bound to it", async () => {
      const { status, json } = await ask("named", client);
      expect(status).toBe(200);
      const { cnf } = decodeJwt(String(json["access_token"]));
      expect(cnf).toEqual({ "x5t#S256": client.thumbprint });
      const asked = await curl(`https://${MUTUAL}:${port}/introspect`, {
        trusted,
        certificate: client,
        form: { token: String(json["access_token"]), client_id: "named" },
      });
      expect(asked.json).toMatchObject({ active: true, cnf });
    });

    test("a self-signed certificate and one of an intermediate CA do as well", async () => {
      expect((await ask("self", selfSigned)).status).toBe(200);
      expect((await ask("named", order({ issuer: intermediate }))).status).toBe(200);
    });

    test.each<[string, CertificateOrder]>([
      ["a wrong CA", { issuer: issueCa("Test CA") }],
      ["a wrong name", { subject: named("another") }],
      ["no CA at all", { issuer: selfSigned }],
    ])("%s: message 11", async (_, more) => {
      const { status, json } = await ask("named", order(more));
      expect([status, json]).toMatchObject([400, REFUSED]);
    });

    test("no certificate: message 11", async () => {
      expect(await ask("named")).toMatchObject({ status: 400, json: REFUSED });
    });

    test("an expired certificate, of either kind, gets nothing, from nginx or from us", async () => {
      const end = { notAfter: NOW - 60 };
      const own = issueCertificate({
        ...selfSigned,
        subject: named("self"),
        keys: selfSigned,
        ...end,
      });
      for (const [id, certificate] of [
        ["named", order(end)],
        ["self", own],
      ] as const) {
        const { status, json } = await ask(id, certificate);
        expect([status, json["access_token"]]).toEqual([400, undefined]);
      }
    });

    test("attack 41: a header of the caller's own reaches nobody, on either host", async () => {
      const base64 = Buffer.from(client.der).toString("base64");
      const headers = {
        "X-SSL-Client-Cert": encodeURIComponent(client.pem),
        "Client-Cert": `:${base64}:`,
        "X-ARR-ClientCert": base64,
      };
      for (const host of [PLAIN, MUTUAL]) {
        expect((await ask("named", undefined, { host, headers })).json).toMatchObject(REFUSED);
        expect((await ask("named", selfSigned, { host, headers })).json).toMatchObject(REFUSED);
      }
    });

    test("the host for browsers hands on no certificate", async () => {
      expect((await ask("named", client, { host: PLAIN })).json).toMatchObject(REFUSED);
    });

    test("discovery names the host for certificates", async () => {
      const document = await curl(`https://${PLAIN}:${port}/.well-known/openid-configuration`, {
        trusted,
      });
      expect(document.json).toMatchObject({
        tls_client_certificate_bound_access_tokens: true,
        mtls_endpoint_aliases: { token_endpoint: `https://${MUTUAL}:${port}/token` },
        token_endpoint: `${server.issuer}/token`,
      });
    });
  });
} else {
  test.skip("mutual TLS through nginx", () => {});
}
