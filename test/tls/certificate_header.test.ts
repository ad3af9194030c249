/** Where a client's certificate is read, and where it is not (RFC 8705 §2, RFC 9440 §2). */
import { describe, expect, test } from "bun:test";
import { certificateOf, certificateThumbprint } from "../../src/http/client_certificate.ts";
import { type Peer, rememberPeer } from "../../src/http/peer.ts";
import { DEFAULT_SETTINGS } from "../../src/protocol/settings.ts";
import type { CertificateHeader } from "../../src/protocol/tls_settings.ts";
import { issueCa, issueCertificate } from "../support/certificates.ts";
import { testServer } from "../support/server.ts";
import { ask, BY_NAME, CA, CREDENTIALS, REFUSED } from "./fixture.ts";

const PROXY = "10.0.0.1";
const client = issueCertificate({ issuer: CA });
const passedThrough = issueCertificate();
const base64 = Buffer.from(client.der).toString("base64");
const sequence = `:${base64}:`;
const escaped = encodeURIComponent(client.pem);

interface Arrival {
  readonly believed?: CertificateHeader;
  readonly peer?: Peer;
  readonly headers: Record<string, string> | [string, string][];
}

function shownBy({ believed = "client-cert", peer = { address: PROXY }, headers }: Arrival) {
  const request = new Request("http://localhost/token", { headers });
  rememberPeer(request, peer);
  const settings = {
    ...DEFAULT_SETTINGS,
    trustedProxies: [PROXY],
    clientCertificateHeader: believed,
  };
  const shown = certificateOf(request, settings);
  // What tokens are bound to is read on a way of its own.
  expect(certificateThumbprint(request, settings)).toBe(shown?.certificate.thumbprint);
  return shown;
}

const thumbprintOf = (arrival: Arrival) => shownBy(arrival)?.certificate.thumbprint;

const FORMS: [CertificateHeader, string][] = [
  ["client-cert", sequence],
  ["x-arr-clientcert", base64],
  ["x-ssl-client-cert", escaped],
];

describe("attack 41: a header counts from configured proxies alone", () => {
  test.each(FORMS)("%s from the proxy is the client's certificate", (believed, value) => {
    expect(thumbprintOf({ believed, headers: { [believed]: value } })).toBe(client.thumbprint);
    const mapped = { address: `::ffff:${PROXY}` };
    const arrival = { believed, peer: mapped, headers: { [believed]: value } };
    expect(thumbprintOf(arrival)).toBe(client.thumbprint);
  });

  test.each(FORMS)("%s from anybody else is not looked at", (believed, value) => {
    const headers = { [believed]: value, "X-Forwarded-For": PROXY };
    for (const peer of [{ address: "192.0.2.1" }, { address: "" }]) {
      expect(thumbprintOf({ believed, peer, headers })).toBeUndefined();
    }
    const request = new Request("http://localhost/token", { headers });
    const settings = { ...DEFAULT_SETTINGS, trustedProxies: [PROXY] };
    expect(certificateThumbprint(request, { ...settings, clientCertificateHeader: believed })).toBe(
      undefined,
    );
  });

  test.each(FORMS)("%s is not believed where another header is, or none", (name, value) => {
    const others = ["none", ...FORMS.map(([other]) => other)].filter((other) => other !== name);
    for (const believed of others as CertificateHeader[]) {
      expect(thumbprintOf({ believed, headers: { [name]: value } })).toBeUndefined();
    }
  });

  test("by default no header is believed, from no proxy", () => {
    expect(DEFAULT_SETTINGS.clientCertificateHeader).toBe("none");
  });

  test("on our own TLS listener the connection speaks, whoever it comes from, and no header", () => {
    const headers = { "Client-Cert": sequence };
    for (const address of [PROXY, "192.0.2.1"]) {
      const peer = { address, certificates: [passedThrough.der] };
      expect(thumbprintOf({ peer, headers })).toBe(passedThrough.thumbprint);
      expect(thumbprintOf({ peer: { address, certificates: [] }, headers })).toBeUndefined();
    }
  });

  test("over HTTP: the same request is a client from the proxy, and nobody from elsewhere", async () => {
    const server = await testServer({
      settings: {
        tlsClientCas: () => CA.pem,
        trustedProxies: [PROXY],
        clientCertificateHeader: "x-arr-clientcert",
      },
    });
    await server.addClient({ ...BY_NAME, client_id: "named" });
    const form = { ...CREDENTIALS, client_id: "named" };
    const send = (address: string) =>
      server.post("/token", form, { headers: { "X-ARR-ClientCert": base64 }, peer: { address } });
    expect((await send(PROXY)).status).toBe(200);
    const elsewhere = await send("192.0.2.1");
    expect([elsewhere.status, await elsewhere.json()]).toMatchObject([400, REFUSED]);
    expect((await ask(server, "named", client)).status).toBe(200);
  });
});

describe("a header that is not exactly one certificate is none", () => {
  const long = "A".repeat(70_000);
  test.each<[CertificateHeader, string]>([
    ["client-cert", base64],
    ["client-cert", `${sequence}, ${sequence}`],
    ["client-cert", `${sequence};a=1`],
    ["client-cert", `"${base64}"`],
    ["client-cert", "::"],
    ["client-cert", ":!:"],
    ["client-cert", `:${long}:`],
    ["client-cert", `:${Buffer.from(client.pem).toString("base64")}:`],
    ["x-arr-clientcert", sequence],
    ["x-arr-clientcert", `${base64},${base64}`],
    ["x-arr-clientcert", `${base64}AAAA`],
    ["x-arr-clientcert", `${base64.slice(0, -4)}`],
    ["x-arr-clientcert", "junk"],
    ["x-ssl-client-cert", "%"],
    ["x-ssl-client-cert", "%00"],
    ["x-ssl-client-cert", "(null)"],
    ["x-ssl-client-cert", base64],
    ["x-ssl-client-cert", escaped + escaped],
    ["x-ssl-client-cert", `${escaped},${escaped}`],
    ["x-ssl-client-cert", `x${escaped}`],
    [
      "x-ssl-client-cert",
      encodeURIComponent("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
    ],
    ["x-ssl-client-cert", long],
  ])("%s: %.40s", (believed, value) => {
    expect(thumbprintOf({ believed, headers: { [believed]: value } })).toBeUndefined();
  });

  test.each(FORMS)("%s twice", (believed, value) => {
    const other = new Map(FORMS).get(believed);
    const headers: [string, string][] = [
      [believed, value],
      [believed, other ?? ""],
    ];
    expect(thumbprintOf({ believed, headers })).toBeUndefined();
  });

  test("Client-Cert-Chain gives hints, and junk in it is nothing", () => {
    const between = issueCa("between", { issuer: CA });
    const chain = `:${Buffer.from(between.der).toString("base64")}:, :AAAA:`;
    const withChain = (value: string) =>
      shownBy({ headers: { "Client-Cert": sequence, "Client-Cert-Chain": value } });
    expect(withChain(chain)?.intermediates.map((one) => one.thumbprint)).toEqual([
      between.thumbprint,
    ]);
    expect(withChain("junk")?.intermediates).toEqual([]);
    const nine = Array.from({ length: 9 }, () => sequence).join();
    expect(withChain(nine)?.intermediates.length).toBe(8);
  });
});

test("RFC 8705 Appendix A: the thumbprint of the example certificate", () => {
  const example = `MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx
ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG
SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ
/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID
SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV
bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=`.replaceAll("\n", "");
  const headers = { "Client-Cert": `:${example}:` };
  expect(thumbprintOf({ headers })).toBe("A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0");
});
