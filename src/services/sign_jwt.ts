import { compactVerify, decodeProtectedHeader, SignJWT } from "jose";
import { TOKEN_LENGTH_MAX } from "../protocol/token_claims.ts";
import type { SigningAlgorithm } from "./key_ring.ts";
import type { Services } from "./services.ts";

/** Values of `typ` that keep our kinds of JWTs apart (RFC 8725 §3.11). */
export type JwtType = "JWT" | "logout+jwt";

/** Signs claims with the current key of the algorithm; members that are undefined are left out. */
export async function signJwt(
  claims: Readonly<Record<string, unknown>>,
  { algorithm, type }: { algorithm: SigningAlgorithm; type: JwtType },
  { keys }: Pick<Services, "keys">,
): Promise<string> {
  const { kid, privateKey } = await keys.current(algorithm);
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: algorithm, typ: type, kid })
    .sign(privateKey);
}

/**
 * The claims of a JWT of that type which this server signed, expired or not; undefined for all
 * else. The key is found by `kid` among our own, so that no header can bring one (RFC 8725 §3.1).
 */
export async function readOwnJwt(
  text: string,
  type: JwtType,
  { keys, issuer }: Pick<Services, "keys" | "issuer">,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (text.length > TOKEN_LENGTH_MAX) return undefined;
  try {
    const { typ, kid = "" } = decodeProtectedHeader(text);
    const known = typ === type ? await keys.findPublic(kid) : undefined;
    if (!known) return undefined;
    const { payload } = await compactVerify(text, known.key, { algorithms: [known.algorithm] });
    const claims: unknown = JSON.parse(new TextDecoder().decode(payload));
    return isObject(claims) && claims["iss"] === issuer ? claims : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
