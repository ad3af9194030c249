/** Longest redirect URI that is accepted, in characters. */
export const REDIRECT_URI_LENGTH_MAX = 2048;

const LOOPBACK_HOSTS = new Set(["127.0.0.1", "[::1]"]);

/** Whether the text is an absolute URI without fragment (RFC 3986 §4.3), written in its own characters. */
export function isAbsoluteUri(text: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?[\]@!$&'()*+,;=%]+$/.test(text)) return false;
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return false;
  return URL.canParse(text);
}

/**
 * Whether a requested redirect URI is a registered one: byte for byte (RFC 9700 §2.1), save that a
 * registered loopback address matches with any port (RFC 8252 §7.3).
 */
export function isRegisteredRedirectUri(uri: string, registered: readonly string[]): boolean {
  if (registered.includes(uri)) return true;
  const portless = withoutLoopbackPort(uri);
  return (
    portless !== undefined &&
    registered.some((candidate) => withoutLoopbackPort(candidate) === portless)
  );
}

/** Why a redirect URI may not be registered, or undefined when it may (RFC 6749 §3.1.2, RFC 8252 §8.4). */
export function redirectUriFault(uri: string): string | undefined {
  if (uri.length > REDIRECT_URI_LENGTH_MAX) return "is longer than 2,048 characters";
  if (!isAbsoluteUri(uri)) return "is not an absolute URI without fragment";
  const { protocol, hostname, username, password } = new URL(uri);
  if (["javascript:", "data:", "vbscript:", "blob:", "file:", "about:"].includes(protocol)) {
    return `must not have the scheme ${protocol}`;
  }
  if (username !== "" || password !== "") return "must not hold a user name or password";
  if (isHttp(protocol) && !hostname.startsWith("[") && !isPolicyHost(hostname)) {
    return "must name its host in letters, digits, dots and hyphens";
  }
  return undefined;
}

/**
 * Whether a content security policy can name the host, as a URL writes it (CSP Level 3 §2.3.1); of
 * any other one, such as `my_app`, no form of ours could lead there.
 */
export function isPolicyHost(hostname: string): boolean {
  return /^[a-z0-9.-]+$/.test(hostname);
}

function isHttp(protocol: string): boolean {
  return protocol === "https:" || protocol === "http:";
}

/** Whether the URI sends codes in clear over a network: plain http to a host that is not this machine. */
export function isPlainHttp(uri: string): boolean {
  const { protocol, hostname } = new URL(uri);
  return protocol === "http:" && hostname !== "localhost" && !LOOPBACK_HOSTS.has(hostname);
}

/**
 * The host of an `http` or `https` URI, where it names one party to all the world: a loopback
 * address or `localhost` is everybody's own, and what stands there in other schemes is no host.
 */
export function publicHostOf(uri: string): string | undefined {
  const { protocol, hostname } = new URL(uri);
  if (!isHttp(protocol)) return undefined;
  const host = hostname.replace(/\.$/, "");
  const local = host === "localhost" || host.endsWith(".localhost") || host === "[::1]";
  return local || /^127(\.\d+){3}$/.test(host) ? undefined : hostname;
}

/** The text with its port cut out, when it is an http loopback address; all else is left as written. */
function withoutLoopbackPort(uri: string): string | undefined {
  const match = /^http:\/\/(127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?=[/?]|$)/.exec(uri);
  return match ? `http://${match[1]}${uri.slice(match[0].length)}` : undefined;
}
