/** self_signed_tls_client_auth by the keys of a `jwks_uri` (RFC 8705 §2.2). */
import { afterAll, describe, expect, test } from "bun:test";
import { type IssuedCertificate, issueCertificate, newKeys } from "../support/certificates.ts";
import { testServer } from "../support/server.ts";
import { ask, lastReason, REFUSED } from "./fixture.ts";

const USUAL = {
  grant_types: ["client_credentials"],
  scope: "api1",
  token_endpoint_auth_method: "self_signed_tls_client_auth",
};

/** What the client's host publishes at each path, and how often it was asked. */
const published = new Map<string, readonly object[]>();
let visits = 0;
const host = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request) {
    visits += 1;
    const keys = published.get(new URL(request.url).pathname);
    return keys ? Response.json({ keys }) : new Response("", { status: 404 });
  },
});
afterAll(() => host.stop(true));

const server = await testServer({ settings: { outgoingPrivateHosts: ["127.0.0.1"] } });
const jwkOf = ({ publicKey }: IssuedCertificate) => publicKey.export({ format: "jwk" });
const old = issueCertificate();
const next = issueCertificate();

/** A client whose host publishes these keys. */
async function addClient(client_id: string, keys: readonly object[]): Promise<void> {
  published.set(`/${client_id}`, keys);
  await server.addClient({ ...USUAL, client_id, jwks_uri: `${host.url}${client_id}` });
  visits = 0;
}

describe("attack 43: key match only, by jwks_uri", () => {
  test("a published key gets tokens, and is read once", async () => {
    await addClient("kept", [jwkOf(next), jwkOf(old)]);
    for (const shown of [old, next, old])
      expect((await ask(server, "kept", shown)).status).toBe(200);
    expect(visits).toBe(1);
  });

  test("rotated keys: the new one at once, the old one until the keys are read again", async () => {
    await addClient("rotated", [jwkOf(old)]);
    expect((await ask(server, "rotated", old)).status).toBe(200);
    published.set("/rotated", [jwkOf(next)]);
    server.advance(10);
    expect((await ask(server, "rotated", next)).status).toBe(200);
    expect(visits).toBe(2);
    expect((await ask(server, "rotated", old)).status).toBe(400);
  });

  test("strangers have the keys read once in ten seconds, and no more", async () => {
    await addClient("quiet", [jwkOf(old)]);
    expect((await ask(server, "quiet", old)).status).toBe(200);
    server.advance(10);
    for (let i = 0; i < 5; i++) {
      const refused = await ask(server, "quiet", issueCertificate());
      expect([refused.status, await refused.json()]).toMatchObject([400, REFUSED]);
    }
    expect(visits).toBe(2);
  });

  test("an address that does not answer is told to the operator alone", async () => {
    await addClient("silent", []);
    published.delete("/silent");
    await server.services.audit.flush(); // what was refused before is another story
    expect(await (await ask(server, "silent", old)).json()).toMatchObject(REFUSED);
    expect(await lastReason(server)).toEndWith("; jwks_uri: it answers 404");
  });

  const weak = issueCertificate({ keys: newKeys(1024) });
  test.each<[string, IssuedCertificate, object]>([
    ["weak", weak, jwkOf(weak)],
    ["private", old, old.privateKey.export({ format: "jwk" })],
    ["for encryption", old, { ...jwkOf(old), use: "enc" }],
  ])("a published key that is %s is nobody's", async (name, shown, key) => {
    await addClient(name.replaceAll(" ", "-"), [key]);
    expect((await ask(server, name.replaceAll(" ", "-"), shown)).status).toBe(400);
  });
});
