import { compactVerify, SignJWT } from "jose";
import { type AccessTokenClaims, TOKEN_LENGTH_MAX } from "../protocol/token_claims.ts";
import type { Services } from "./services.ts";

/** One way to write an access token down. */
export interface TokenFormat {
  readonly name: "at+jwt" | "opaque";
  mint(claims: AccessTokenClaims, services: Services): Promise<string>;
}

/** The formats by name. A signature is a record: only opaque tokens get a row (decisions D5). */
export const TOKEN_FORMATS: { readonly [N in TokenFormat["name"]]: TokenFormat } = {
  "at+jwt": {
    name: "at+jwt",
    async mint(claims, { keys }) {
      const { kid, algorithm, privateKey } = await keys.current("ES256");
      const token = await new SignJWT({ ...claims } as Record<string, unknown>)
        .setProtectedHeader({ alg: algorithm, typ: "at+jwt", kid })
        .sign(privateKey);
      // Else it could be neither revoked nor introspected (decisions D5).
      if (token.length > TOKEN_LENGTH_MAX)
        throw new RangeError("The claims make the token too long");
      return token;
    },
  },
  opaque: {
    name: "opaque",
    async mint(claims, { secret, store }) {
      const token = secret.mintOpaque("access", claims.iat);
      await store.insertAccessToken(token.key, claims);
      return token.text;
    },
  },
};

/**
 * The claims of a JWT access token that this server signed, expired or not; undefined for all
 * else. The key is found by `kid` among our own, so that no header can bring one (RFC 8725 §3.1).
 *
 * An ECDSA signature (r, s) has a twin (r, n - s) that anybody can compute and every verifier takes:
 * RFC 7518 §3.4 asks for no particular one, and to refuse it here would refuse half of the tokens
 * that are out already, and change nothing at resource servers. The twin says what its token says, so
 * that it is no forgery; nothing here is kept by a token's text, and revoking the `jti` ends both.
 */
export async function readSignedToken(
  text: string,
  { keys, issuer }: Services,
): Promise<AccessTokenClaims | undefined> {
  const header = readHeader(text);
  if (header?.typ !== "at+jwt" || typeof header.kid !== "string") return undefined;
  const known = await keys.findPublic(header.kid);
  if (!known) return undefined;
  try {
    const { payload } = await compactVerify(text, known.key, { algorithms: [known.algorithm] });
    const claims: AccessTokenClaims = JSON.parse(new TextDecoder().decode(payload));
    return claims.iss === issuer ? claims : undefined;
  } catch {
    return undefined;
  }
}

function readHeader(text: string): { typ?: unknown; kid?: unknown } | undefined {
  const [, encoded, signature] =
    /^([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)$/.exec(text) ?? [];
  if (encoded === undefined || signature === undefined) return undefined;
  // The spare bits at a signature's end decode to nothing; texts that differ in them only are refused.
  if (Buffer.from(signature, "base64url").toString("base64url") !== signature) return undefined;
  try {
    const header: unknown = JSON.parse(Buffer.from(encoded, "base64url").toString());
    return typeof header === "object" && header !== null ? header : undefined;
  } catch {
    return undefined;
  }
}
