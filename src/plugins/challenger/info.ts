import { Elysia } from "elysia";
import { bearerRefusal } from "../../http/bearer.ts";
import { noStore } from "../../http/responses.ts";
import { senderFault } from "../../http/sender_constraint.ts";
import { answering, OAuthError, type Services } from "../../plugin.ts";
import { talerTimestamp } from "../../protocol/taler.ts";
import { type AccessTokenClaims, tokenTypeOf } from "../../protocol/token_claims.ts";
import { isAccessTokenLive, recognizeToken } from "../../services/recognize_token.ts";
import type { Challenge } from "../../store/challenges.ts";
import { infoDocs } from "./docs.ts";

/** `GET /info`: the address that an access token stands for. */
export function infoEndpoint(prefix: string, services: Services) {
  return new Elysia().get(
    `${prefix}/info`,
    ({ request }) =>
      answering({ dialect: "challenger", clientId: undefined }, () => info(request, services)),
    { detail: infoDocs(services.issuer) },
  );
}

async function info(request: Request, services: Services): Promise<Response> {
  const { number, address, addressType, solvedAt } = await findValidated(request, services);
  const expires = talerTimestamp((solvedAt ?? 0) + services.settings.addressLifetimeSeconds);
  return noStore({
    id: number,
    address,
    address_type: addressType,
    expires,
    // What the exchange's converter reads (challenger.md B.6).
    address_expiration: expires,
  });
}

/** The solved process behind the token. Throws the three rows of `/info`, and those of a bound token. */
async function findValidated(request: Request, services: Services): Promise<Challenge> {
  const header = request.headers.get("authorization");
  const [, scheme = "", token] = /^(Bearer|DPoP) +(\S+) *$/i.exec(header ?? "") ?? [];
  if (token === undefined) {
    throw new OAuthError(header === null ? "info_token_missing" : "info_token_malformed");
  }
  const recognized = await recognizeToken(token, services);
  if (recognized?.kind === "swept") throw new OAuthError("info_token_unknown");
  if (recognized?.kind !== "access") throw new OAuthError("info_token_malformed");
  const { claims } = recognized;
  const id = claims.authorization_id;
  const challenge =
    id === undefined ? undefined : await services.store.findChallengeOfAuthorization(id);
  // A resource's token must not open another's doors, ours included (RFC 9068 §4).
  const isOurs = [claims.aud].flat().includes(services.issuer);
  if (!challenge || !isOurs || !(await isAccessTokenLive(claims, services))) {
    throw new OAuthError("info_token_unknown");
  }
  await requireSender(request, { claims, token, scheme }, services);
  return challenge;
}

interface Sent {
  readonly claims: AccessTokenClaims;
  readonly token: string;
  readonly scheme: string;
}

/**
 * A token that is bound to a key is worth nothing to a bearer who proves none. The protocol knows
 * no such tokens, so they are refused as their own specifications have it (RFC 9449 §7, RFC 8705
 * §3): `bearer_incorrect`, `bearer_proof_incorrect`, `bearer_nonce_needed`.
 */
async function requireSender(
  request: Request,
  { claims, token, scheme }: Sent,
  services: Services,
): Promise<void> {
  const type = tokenTypeOf(claims.cnf);
  const isOfType = scheme.toLowerCase() === type.toLowerCase();
  if (!isOfType && type === "Bearer") throw new OAuthError("info_token_malformed");
  if (!isOfType) {
    throw bearerRefusal("bearer_incorrect", { scheme: type, cause: `sent as ${scheme}` }, services);
  }
  const client = await services.store.findClient(claims.client_id);
  const fault = await senderFault(request, claims.cnf ?? {}, {
    client,
    accessToken: token,
    services,
  });
  if (fault) throw bearerRefusal(fault.code, { scheme: type, cause: fault.cause }, services);
}
