import {
  allowsUse,
  type Certificate,
  KeyUsageFlags,
  type OpenedCertificate,
  validityFault,
} from "./certificate.ts";

/** What a certificate is judged against. */
export interface TrustContext {
  /** Certificates of the CAs that the operator trusts, roots or not. */
  readonly anchors: readonly Certificate[];
  /** What the client sent beside its own certificate: hints, not trusted. */
  readonly intermediates: readonly Certificate[];
  /** Unix seconds. */
  readonly now: number;
}

/** Most CAs between a client and a configured one. */
const INTERMEDIATES_MAX = 4;

/** Most issuers that are tried for one certificate, so that a made-up chain cannot keep us busy. */
const ISSUERS_TRIED_MAX = 32;

/** Fewest bits of an RSA key in a path. */
const RSA_BITS_MIN = 2048;

/** id-kp-clientAuth and anyExtendedKeyUsage (RFC 5280 §4.2.1.12). */
const CLIENT_PURPOSES = ["1.3.6.1.5.5.7.3.2", "2.5.29.37.0"];

/** Signatures by RSA, RSA-PSS, ECDSA and Ed25519 with SHA-2; what is not here, as SHA-1, is weak. */
const SIGNATURE_ALGORITHMS = [
  "1.2.840.113549.1.1.10",
  "1.2.840.113549.1.1.11",
  "1.2.840.113549.1.1.12",
  "1.2.840.113549.1.1.13",
  "1.2.840.10045.4.3.2",
  "1.2.840.10045.4.3.3",
  "1.2.840.10045.4.3.4",
  "1.3.101.112",
];

/**
 * Those certificates that a client sent along for which a configured CA vouches, directly or by each
 * other; undefined where none vouches for the client's own. Signatures alone are looked at, and nothing
 * is read: whether the path may be used is for {@linkcode pathFault} to say.
 */
export function vouchedFor(
  leaf: OpenedCertificate,
  { anchors, intermediates }: Hints,
): readonly OpenedCertificate[] | undefined {
  const found = new Set<OpenedCertificate>();
  const tried = { count: 0 };
  const isVouched = (certificate: OpenedCertificate, depth: number): boolean => {
    const signs = (issuer: OpenedCertificate) =>
      tried.count < ISSUERS_TRIED_MAX && isIssuer(issuer, certificate, { tried });
    const byHint = intermediates.filter(
      (hint) =>
        depth < INTERMEDIATES_MAX &&
        hint.native.ca &&
        signs(hint) &&
        (found.has(hint) || isVouched(hint, depth + 1)),
    );
    for (const hint of byHint) found.add(hint);
    return byHint.length > 0 || anchors.some(signs);
  };
  return isVouched(leaf, 0) ? [...found] : undefined;
}

/** What may lead from a client's certificate to a configured CA, before anything of it is read. */
interface Hints {
  readonly anchors: readonly OpenedCertificate[];
  readonly intermediates: readonly OpenedCertificate[];
}

/**
 * Why a certificate does not prove a client by a configured CA, in our own words for the operator;
 * undefined where it does. The path is judged as RFC 5280 §6 asks, except for what is refused
 * outright: name constraints and critical extensions that are not known here.
 */
export function pathFault(leaf: Certificate, context: TrustContext): string | undefined {
  if (leaf.isCa) return "the certificate is a CA's, not a client's";
  const uses = [KeyUsageFlags.digitalSignature, KeyUsageFlags.keyAgreement];
  if (!allowsUse(leaf, ...uses)) return "the certificate's key may not sign";
  const fault = signatureFault(leaf) ?? ownFault(leaf, context.now);
  if (fault !== undefined) return `the certificate ${fault}`;
  return issuersFault(leaf, { ...context, depth: 0, tried: { count: 0 } });
}

interface Search extends TrustContext {
  /** How many CAs stand between the leaf and the one that is looked for. */
  readonly depth: number;
  readonly tried: { count: number };
}

/** Looks for one issuer that holds, whose own issuer holds, up to a configured CA. */
function issuersFault(certificate: Certificate, search: Search): string | undefined {
  let fault = "issued by no configured CA";
  for (const issuer of [...search.anchors, ...search.intermediates]) {
    if (search.depth > INTERMEDIATES_MAX || search.tried.count >= ISSUERS_TRIED_MAX) return fault;
    if (!isIssuer(issuer, certificate, search)) continue;
    const found = issuerFault(issuer, search);
    if (found === undefined) return undefined;
    fault = found;
  }
  return fault;
}

function isIssuer(
  issuer: OpenedCertificate,
  { native }: OpenedCertificate,
  { tried }: Pick<Search, "tried">,
): boolean {
  if (issuer.native === native || !native.checkIssued(issuer.native)) return false;
  tried.count += 1;
  try {
    return native.verify(issuer.publicKey);
  } catch {
    return false; // a signature by another kind of key
  }
}

function issuerFault(issuer: Certificate, search: Search): string | undefined {
  const trusted = search.anchors.includes(issuer);
  const fault =
    caFault(issuer, search.depth) ??
    (trusted ? undefined : signatureFault(issuer)) ??
    ownFault(issuer, search.now);
  if (fault !== undefined) return `a CA of the certificate ${fault}`;
  if (trusted) return undefined;
  return issuersFault(issuer, { ...search, depth: search.depth + 1 });
}

function caFault(issuer: Certificate, depth: number): string | undefined {
  if (!issuer.isCa) return "is no CA";
  if (!allowsUse(issuer, KeyUsageFlags.keyCertSign)) return "may not sign certificates";
  if (depth > (issuer.pathLength ?? depth)) return "has too long a path below it";
  return undefined;
}

/** How a configured CA signed itself does not count: it is trusted as it stands. */
function signatureFault({ signatureAlgorithm }: Certificate): string | undefined {
  if (SIGNATURE_ALGORITHMS.includes(signatureAlgorithm)) return undefined;
  return "is signed by a weak or unknown algorithm";
}

/** What every certificate of a path must satisfy by itself. */
function ownFault(certificate: Certificate, now: number): string | undefined {
  const bits = certificate.publicKey.asymmetricKeyDetails?.modulusLength ?? RSA_BITS_MIN;
  if (bits < RSA_BITS_MIN) return "has too short a key";
  if (certificate.unknown.length > 0) return "has an extension that is not understood";
  if (!(certificate.purposes ?? CLIENT_PURPOSES).some((oid) => CLIENT_PURPOSES.includes(oid))) {
    return "is not for client authentication";
  }
  return validityFault(certificate, now);
}
