import {
  CERTIFICATE_BYTES_MAX,
  type Certificate,
  type OpenedCertificate,
  openCertificate,
  parsePemCertificates,
  pemContents,
  thumbprintOf,
} from "../protocol/certificate.ts";
import type { Settings } from "../protocol/settings.ts";
import type { CertificateHeader } from "../protocol/tls_settings.ts";
import { isFromTrustedProxy, peerOf } from "./peer.ts";

/** The certificate whose key a client has proved to hold, and what it sent to prove the issuer. */
export interface ClientCertificate {
  readonly certificate: OpenedCertificate;
  /** Certificates that may lead to a trusted CA; hints that nobody vouches for. */
  readonly intermediates: readonly OpenedCertificate[];
}

/** Most intermediate certificates that are read. */
const INTERMEDIATES_MAX = 8;

/** Longest header that is read, in characters: escaping makes up to three of a PEM's. */
const HEADER_LENGTH_MAX = 4 * CERTIFICATE_BYTES_MAX;

/**
 * The certificate of the client that sent a request (RFC 8705 §2). On our own TLS listener it is that
 * of the connection, and no header is looked at: behind a proxy that passes TLS through, the headers
 * are the client's. Elsewhere it is what a trusted proxy put into the one header that
 * CLIENT_CERTIFICATE_HEADER names (RFC 9440 §2; attack 41). Undefined where there is none, and for a
 * header that holds anything but one certificate.
 */
export function certificateOf(request: Request, settings: Settings): ClientCertificate | undefined {
  const [leaf, ...rest] = shownBy(request, settings);
  const certificate = leaf && openCertificate(leaf);
  if (!certificate) return undefined;
  const intermediates = rest
    .slice(0, INTERMEDIATES_MAX)
    .map(openCertificate)
    .filter((one) => one !== undefined);
  return { certificate, intermediates };
}

/** SHA-256 of the client's certificate, the value of `x5t#S256`; undefined without a certificate (RFC 8705 §3.1). */
export function certificateThumbprint(request: Request, settings: Settings): string | undefined {
  const [leaf] = shownBy(request, settings);
  return leaf && thumbprintOf(leaf);
}

/** What a request shows, unread: the client's own certificate first. */
function shownBy(request: Request, settings: Settings): readonly Uint8Array[] {
  const certificates = peerOf(request)?.certificates;
  const { clientCertificateHeader: header } = settings;
  if (certificates || header === "none" || !isFromTrustedProxy(request, settings)) {
    return certificates ?? [];
  }
  return certificatesIn(request.headers, header);
}

/** The CAs of TLS_CLIENT_CAS, as they are now. Throws `TypeError` for what config would refuse. */
export function trustedCas({ tlsClientCas }: Settings): readonly Certificate[] {
  const text = tlsClientCas();
  const known = cas.get(tlsClientCas);
  if (known?.text === text) return known.certificates;
  const certificates = parsePemCertificates(text);
  cas.set(tlsClientCas, { text, certificates });
  return certificates;
}

/** What each server trusts, worked out once for each text. */
const cas = new WeakMap<() => string, { text: string; certificates: readonly Certificate[] }>();

function certificatesIn(
  headers: Headers,
  name: Exclude<CertificateHeader, "none">,
): readonly Uint8Array[] {
  const value = headers.get(name) ?? "";
  if (value === "" || value.length > HEADER_LENGTH_MAX) return [];
  const own = READERS[name](value);
  if (!own) return [];
  const chain = name === "client-cert" ? (headers.get("client-cert-chain") ?? "") : "";
  return [own, ...(byteSequences(chain) ?? [])];
}

/** What each header's value is; a second value or any other character makes it none. */
const READERS: Readonly<
  Record<Exclude<CertificateHeader, "none">, (value: string) => Uint8Array | undefined>
> = {
  "client-cert": (value) => {
    const sequences = byteSequences(value) ?? [];
    return sequences.length === 1 ? sequences[0] : undefined;
  },
  "x-arr-clientcert": decodeBase64,
  "x-ssl-client-cert": (value) => {
    try {
      const text = decodeURIComponent(value).trim();
      const [certificate, ...more] = ALONE.test(text) ? pemContents(text) : [];
      return more.length === 0 ? certificate : undefined;
    } catch {
      return undefined;
    }
  },
};

/** A text that begins and ends with a certificate. */
const ALONE = /^-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----$/;

/** A list of byte sequences (RFC 8941 §3.1, §3.3.5); undefined for anything else. */
function byteSequences(value: string): readonly Uint8Array[] | undefined {
  if (value.length > HEADER_LENGTH_MAX) return undefined;
  const items = value.split(",").map((item) => /^[ \t]*:([A-Za-z0-9+/=]*):[ \t]*$/.exec(item)?.[1]);
  const bytes = items.map((item) => (item === undefined ? undefined : decodeBase64(item)));
  const all = bytes.filter((one) => one !== undefined);
  return all.length === bytes.length ? all : undefined;
}

function decodeBase64(text: string): Uint8Array | undefined {
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0;
  return isBase64 ? Buffer.from(text, "base64") : undefined;
}
