import type { Settings } from "../protocol/settings.ts";

/**
 * SHA-256 of the client certificate that came with a request, in base64url (RFC 8705 §3.1).
 * Undefined without one: this server ends no mutual TLS and takes no certificate from a proxy.
 */
export function certificateThumbprint(_request: Request, _settings: Settings): string | undefined {
  return undefined;
}
