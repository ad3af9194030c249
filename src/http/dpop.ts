import { currentNonce, needsNonce } from "../services/dpop_nonce.ts";
import { checkDpopProof } from "../services/dpop_proof.ts";
import type { Services } from "../services/services.ts";
import type { Client } from "../store/clients.ts";

/** Requests whose answer carries a nonce, noted while they are answered. */
const noncesFor = new WeakSet<Request>();

/** Methods of requests that the router knows under another one: HEAD is answered as GET. */
const methods = new WeakMap<Request, string>();

/** Notes the method that a request was sent with, which is the one that its proof names. */
export function rememberMethod(request: Request, method: string): void {
  if (request.method !== method) methods.set(request, method);
}

/** Notes that the answer to this request hands out a nonce, where the client's proofs need one. */
export function offerNonce(
  request: Request,
  { client, services }: { client: Client | undefined; services: Services },
): void {
  if (needsNonce(client, services)) noncesFor.add(request);
}

/** The response with the nonce that the next proof needs (RFC 9449 §8.2), refusals included. */
export function withNonce(request: Request, response: Response, services: Services): Response {
  if (noncesFor.has(request)) response.headers.set("DPoP-Nonce", currentNonce(services));
  return response;
}

/**
 * The thumbprint of the key that the request's `DPoP` header proves; undefined without the header.
 * Throws {@linkcode DpopFault}.
 */
export async function dpopThumbprint(
  request: Request,
  {
    client,
    accessToken,
    services,
  }: { client: Client | undefined; accessToken?: string | undefined; services: Services },
): Promise<string | undefined> {
  offerNonce(request, { client, services });
  const proof = request.headers.get("dpop");
  if (proof === null) return undefined;
  // The routed path, under the public address: `Host` is the caller's to choose.
  const { pathname } = new URL(request.url);
  const { mtlsUrl } = services.settings;
  const addressed = {
    method: methods.get(request) ?? request.method,
    target: services.issuer + pathname,
    alias: mtlsUrl === undefined ? undefined : mtlsUrl + pathname,
  };
  const nonce = { needsNonce: needsNonce(client, services) };
  return checkDpopProof(proof, { ...addressed, accessToken, ...nonce }, services);
}
