/** Settings of mutual TLS (RFC 8705): rows as those of `text_settings.ts`, of which they are part. */
export const TLS_SETTINGS = {
  tlsPort: {
    variable: "TLS_PORT",
    default: "none",
    meaning: "Port of a TLS listener of our own, which asks clients for a certificate",
  },
  tlsCertFile: {
    variable: "TLS_CERT_FILE",
    default: "none",
    meaning: "PEM file of the listener's certificate and its chain",
  },
  tlsKeyFile: {
    variable: "TLS_KEY_FILE",
    default: "none",
    meaning: "PEM file of the listener's key, without a password",
  },
  mtlsUrl: {
    variable: "MTLS_URL",
    default: "none",
    meaning: "Base URL that asks for certificates, for `mtls_endpoint_aliases` in discovery",
  },
  tlsClientCas: {
    variable: "TLS_CLIENT_CAS",
    default: "none",
    meaning: "PEM file of the CAs that tls_client_auth trusts; none trusts nobody",
  },
  clientCertificateHeader: {
    variable: "CLIENT_CERTIFICATE_HEADER",
    default: "none",
    meaning: "Header of certificates from TRUSTED_PROXIES, such as `client-cert`",
  },
} as const;

/** Headers in which a proxy may hand on the client's certificate; `none` believes no header. */
export const CERTIFICATE_HEADERS = [
  "none",
  "client-cert",
  "x-arr-clientcert",
  "x-ssl-client-cert",
] as const;

/** Name of such a header, lower case. */
export type CertificateHeader = (typeof CERTIFICATE_HEADERS)[number];

/** What mutual TLS needs to know when a request is there. */
export interface TlsSettings {
  /** The one header that is believed, from trusted proxies. */
  readonly clientCertificateHeader: CertificateHeader;
  /** Gives the certificates of the CAs that tls_client_auth trusts at present, as one PEM text. */
  readonly tlsClientCas: () => string;
  /** Base URL of the endpoints that ask for certificates, without a slash at its end. */
  readonly mtlsUrl: string | undefined;
}

/** Nobody is trusted, and no header believed. */
export const DEFAULT_TLS_SETTINGS: TlsSettings = {
  clientCertificateHeader: "none",
  tlsClientCas: () => "",
  mtlsUrl: undefined,
};
