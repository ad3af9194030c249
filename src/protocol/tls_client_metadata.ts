import { isIP } from "node:net";
import type { Certificate } from "./certificate.ts";
import { isSameName, parseDistinguishedName } from "./distinguished_name.ts";

/** The members that name the subject of a client's certificate (RFC 8705 §2.1.2). */
interface SubjectMembers {
  readonly tls_client_auth_subject_dn?: string | undefined;
  readonly tls_client_auth_san_dns?: string | undefined;
  readonly tls_client_auth_san_uri?: string | undefined;
  readonly tls_client_auth_san_ip?: string | undefined;
  readonly tls_client_auth_san_email?: string | undefined;
}

/** How one member is judged: what is no value of its kind, and which certificates have it. */
interface Subject {
  readonly fault: (value: string) => string | undefined;
  readonly isOf: (value: string, certificate: Certificate) => boolean;
}

const SUBJECTS: { readonly [K in keyof SubjectMembers]-?: Subject } = {
  tls_client_auth_subject_dn: {
    fault: (value) =>
      parseDistinguishedName(value) ? undefined : "is no distinguished name by RFC 4514",
    isOf: (value, { subject }) => {
      const name = parseDistinguishedName(value);
      return name !== undefined && isSameName(name, subject);
    },
  },
  tls_client_auth_san_dns: {
    fault: (value) => (DNS_NAME.test(value) ? undefined : "is no DNS name"),
    isOf: (value, { names }) => names.dns.some((name) => lower(name) === lower(value)),
  },
  tls_client_auth_san_uri: {
    fault: (value) => (/^[A-Za-z][A-Za-z0-9+.-]*:./.test(value) ? undefined : "is no absolute URI"),
    isOf: (value, { names }) => names.uri.includes(value),
  },
  tls_client_auth_san_ip: {
    fault: (value) => (isIP(value) === 0 ? "is no IP address" : undefined),
    isOf: (value, { names }) => names.ip.some((ip) => canonicalIp(ip) === canonicalIp(value)),
  },
  tls_client_auth_san_email: {
    fault: (value) => (/^[^@\s]+@[^@\s]+$/.test(value) ? undefined : "is no e-mail address"),
    isOf: (value, { names }) => names.email.some((email) => mailbox(email) === mailbox(value)),
  },
};

const DNS_NAME = /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?$/;

const NAMES = Object.keys(SUBJECTS) as (keyof SubjectMembers)[];

/** A member and what is wrong with it, in words that continue its name. */
interface Fault {
  readonly field: keyof SubjectMembers | "token_endpoint_auth_method" | "jwks";
  readonly fault: string;
}

/** What no schema can say about the members of RFC 8705 §2; empty when all is well. */
export function tlsMetadataFaults(
  metadata: SubjectMembers & {
    readonly jwks?: object | undefined;
    readonly jwks_uri?: string | undefined;
  },
  authMethod: string,
): readonly Fault[] {
  const given = NAMES.filter((name) => metadata[name] !== undefined);
  const hasKeys = metadata.jwks !== undefined || metadata.jwks_uri !== undefined;
  if (authMethod === "self_signed_tls_client_auth" && !hasKeys) {
    const fault = "or jwks_uri is needed for self_signed_tls_client_auth (RFC 8705 §2.2.2)";
    return [{ field: "jwks", fault }];
  }
  if (authMethod === "tls_client_auth" && given.length !== 1) {
    const fault = `tls_client_auth needs exactly one of ${NAMES.join(", ")} (RFC 8705 §2.1.2)`;
    return [{ field: "token_endpoint_auth_method", fault }];
  }
  return given.flatMap((field) => {
    const fault = SUBJECTS[field].fault(metadata[field] ?? "");
    return fault === undefined ? [] : [{ field, fault }];
  });
}

/**
 * Why a certificate is not the one that the client registered, for the operator; undefined where it
 * is. A client with several subjects, or none, is nobody's.
 */
export function subjectFault(
  metadata: SubjectMembers,
  certificate: Certificate,
): string | undefined {
  const [name, ...more] = NAMES.filter((member) => metadata[member] !== undefined);
  if (name === undefined) return "the client registered no subject of its certificate";
  if (more.length > 0) return "the client registered several subjects of its certificate";
  const matches = SUBJECTS[name].isOf(metadata[name] ?? "", certificate);
  return matches
    ? undefined
    : `the certificate has another ${name.slice("tls_client_auth_".length)}`;
}

const lower = (text: string) => text.toLowerCase();

/** The host of a mailbox does not depend on case, its name does (RFC 5280 §4.2.1.6). */
function mailbox(address: string): string {
  const at = address.lastIndexOf("@");
  return address.slice(0, at) + lower(address.slice(at));
}

/** One way of writing each address (RFC 5952). */
function canonicalIp(ip: string): string {
  const version = isIP(ip);
  return version === 6 ? new URL(`http://[${ip}]`).hostname : ip;
}
