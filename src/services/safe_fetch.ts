import { lookup as resolve } from "node:dns/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { isPrivateLiteral, isPublicAddress } from "../protocol/network.ts";
import type { Services } from "./services.ts";

/** A request of ours to another server. */
export interface OutgoingRequest {
  readonly method: "GET" | "POST";
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Longest answer that is read, in bytes. */
  readonly maxBytes?: number;
}

/** What the other server said. */
export interface OutgoingResponse {
  readonly status: number;
  readonly text: string;
}

/** Longest answer that is read unless the caller says otherwise, in bytes. */
const ANSWER_BYTES_MAX = 65_536;

/**
 * Fetches an address that a client registered, without becoming its tool (RFC 9700 §4; attack 77):
 * https alone, no redirects, one time limit over all, a bounded answer, and no private, loopback or
 * link-local address. The address is checked where the connection takes it from, so that a name
 * that changes between check and use is checked as used. Hosts in OUTGOING_PRIVATE_HOSTS may be
 * private, and may speak plain http. Throws `TypeError` whose message names no more than the rule.
 */
export async function safeFetch(
  url: string,
  outgoing: OutgoingRequest,
  { settings }: Pick<Services, "settings">,
): Promise<OutgoingResponse> {
  const target = new URL(url);
  const excepted = settings.outgoingPrivateHosts.includes(target.hostname);
  if (target.protocol !== "https:" && !(excepted && target.protocol === "http:")) {
    throw new TypeError("The address is not https");
  }
  if (target.username !== "" || target.password !== "") {
    throw new TypeError("The address holds credentials");
  }
  // An address instead of a name never comes to the look-up.
  if (!excepted && isPrivateLiteral(target.hostname)) throw new NotPublic();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const abort = new AbortController();
  const timer = setTimeout(() => {
    reject(new TypeError("The other server took too long"));
    abort.abort();
  }, settings.outgoingTimeoutSeconds * 1000);
  try {
    const answer = send(target, outgoing, { excepted, signal: abort.signal });
    answer.catch(() => {});
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a private, loopback or link-local address is refused by, also where a name turns out to be one. */
class NotPublic extends TypeError {
  constructor() {
    super("The address is not a public one");
  }
}

interface Bounds {
  readonly excepted: boolean;
  readonly signal: AbortSignal;
}

function send(
  target: URL,
  { method, body, headers = {}, maxBytes = ANSWER_BYTES_MAX }: OutgoingRequest,
  { excepted, signal }: Bounds,
): Promise<OutgoingResponse> {
  const { promise, resolve: done, reject } = Promise.withResolvers<OutgoingResponse>();
  const request = target.protocol === "https:" ? httpsRequest : httpRequest;
  const outgoing = request(
    target,
    { method, headers, signal, agent: false, ...(excepted ? {} : { lookup: publicLookup }) },
    (answer) => void read(answer, maxBytes).then(done, reject),
  );
  outgoing.on("error", (error) =>
    reject(
      error instanceof NotPublic ? error : new TypeError("The other server cannot be reached"),
    ),
  );
  outgoing.end(body);
  return promise;
}

async function read(answer: IncomingMessage, maxBytes: number): Promise<OutgoingResponse> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > maxBytes) {
      answer.destroy();
      throw new TypeError("The other server's answer is too long");
    }
    chunks.push(bytes);
  }
  const status = answer.statusCode ?? 0;
  if (status >= 300 && status < 400) throw new TypeError("The other server redirects");
  return { status, text: Buffer.concat(chunks).toString() };
}

/** Resolves a name for the connection itself; one private address among the answers refuses all. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { all: true }).then(
    (addresses) => {
      const [first] = addresses;
      const allPublic = addresses.every(({ address, family }) =>
        isPublicAddress(address, family === 4 ? 4 : 6),
      );
      if (!first || !allPublic) return callback(new NotPublic(), "");
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    },
    (error: Error) => callback(error, ""),
  );
};
