import { createHash } from "node:crypto";
import { type Static, Type as t } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import {
  calculateJwkThumbprint,
  compactVerify,
  decodeProtectedHeader,
  EmbeddedJWK,
  type JWK,
  type JWSHeaderParameters,
} from "jose";
import { type ClientJwk, isPrivate, jwkFault } from "../protocol/client_jwks.ts";
import {
  DPOP_ALGORITHMS,
  DPOP_JTI_BYTES_MAX,
  DPOP_PROOF_LENGTH_MAX,
  DPOP_TYPE,
  namesTarget,
} from "../protocol/dpop.ts";
import { isFreshNonce } from "./dpop_nonce.ts";
import { hashSecret } from "./ids.ts";
import type { Services } from "./services.ts";

/** How far the clock of who signs may run ahead of ours, in seconds (attack 86). */
const SKEW_SECONDS = 10;

/** What the request that carries a proof is. */
export interface ProvenRequest {
  readonly method: string;
  /** Its address, by the issuer; never by the request's own `Host`. */
  readonly target: string;
  /** Its other address, on the host that asks for certificates (RFC 8705 §5). */
  readonly alias?: string | undefined;
  /** The access token that it carries; absent where it asks for one. */
  readonly accessToken?: string | undefined;
  /** Whether the proof must carry our nonce, which then stands for its time (RFC 9449 §8). */
  readonly needsNonce: boolean;
}

/** Why a proof proves nothing; its reason is for the audit log and never holds what was sent. */
export class DpopFault extends Error {
  override readonly name = "DpopFault";
  /** Whether the same proof with our nonce might pass. */
  readonly needsNonce: boolean;

  constructor(reason: string, needsNonce = false) {
    super(reason);
    this.needsNonce = needsNonce;
  }
}

/**
 * The thumbprint of the key that a DPoP proof proves (RFC 9449 §4.3, RFC 7638). The proof is spent
 * by it: last, when all else is right, and for all instances. Throws {@linkcode DpopFault}.
 */
export async function checkDpopProof(
  proof: string,
  request: ProvenRequest,
  services: Services,
): Promise<string> {
  const { claims, thumbprint } = await readProof(proof);
  if (claims.htm !== request.method) throw new DpopFault("htm is another method");
  const addresses = [request.target, request.alias ?? request.target];
  if (!addresses.some((address) => namesTarget(claims.htu, address)))
    throw new DpopFault("htu is another address");
  checkTime(claims, request, services);
  checkToken(claims, request);
  await spend({ claims, thumbprint, needsNonce: request.needsNonce }, services);
  return thumbprint;
}

const Claims = t.Object({
  jti: t.String({ minLength: 1, maxLength: DPOP_JTI_BYTES_MAX }),
  htm: t.String({ maxLength: 32 }),
  htu: t.String({ maxLength: 4096 }),
  iat: t.Number({ minimum: 0 }),
  ath: t.Optional(t.String({ maxLength: 64 })),
  nonce: t.Optional(t.String({ maxLength: 1024 })),
});

type ProofClaims = Static<typeof Claims>;

const claimsShape = TypeCompiler.Compile(Claims);

/** The claims of a proof that is signed by the key it carries, and that key's thumbprint. */
async function readProof(proof: string) {
  if (proof.length > DPOP_PROOF_LENGTH_MAX) throw new DpopFault("too long");
  // Two headers arrive as one, joined by a comma.
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(proof)) throw new DpopFault("not one JWS");
  try {
    const header = decodeProtectedHeader(proof);
    if (header.typ !== DPOP_TYPE) throw new DpopFault("typ is not dpop+jwt");
    if (header.crit !== undefined) throw new DpopFault("crit is not understood");
    const jwk = keyIn(header);
    const { payload } = await compactVerify(proof, EmbeddedJWK, {
      algorithms: [...DPOP_ALGORITHMS],
    });
    const claims: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    if (!claimsShape.Check(claims)) throw new DpopFault("claims are missing or malformed");
    if (Buffer.byteLength(claims.jti) > DPOP_JTI_BYTES_MAX) throw new DpopFault("jti is too long");
    return { claims, thumbprint: await calculateJwkThumbprint(jwk, "sha256") };
  } catch (error) {
    throw error instanceof DpopFault ? error : new DpopFault("signature or key is not valid");
  }
}

/** The public key of a proof. It has one thumbprint: no padding, and no zeros before it, make another. */
function keyIn({ jwk }: JWSHeaderParameters): JWK {
  if (typeof jwk !== "object" || jwk === null) throw new DpopFault("jwk is missing");
  const key: ClientJwk = { ...jwk };
  if (isPrivate(key)) throw new DpopFault("jwk is no public key");
  if (jwkFault(key) !== undefined) throw new DpopFault("signature or key is not valid");
  return jwk;
}

/** A fresh nonce of ours says when the proof was made; without one, its own word is taken. */
function checkTime(
  { iat, nonce }: ProofClaims,
  { needsNonce }: ProvenRequest,
  services: Services,
): void {
  if (needsNonce) {
    if (nonce === undefined) throw new DpopFault("nonce is missing", true);
    if (!isFreshNonce(nonce, services)) throw new DpopFault("nonce is not fresh", true);
    return;
  }
  const age = services.now() - iat;
  if (age < -SKEW_SECONDS) throw new DpopFault("iat is in the future");
  if (age > services.settings.dpopProofLifetimeSeconds) throw new DpopFault("iat is too old");
}

/** Beside an access token the proof says which (RFC 9449 §7). */
function checkToken({ ath }: ProofClaims, { accessToken }: ProvenRequest): void {
  if (accessToken === undefined) return;
  const hash = createHash("sha256").update(accessToken).digest("base64url");
  if (ath !== hash) throw new DpopFault("ath is not of this access token");
}

/** Marks the proof as used for as long as it would otherwise pass; one conditional insert decides. */
async function spend(
  {
    claims,
    thumbprint,
    needsNonce,
  }: { claims: ProofClaims; thumbprint: string; needsNonce: boolean },
  { store, settings, now }: Services,
): Promise<void> {
  const passesUntil = needsNonce
    ? now() + 2 * settings.dpopNonceSeconds
    : Math.ceil(claims.iat) + settings.dpopProofLifetimeSeconds;
  const id = `dpop_proof:${thumbprint}:${hashSecret(claims.jti)}`;
  const won = await store.insertRecord({ id, value: {}, expiresAt: passesUntil + SKEW_SECONDS });
  if (!won) throw new DpopFault("jti was used before");
}
