import { Elysia } from "elysia";
import { noStore } from "../../http/responses.ts";
import { answering, OAuthError, type Services } from "../../plugin.ts";
import { talerTimestamp } from "../../protocol/taler.ts";
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

/** The solved process behind the token. Throws the three rows of `/info`. */
async function findValidated(request: Request, services: Services): Promise<Challenge> {
  const header = request.headers.get("authorization");
  const token = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
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
  if (!challenge || !(await isAccessTokenLive(claims, services))) {
    throw new OAuthError("info_token_unknown");
  }
  return challenge;
}
