/** Nothing of a certificate is read before a configured CA vouches for it: it may be made to be slow. */
import { describe, expect, test } from "bun:test";
import { openCertificate } from "../../src/protocol/certificate.ts";
import { vouchedFor } from "../../src/protocol/certificate_path.ts";
import {
  extension,
  type IssuedCertificate,
  issueCa,
  issueCertificate,
  newKeys,
} from "../support/certificates.ts";
import { testServer } from "../support/server.ts";
import { ask, BY_NAME, CA, lastReason, REFUSED } from "./fixture.ts";

function open({ der }: IssuedCertificate) {
  const certificate = openCertificate(der);
  if (!certificate) throw new Error("The certificate cannot be opened");
  return certificate;
}

/** Places in the chain of those that are vouched for; undefined where the certificate itself is not. */
function judge(leaf: IssuedCertificate, chain: readonly IssuedCertificate[]) {
  const intermediates = chain.map(open);
  const vouched = vouchedFor(open(leaf), { anchors: [open(CA)], intermediates });
  return vouched?.map((one) => intermediates.indexOf(one)).sort();
}

describe("RFC 5280 §6: who vouches for whom", () => {
  const between = issueCa("between", { issuer: CA });
  const twin = issueCa("between", { issuer: CA, keys: between });
  const below = issueCa("below", { issuer: between });
  const noCa = issueCertificate({ issuer: CA });
  const stranger = issueCa("stranger");
  const straight = issueCertificate({ issuer: CA });
  const keys = newKeys();
  const one = issueCa("one", { keys });
  const two = issueCa("two", { issuer: one });
  const back = issueCa("one", { keys, issuer: two });

  test.each<[string, IssuedCertificate, IssuedCertificate[], number[] | undefined]>([
    ["the CA itself, and no hint", straight, [], []],
    ["the CA, and hints that are nobody's stay unread", straight, [stranger, between], []],
    ["an intermediate CA", issueCertificate({ issuer: between }), [stranger, between], [1]],
    ["either of two of one key", issueCertificate({ issuer: between }), [between, twin], [0, 1]],
    ["two of them in any order", issueCertificate({ issuer: below }), [below, between], [0, 1]],
    ["nobody, without the CA between", issueCertificate({ issuer: below }), [below], undefined],
    ["nobody, for a stranger", issueCertificate({ issuer: stranger }), [stranger, CA], undefined],
    [
      "nobody, where a client's certificate signs",
      issueCertificate({ issuer: noCa }),
      [noCa],
      undefined,
    ],
    ["nobody, in a circle", issueCertificate({ issuer: two }), [back, two, back, two], undefined],
  ])("%s", (_, leaf, chain, vouched) => {
    expect(judge(leaf, chain)).toEqual(vouched);
  });
});

test("attack 42: a stranger's certificate is refused unread, the CA's own when it cannot be read", async () => {
  const server = await testServer({ settings: { tlsClientCas: () => CA.pem } });
  await server.addClient({ ...BY_NAME, client_id: "named" });
  const twice = extension("1.3.6.1.4.1.99999.1", new Uint8Array([5, 0]));
  for (const [issuer, reason] of [
    [issueCa("Test CA"), "issued by no configured CA"],
    [CA, "the certificate cannot be read"],
  ] as const) {
    await server.services.audit.flush(); // what was refused before is another story
    const certificate = issueCertificate({ issuer, extensions: [twice, twice] });
    expect(await (await ask(server, "named", certificate)).json()).toMatchObject(REFUSED);
    expect(await lastReason(server)).toBe(reason);
  }
});
