import { createHash, type KeyObject, X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  BasicConstraints,
  Certificate as CertificateSchema,
  ExtendedKeyUsage,
  type Extension,
  type GeneralName,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  KeyUsage,
  KeyUsageFlags,
  SubjectAlternativeName,
} from "@peculiar/asn1-x509";
import { type DistinguishedName, distinguishedNameOf } from "./distinguished_name.ts";

/**
 * An X.509 certificate as the TLS library reads it, which is quick whatever stands in it. Times in Unix
 * seconds.
 */
export interface OpenedCertificate {
  /** For signatures. */
  readonly native: X509Certificate;
  readonly publicKey: KeyObject;
  /** SHA-256 of the DER in base64url, as `x5t#S256` has it (RFC 8705 §3.1). */
  readonly thumbprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** What is read of a certificate (RFC 5280 §4). */
export interface Certificate extends OpenedCertificate {
  readonly subject: DistinguishedName;
  readonly names: AlternativeNames;
  readonly isCa: boolean;
  /** How many CAs may follow below this one; undefined without a limit. */
  readonly pathLength: number | undefined;
  /** Flags of {@linkcode KeyUsageFlags}; undefined where the key is for everything. */
  readonly keyUsage: number | undefined;
  /** OIDs of purposes; undefined where the key is for everything. */
  readonly purposes: readonly string[] | undefined;
  /** OIDs of extensions that limit the certificate and that are not understood here. */
  readonly unknown: readonly string[];
  readonly signatureAlgorithm: string;
}

/** Alternative names of the subject, by kind (RFC 5280 §4.2.1.6). */
export interface AlternativeNames {
  readonly dns: readonly string[];
  readonly uri: readonly string[];
  readonly ip: readonly string[];
  readonly email: readonly string[];
}

/** Largest certificate that is read, in bytes. */
export const CERTIFICATE_BYTES_MAX = 16_384;

/** Extensions beside those read here that do not limit what a client may do with its certificate. */
const HARMLESS = [
  "2.5.29.14", // subject key identifier
  "2.5.29.35", // authority key identifier
  "2.5.29.32", // certificate policies: every policy will do
];

/** Limits the names below a CA; it counts even where it is not critical. */
const NAME_CONSTRAINTS = "2.5.29.30";

const READ: readonly string[] = [
  id_ce_basicConstraints,
  id_ce_keyUsage,
  id_ce_extKeyUsage,
  id_ce_subjectAltName,
  ...HARMLESS,
];

/** How many certificates are remembered: reading one takes milliseconds, and clients keep theirs. */
const REMEMBERED_MAX = 1000;

const remembered = new Map<string, Certificate>();

/**
 * SHA-256 of a DER certificate in base64url, as `x5t#S256` has it (RFC 8705 §3.1), without looking at
 * what stands in it. Undefined for what is none, is too long, or has bytes behind its end.
 */
export function thumbprintOf(der: Uint8Array): string | undefined {
  return nativeOf(der) && hashOf(der);
}

const hashOf = (der: Uint8Array) => createHash("sha256").update(der).digest("base64url");

/** OpenSSL also takes PEM, and DER with more behind it, whose hash would not be the certificate's. */
function nativeOf(der: Uint8Array): X509Certificate | undefined {
  if (der.length === 0 || der.length > CERTIFICATE_BYTES_MAX) return undefined;
  try {
    const native = new X509Certificate(der);
    return native.raw.equals(der) ? native : undefined;
  } catch {
    return undefined;
  }
}

/** Opens one DER certificate; undefined for what is none, is too long, or has bytes behind its end. */
export function openCertificate(der: Uint8Array): OpenedCertificate | undefined {
  const native = nativeOf(der);
  if (!native) return undefined;
  try {
    return {
      native,
      publicKey: native.publicKey,
      thumbprint: hashOf(der),
      notBefore: Date.parse(native.validFrom) / 1000,
      notAfter: Date.parse(native.validTo) / 1000,
    };
  } catch {
    return undefined; // a key of a kind that is not known here
  }
}

/**
 * Reads a certificate; undefined for one that cannot be read. Thousands of names take half a second,
 * so that what anybody may have made up is not read before a trusted CA has vouched for it.
 */
export function readCertificate(opened: OpenedCertificate): Certificate | undefined {
  const known = remembered.get(opened.thumbprint);
  if (known) return known;
  try {
    const certificate = read(opened);
    if (remembered.size >= REMEMBERED_MAX) remembered.clear();
    remembered.set(opened.thumbprint, certificate);
    return certificate;
  } catch {
    return undefined;
  }
}

/** Opens and reads one DER certificate. */
export function parseCertificate(der: Uint8Array): Certificate | undefined {
  const opened = openCertificate(der);
  return opened && readCertificate(opened);
}

/** All certificates of a PEM text, in their order. Throws `TypeError` for one that cannot be read. */
export function parsePemCertificates(pem: string): readonly Certificate[] {
  return pemContents(pem).map((der, index) => {
    const certificate = parseCertificate(der);
    if (!certificate) throw new TypeError(`certificate ${index + 1} cannot be read`);
    return certificate;
  });
}

/** The bytes of the certificates in a PEM text, whatever they are. */
export function pemContents(pem: string): readonly Uint8Array[] {
  return [...pem.matchAll(PEM)].map(([, base64 = ""]) => Buffer.from(base64, "base64"));
}

/** A certificate in the text form of RFC 7468 §5. */
const PEM = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

function read(opened: OpenedCertificate): Certificate {
  const { raw } = opened.native;
  const { tbsCertificate: facts, signatureAlgorithm } = AsnConvert.parse(raw, CertificateSchema);
  const extensions = facts.extensions ?? [];
  if (new Set(extensions.map(({ extnID }) => extnID)).size !== extensions.length) {
    throw new TypeError("An extension stands twice");
  }
  const extension = <T>(oid: string, schema: new () => T): T | undefined => {
    const found = extensions.find(({ extnID }) => extnID === oid);
    return found && AsnConvert.parse(found.extnValue, schema);
  };
  const purposes = extension(id_ce_extKeyUsage, ExtendedKeyUsage);
  const basic = extension(id_ce_basicConstraints, BasicConstraints);
  return {
    ...opened,
    subject: distinguishedNameOf(facts.subject),
    names: alternativeNames(extension(id_ce_subjectAltName, SubjectAlternativeName)),
    isCa: basic?.cA === true,
    pathLength: basic?.pathLenConstraint,
    keyUsage: extension(id_ce_keyUsage, KeyUsage)?.toNumber(),
    purposes: purposes && [...purposes],
    unknown: extensions.filter(isUnknown).map(({ extnID }) => extnID),
    signatureAlgorithm: signatureAlgorithm.algorithm,
  };
}

const isUnknown = ({ extnID, critical }: Extension) =>
  extnID === NAME_CONSTRAINTS || (critical && !READ.includes(extnID));

function alternativeNames(names: SubjectAlternativeName | undefined): AlternativeNames {
  const given = (pick: (name: GeneralName) => string | undefined) =>
    [...(names ?? [])].map(pick).filter((value) => value !== undefined);
  return {
    dns: given(({ dNSName }) => dNSName),
    uri: given(({ uniformResourceIdentifier }) => uniformResourceIdentifier),
    ip: given(({ iPAddress }) => iPAddress),
    email: given(({ rfc822Name }) => rfc822Name),
  };
}

/** Whether a certificate allows a use of its key; one without the extension allows every use. */
export function allowsUse({ keyUsage }: Certificate, ...uses: readonly KeyUsageFlags[]): boolean {
  return keyUsage === undefined || uses.some((use) => (keyUsage & use) !== 0);
}

/** Whether a certificate is within its time, both ends included (RFC 5280 §4.1.2.5). */
export function validityFault(
  { notBefore, notAfter }: OpenedCertificate,
  now: number,
): string | undefined {
  if (!(now >= notBefore)) return "is not valid yet";
  return now <= notAfter ? undefined : "has expired";
}

export { KeyUsageFlags };
