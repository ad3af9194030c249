import { createHash } from "node:crypto";
import { releasedClaims } from "../protocol/claims.ts";
import type { Authorization } from "../store/authorizations.ts";
import type { Client } from "../store/clients.ts";
import type { User } from "../store/users.ts";
import type { SigningAlgorithm } from "./key_ring.ts";
import type { Services } from "./services.ts";
import { readOwnJwt, signJwt } from "./sign_jwt.ts";
import { sessionIdFor } from "./subjects.ts";

/** What an ID token is made of. */
export interface IdTokenParts {
  readonly client: Client;
  readonly authorization: Authorization;
  /** The access token that it comes with. */
  readonly accessToken: string;
  readonly user: User;
}

/** What an ID token of ours says, as far as we take one back. */
export interface IdTokenHint {
  readonly clientId: string;
  readonly subject: string;
  /** `sid`: the session as this client knows it. */
  readonly sid: string | undefined;
}

/**
 * An ID token by the client's registered algorithm (OpenID Connect Core §2, §3.1.3.6). What the
 * server states comes last, so that no claim of a user takes its place.
 */
export function mintIdToken(
  { client, authorization, accessToken, user }: IdTokenParts,
  services: Services,
): Promise<string> {
  const { claims, authTime, nonce, amr, acr, sessionId, subject } = authorization;
  const iat = services.now();
  const algorithm = client.idTokenAlgorithm;
  const asked = releasedClaims(user, {
    scope: [],
    allowed: client.scopes,
    requested: claims?.id_token,
  });
  const stated = {
    iss: services.issuer,
    sub: subject,
    aud: client.id,
    azp: client.id,
    iat,
    exp: iat + services.settings.idTokenLifetimeSeconds,
    at_hash: accessTokenHash(accessToken, algorithm),
    auth_time: authTime ?? undefined,
    nonce: nonce ?? undefined,
    amr: amr ?? undefined,
    acr: acr ?? undefined,
    sid: sessionId === null ? undefined : sessionIdFor(client.id, sessionId, services),
  };
  return signJwt({ ...asked, ...stated }, { algorithm, type: "JWT" }, services);
}

/** `at_hash`: the left half of the hash that belongs to the algorithm (OpenID Connect Core §3.1.3.6). */
export function accessTokenHash(accessToken: string, algorithm: SigningAlgorithm): string {
  // Ed25519 hashes with SHA-512 inside; the others name SHA-256.
  const hash = createHash(algorithm === "EdDSA" ? "sha512" : "sha256")
    .update(accessToken)
    .digest();
  return hash.subarray(0, hash.length / 2).toString("base64url");
}

/**
 * Reads an ID token of ours that comes back as `id_token_hint`, expired or not; undefined for
 * everything else that we sign, and for what we did not sign (OpenID Connect Core §3.1.2.1).
 */
export async function readIdTokenHint(
  text: string | undefined,
  services: Pick<Services, "keys" | "issuer">,
): Promise<IdTokenHint | undefined> {
  const claims = text === undefined ? undefined : await readOwnJwt(text, "JWT", services);
  // Signed userinfo has the same type and neither an end nor an authorized party.
  if (!claims || typeof claims["exp"] !== "number" || claims["azp"] !== claims["aud"]) {
    return undefined;
  }
  const { aud: clientId, sub: subject, sid } = claims;
  if (typeof clientId !== "string" || typeof subject !== "string") return undefined;
  return { clientId, subject, sid: typeof sid === "string" ? sid : undefined };
}
