/** Another issuer of ID tokens, on a port of its own. */
import { afterAll } from "bun:test";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { START } from "./server.ts";

/** What a token may have otherwise than a good one. */
export interface TokenChanges {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Signs by a key that the issuer does not publish. */
  readonly stranger?: boolean;
}

/** An issuer whose keys are fetched. */
export interface TokenIssuer {
  readonly issuer: string;
  /** How often its documents were asked for. */
  readonly asked: { count: number };
  /** What it answers instead, while it is not itself. */
  readonly fault: { status: number | undefined };
  /** An ID token for the client `printer` that is good unless it is changed. */
  token(changes?: TokenChanges): Promise<string>;
  /** Replaces its key. */
  rotate(): Promise<void>;
}

/** Starts an issuer until the test file ends. */
export async function tokenIssuer(): Promise<TokenIssuer> {
  const stranger = await generateKeyPair("ES256");
  let key = await makeKey();
  const asked = { count: 0 };
  const fault: TokenIssuer["fault"] = { status: undefined };
  const server: Bun.Server<undefined> = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request): Response {
      asked.count += 1;
      if (fault.status !== undefined) return new Response("{}", { status: fault.status });
      const { pathname } = new URL(request.url);
      if (pathname === "/.well-known/openid-configuration") {
        return Response.json({ issuer, jwks_uri: `${issuer}/keys` });
      }
      return pathname === "/keys"
        ? Response.json({ keys: [key.jwk] })
        : new Response(null, { status: 404 });
    },
  });
  afterAll(() => server.stop(true));
  const issuer: string = `http://127.0.0.1:${server.port}`;
  return {
    issuer,
    asked,
    fault,
    async rotate() {
      key = await makeKey();
    },
    token: ({ claims = {}, header = {}, stranger: byStranger = false } = {}) =>
      new SignJWT({
        iss: issuer,
        sub: "carol",
        aud: "printer",
        iat: START,
        exp: START + 300,
        email: "carol@example.com",
        email_verified: true,
        ...claims,
      })
        .setProtectedHeader({ alg: "ES256", kid: key.jwk.kid ?? "", ...header })
        .sign(byStranger ? stranger.privateKey : key.privateKey, { crit: { unheard: true } }),
  };
}

async function makeKey(): Promise<{ readonly privateKey: CryptoKey; readonly jwk: JWK }> {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const kid = crypto.randomUUID();
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" } };
}
