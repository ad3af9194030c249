/** Real X.509 certificates, made for a test: each field, and each kind of string in it, as the test says. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
} from "@peculiar/asn1-x509";
import { START } from "./server.ts";

/** One attribute of a name; a text is a UTF8String. */
export type Part = readonly [oid: string, value: string | Partial<AttributeValue>];

/** What a certificate shall hold; what is left out is as usual for a client. */
export interface CertificateOrder {
  /** The parts of the subject, the broadest first; a list of parts is one part of several attributes. */
  readonly subject?: readonly (Part | readonly Part[])[];
  /** Who signs; without one the certificate signs itself. */
  readonly issuer?: IssuedCertificate;
  readonly keys?: KeyPair;
  /** Unix seconds. */
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly ca?: boolean;
  readonly pathLength?: number;
  readonly keyUsage?: number;
  readonly purposes?: readonly string[];
  readonly names?: readonly Partial<GeneralName>[];
  readonly extensions?: readonly Extension[];
  readonly hash?: "sha256" | "sha1";
}

/** A key and its public half. */
export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** A certificate with its key. */
export interface IssuedCertificate extends KeyPair {
  readonly subject: Name;
  readonly der: Uint8Array;
  readonly pem: string;
  readonly keyPem: string;
  /** SHA-256 in base64url (RFC 8705 §3.1). */
  readonly thumbprint: string;
}

export { KeyUsageFlags };

/** OIDs that tests name. */
export const OID = {
  commonName: "2.5.4.3",
  country: "2.5.4.6",
  organization: "2.5.4.10",
  unit: "2.5.4.11",
  domain: "0.9.2342.19200300.100.1.25",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  serverAuth: "1.3.6.1.5.5.7.3.1",
} as const;

const DAY = 86_400;

/** A new key: P-256 unless a test needs RSA of a length. */
export function newKeys(rsaBits?: number): KeyPair {
  return rsaBits === undefined
    ? generateKeyPairSync("ec", { namedCurve: "P-256" })
    : generateKeyPairSync("rsa", { modulusLength: rsaBits });
}

/** Makes a certificate that is valid by the clock of a test server and by the machine's. */
export function issueCertificate(order: CertificateOrder = {}): IssuedCertificate {
  const keys = order.keys ?? newKeys();
  const subject = nameOf(order.subject ?? [[OID.commonName, "client"]]);
  const signer = order.issuer ?? { ...keys, subject };
  const algorithm = algorithmOf(signer.privateKey, order.hash ?? "sha256");
  const facts = new TBSCertificate({
    version: 2,
    serialNumber: new Uint8Array([1, ...randomBytes(15)]).buffer,
    signature: algorithm,
    issuer: signer.subject,
    subject,
    validity: new Validity({
      notBefore: new Date((order.notBefore ?? START - 400 * DAY) * 1000),
      notAfter: new Date((order.notAfter ?? START + 3650 * DAY) * 1000),
    }),
    subjectPublicKeyInfo: AsnConvert.parse(
      keys.publicKey.export({ type: "spki", format: "der" }),
      SubjectPublicKeyInfo,
    ),
    extensions: new Extensions(extensionsOf(order)),
  });
  const signature = sign(
    order.hash ?? "sha256",
    Buffer.from(AsnConvert.serialize(facts)),
    signer.privateKey,
  );
  const der = Buffer.from(
    AsnConvert.serialize(
      new Certificate({
        tbsCertificate: facts,
        signatureAlgorithm: algorithm,
        signatureValue: new Uint8Array(signature).buffer,
      }),
    ),
  );
  return {
    ...keys,
    subject,
    der,
    pem: pemOf(der),
    keyPem: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    thumbprint: createHash("sha256").update(der).digest("base64url"),
  };
}

/** A certificate authority by the name. */
export function issueCa(name: string, order: CertificateOrder = {}): IssuedCertificate {
  return issueCertificate({ subject: [[OID.commonName, name]], ca: true, ...order });
}

/** An extension of any content. */
export function extension(oid: string, value: object | Uint8Array, critical = false): Extension {
  const bytes = value instanceof Uint8Array ? value : new Uint8Array(AsnConvert.serialize(value));
  return new Extension({ extnID: oid, critical, extnValue: new OctetString(bytes) });
}

function extensionsOf(order: CertificateOrder): Extension[] {
  const { ca, pathLength, keyUsage, purposes, names, extensions = [] } = order;
  const constraints = new BasicConstraints({
    ...(ca && { cA: true }),
    ...(pathLength !== undefined && { pathLenConstraint: pathLength }),
  });
  return [
    ...(ca === undefined ? [] : [extension("2.5.29.19", constraints, true)]),
    ...(keyUsage === undefined ? [] : [extension("2.5.29.15", new KeyUsage(keyUsage), true)]),
    ...(purposes ? [extension("2.5.29.37", new ExtendedKeyUsage([...purposes]))] : []),
    ...(names
      ? [
          extension(
            "2.5.29.17",
            new SubjectAlternativeName(names.map((name) => new GeneralName(name))),
          ),
        ]
      : []),
    ...extensions,
  ];
}

function nameOf(parts: readonly (Part | readonly Part[])[]): Name {
  return new Name(
    parts.map((part) => {
      const attributes = (typeof part[0] === "string" ? [part] : part) as readonly Part[];
      return new RelativeDistinguishedName(
        attributes.map(
          ([type, value]) =>
            new AttributeTypeAndValue({
              type,
              value: new AttributeValue(typeof value === "string" ? { utf8String: value } : value),
            }),
        ),
      );
    }),
  );
}

function algorithmOf({ asymmetricKeyType }: KeyObject, hash: "sha256" | "sha1") {
  const ec = { sha256: "1.2.840.10045.4.3.2", sha1: "1.2.840.10045.4.1" };
  const rsa = { sha256: "1.2.840.113549.1.1.11", sha1: "1.2.840.113549.1.1.5" };
  return asymmetricKeyType === "ec"
    ? new AlgorithmIdentifier({ algorithm: ec[hash] })
    : new AlgorithmIdentifier({ algorithm: rsa[hash], parameters: null });
}

function pemOf(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
