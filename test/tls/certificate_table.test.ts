/** Which certificates prove a client of tls_client_auth (RFC 8705 §2.1, RFC 5280 §6). */
import { describe, expect, test } from "bun:test";
import { parseCertificate } from "../../src/protocol/certificate.ts";
import { pathFault } from "../../src/protocol/certificate_path.ts";
import {
  type CertificateOrder,
  extension,
  type IssuedCertificate,
  issueCa,
  issueCertificate,
  KeyUsageFlags,
  newKeys,
  OID,
} from "../support/certificates.ts";
import { START } from "../support/server.ts";

const ca = issueCa("ca");
const intermediate = issueCa("intermediate", { issuer: ca, pathLength: 0 });
const below = issueCa("below", { issuer: intermediate });
const expiredCa = issueCa("old", { notAfter: START - 1 });
const limited = issueCa("limited", { pathLength: 0 });
const tooDeep = issueCa("too deep", { issuer: limited });
const noSigner = issueCa("no signer", { issuer: ca, keyUsage: KeyUsageFlags.digitalSignature });
const noCa = issueCertificate({ subject: [[OID.commonName, "no ca"]], issuer: ca });
const serverCa = issueCa("server ca", { issuer: ca, purposes: [OID.serverAuth] });
const constrained = issueCa("constrained", {
  issuer: ca,
  extensions: [extension("2.5.29.30", new Uint8Array([0x30, 0]))],
});
const stranger = issueCa("ca"); // the same name, another key

const anchors = [ca, expiredCa, limited].map(read);

function read({ der }: IssuedCertificate) {
  const certificate = parseCertificate(der);
  if (!certificate) throw new Error("The certificate cannot be read");
  return certificate;
}

/** What is said of a certificate with a chain; the CA signs it unless the order names another issuer. */
function judge(order: CertificateOrder, chain: readonly IssuedCertificate[]) {
  const context = { anchors, intermediates: chain.map(read), now: START };
  return pathFault(read(issueCertificate({ issuer: ca, ...order })), context);
}

const UNKNOWN = "1.3.6.1.4.1.99999.1";

describe("attack 42: a path is proved from the certificate up to a configured CA", () => {
  test.each<[string, CertificateOrder, IssuedCertificate[]]>([
    ["straight from the CA", {}, []],
    ["by an intermediate CA that the client sent", { issuer: intermediate }, [intermediate]],
    ["with a purpose that fits", { purposes: [OID.serverAuth, OID.clientAuth] }, []],
    ["for any purpose", { purposes: ["2.5.29.37.0"] }, []],
    ["with a key that signs", { keyUsage: KeyUsageFlags.digitalSignature }, []],
    ["with an RSA key of 2048 bits", { keys: newKeys(2048) }, []],
    ["in its last second", { notAfter: START }, []],
    ["in its first second", { notBefore: START }, []],
    ["with an unknown extension that does not limit it", { extensions: [own(false)] }, []],
    ["below a CA with a path length of 0", { issuer: limited }, []],
  ])("passes: %s", (_, order, chain) => {
    expect(judge(order, chain)).toBeUndefined();
  });

  test.each<[string, CertificateOrder, IssuedCertificate[]]>([
    ["issued by no configured CA", { issuer: stranger }, []],
    ["issued by no configured CA", { issuer: stranger }, [stranger]],
    ["issued by no configured CA", { issuer: intermediate }, []],
    ["the certificate has expired", { notAfter: START - 1 }, []],
    ["the certificate is not valid yet", { notBefore: START + 1 }, []],
    ["the certificate is a CA's, not a client's", { ca: true }, []],
    ["the certificate is not for client authentication", { purposes: [OID.serverAuth] }, []],
    ["the certificate's key may not sign", { keyUsage: KeyUsageFlags.keyEncipherment }, []],
    ["the certificate has too short a key", { keys: newKeys(1024) }, []],
    ["the certificate is signed by a weak or unknown algorithm", { hash: "sha1" }, []],
    ["the certificate has an extension that is not understood", { extensions: [own(true)] }, []],
    ["a CA of the certificate has expired", { issuer: expiredCa }, []],
    ["a CA of the certificate is no CA", { issuer: noCa }, [noCa]],
    ["a CA of the certificate is not for client authentication", { issuer: serverCa }, [serverCa]],
    [
      "a CA of the certificate has an extension that is not understood",
      { issuer: constrained },
      [constrained],
    ],
    ["a CA of the certificate has too long a path below it", { issuer: tooDeep }, [tooDeep]],
    [
      "a CA of the certificate has too long a path below it",
      { issuer: below },
      [below, intermediate],
    ],
  ])("is refused, since %s", (fault, order, chain) => {
    expect(judge(order, chain)).toBe(fault);
  });

  test("is refused: signed by itself", () => {
    const context = { anchors, intermediates: [], now: START };
    expect(pathFault(read(issueCertificate()), context)).toBe("issued by no configured CA");
  });

  test("is refused: of a CA that may not sign certificates", () => {
    expect(judge({ issuer: noSigner }, [noSigner])).toBeString();
  });

  test("a chain in a circle ends", () => {
    const keys = newKeys();
    const one = issueCa("one", { keys });
    const two = issueCa("two", { issuer: one });
    const back = issueCa("one", { keys, issuer: two });
    const chain = Array.from({ length: 4 }, () => [back, two]).flat();
    expect(judge({ issuer: two }, chain)).toBe("issued by no configured CA");
  });

  test("a changed signature proves nothing", () => {
    const { der } = issueCertificate({ issuer: ca });
    const forged = Buffer.from(der);
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    const certificate = parseCertificate(forged);
    const context = { anchors, intermediates: [], now: START };
    expect(certificate && pathFault(certificate, context)).toBe("issued by no configured CA");
  });
});

function own(critical: boolean) {
  return extension(UNKNOWN, new Uint8Array([5, 0]), critical);
}

describe("what is no certificate is none", () => {
  const { der, pem } = issueCertificate();
  test.each<[string, Uint8Array]>([
    ["nothing", new Uint8Array()],
    ["text", Buffer.from("junk")],
    ["PEM in the place of DER", Buffer.from(pem)],
    ["DER with a byte behind it", Buffer.concat([der, Buffer.from([0])])],
    ["DER that breaks off", der.subarray(0, -1)],
    ["a lot of nothing", Buffer.alloc(16_384, 0x30)],
    ["more than 16 KiB", Buffer.alloc(16_385, 0x30)],
    ["an extension twice", issueCertificate({ extensions: [own(false), own(false)] }).der],
  ])("%s", (_, bytes) => {
    expect(parseCertificate(bytes)).toBeUndefined();
  });
});
