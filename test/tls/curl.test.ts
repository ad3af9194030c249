/** curl with a client certificate against the TLS listener of our own. */
import { describe, expect, test } from "bun:test";
import { decodeJwt } from "jose";
import { issueCa, issueCertificate } from "../support/certificates.ts";
import { curl } from "../support/curl.ts";
import { hasNginx } from "../support/nginx.ts";
import { testServer } from "../support/server.ts";
import { BY_NAME, CA, CREDENTIALS, named, REFUSED } from "./fixture.ts";
import { listen, WEB_CA } from "./talk.ts";

const between = issueCa("between", { issuer: CA });
const client = issueCertificate({ issuer: between });

if (hasNginx()) {
  const server = await testServer({ settings: { tlsClientCas: () => CA.pem } });
  await server.addClient({
    ...BY_NAME,
    client_id: "named",
    tls_client_certificate_bound_access_tokens: true,
  });
  const port = listen(server.server.handle);

  describe.each(["1.1", "2"] as const)("curl by HTTP/%s", (http) => {
    const ask = async (certificate?: typeof client, more: readonly string[] = []) =>
      curl(`https://localhost:${await port}/token`, {
        trusted: WEB_CA,
        certificate,
        chain: [between],
        http,
        form: { ...CREDENTIALS, client_id: "named" },
        more,
      });

    test.each([["1.2"], ["1.3"]])("gets a bound token over TLS %s", async (version) => {
      const answer = await ask(client, ["--tlsv1.2", "--tls-max", version]);
      expect([answer.status, answer.http]).toEqual([200, http]);
      expect(decodeJwt(String(answer.json["access_token"]))["cnf"]).toEqual({
        "x5t#S256": client.thumbprint,
      });
    });

    test("with a wrong CA, a wrong name, an expired certificate or none: message 11", async () => {
      const expired = issueCertificate({ issuer: CA, notAfter: server.services.now() - 1 });
      const wrongName = issueCertificate({ issuer: CA, subject: named("another") });
      const wrongCa = issueCertificate({ issuer: issueCa("Test CA") });
      for (const certificate of [wrongCa, wrongName, expired, undefined]) {
        expect(await ask(certificate)).toMatchObject({ status: 400, json: REFUSED });
      }
    });

    test("TLS 1.1 is not spoken", async () => {
      expect((await ask(client, ["--tls-max", "1.1"])).status).toBe(0);
    });
  });
} else {
  test.skip("curl with a client certificate", () => {});
}
