/** Names of certificates against their text (RFC 4514), part by part. */
import { describe, expect, test } from "bun:test";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate } from "@peculiar/asn1-x509";
import {
  distinguishedNameOf,
  isSameName,
  parseDistinguishedName,
} from "../../src/protocol/distinguished_name.ts";
import { type CertificateOrder, issueCertificate, OID } from "../support/certificates.ts";

type Subject = NonNullable<CertificateOrder["subject"]>;

function matches(text: string, subject: Subject): boolean {
  const { der } = issueCertificate({ subject });
  const name = AsnConvert.parse(der, Certificate).tbsCertificate.subject;
  const parsed = parseDistinguishedName(text);
  return parsed !== undefined && isSameName(parsed, distinguishedNameOf(name));
}

const ACME: Subject = [
  [OID.country, { printableString: "DE" }],
  [OID.organization, "Acme, Inc"],
  [OID.commonName, "client"],
];
const cn = (value: string): Subject => [[OID.commonName, value]];

describe("attack 42: a registered subject and a certificate's (RFC 8705 §2.1.2, RFC 4514)", () => {
  test.each<[string, Subject]>([
    ["CN=client,O=Acme\\, Inc,C=DE", ACME],
    ["CN=client, O=Acme\\, Inc, C=DE", ACME],
    ["cn=client,o=Acme\\, Inc,c=DE", ACME],
    ["2.5.4.3=client,2.5.4.10=Acme\\, Inc,2.5.4.6=DE", ACME],
    ["CN=client,O=Acme\\2c Inc,C=DE", ACME],
    ["CN=#0c06636c69656e74,O=Acme\\, Inc,C=DE", ACME],
    ["CN=#1306636c69656e74,O=Acme\\, Inc,C=#13024445", ACME],
    ["CN=client", [[OID.commonName, { bmpString: "client" }]]],
    ["CN=client", [[OID.commonName, { printableString: "client" }]]],
    ["DC=org", [[OID.domain, { ia5String: "org" }]]],
    ["CN=Lu\\C4\\8Di\\C4\\87", cn("Lučić")],
    ["CN=Lučić", cn("Lučić")],
    ['CN=a\\+b\\=c\\;d\\<e\\>f\\"g\\\\h', cn('a+b=c;d<e>f"g\\h')],
    ["CN=\\#client", cn("#client")],
    ["CN=\\ client\\ ", cn(" client ")],
    ["CN=client ", cn("client")],
    ["CN=", cn("")],
    [
      "CN=client+OU=one,O=Acme",
      [
        [OID.organization, "Acme"],
        [
          [OID.unit, "one"],
          [OID.commonName, "client"],
        ],
      ],
    ],
    [
      "OU=one+CN=client,O=Acme",
      [
        [OID.organization, "Acme"],
        [
          [OID.unit, "one"],
          [OID.commonName, "client"],
        ],
      ],
    ],
    [
      "1.3.6.1.4.1.99999.2=#0203010001",
      [["1.3.6.1.4.1.99999.2", { anyValue: new Uint8Array([2, 3, 1, 0, 1]).buffer }]],
    ],
  ])("%s is it", (text, subject) => {
    expect(matches(text, subject)).toBe(true);
  });

  test.each<[string, Subject]>([
    ["C=DE,O=Acme\\, Inc,CN=client", ACME],
    ["CN=client,O=Acme\\, Inc", ACME],
    ["CN=client", ACME],
    ["OU=x,CN=client,O=Acme\\, Inc,C=DE", ACME],
    ["CN=Client,O=Acme\\, Inc,C=DE", ACME],
    ["CN=client,OU=Acme\\, Inc,C=DE", ACME],
    ["CN=client", cn("client,O=Acme")],
    ["CN=client,O=Acme", cn("client,O=Acme")],
    ["CN=client", cn("client\0.example")],
    ["CN=client", cn(" client")],
    [
      "CN=client+OU=one",
      [
        [OID.unit, "one"],
        [OID.commonName, "client"],
      ],
    ],
    ["CN=\\#0c06636c69656e74", cn("client")],
    ["CN=one", cn("one\u200b")],
  ])("%s is another", (text, subject) => {
    expect(parseDistinguishedName(text)).toBeDefined();
    expect(matches(text, subject)).toBe(false);
  });

  test.each([
    "",
    "client",
    "=client",
    "CN",
    "CN=client,",
    "CN=client,,O=Acme",
    "CN=client+",
    "XYZ=client",
    "CN=a;O=b",
    'CN="client"',
    "CN=a\\",
    "CN=a\\x",
    "CN=\\ff",
    "CN=#",
    "CN=#0c0",
    "CN=#zz",
    "CN=#client",
    "/CN=client/O=Acme",
    "2.5.4.=client",
  ])("%p is no distinguished name", (text) => {
    expect(parseDistinguishedName(text)).toBeUndefined();
  });

  test("a long text of escapes is judged in no time", () => {
    const start = performance.now();
    for (const piece of ["\\ ", " ", "\\\\", "a ", "+", "CN="]) {
      parseDistinguishedName(`CN=${piece.repeat(2000)}!`);
    }
    expect(performance.now() - start).toBeLessThan(500);
  });
});
