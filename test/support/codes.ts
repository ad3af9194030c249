/** Authorization codes for tests: what the authorization endpoint would have written. */
import { newId } from "../../src/services/ids.ts";
import { newAuthorization } from "../../src/services/issue_tokens.ts";
import type { TestServer } from "./server.ts";

/** What a test says about a code; the rest is what an ordinary authorization has. */
export interface TestCode {
  readonly clientId: string;
  /** `sub` of the tokens, and the user when he exists. */
  readonly userId?: string | undefined;
  readonly redirectUri?: string;
  readonly scope?: readonly string[];
  readonly resource?: readonly string[];
  readonly challenge?: string;
  readonly method?: "S256" | "plain";
  /** Thumbprint of the key that the code is bound to. */
  readonly dpopJkt?: string;
  readonly nonce?: string;
  readonly authTime?: number;
  readonly amr?: readonly string[];
}

/** A code as the client got it, and where its rows are. */
export interface IssuedCode {
  readonly code: string;
  readonly key: string;
  readonly authorizationId: string;
}

/** The redirect URI of codes whose test does not care. */
export const REDIRECT_URI = "https://app.example/callback";

/** Verifier and S256 challenge of RFC 7636 Appendix B. */
export const RFC7636 = {
  verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
  challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
} as const;

/** Writes an authorization code for a registered client. */
export async function issueTestCode(
  { services }: Pick<TestServer, "services">,
  wanted: TestCode,
): Promise<IssuedCode> {
  const { store, secret, settings, now } = services;
  const { dpopJkt = null } = wanted;
  const client = await store.findClient(wanted.clientId);
  if (!client) throw new TypeError(`No client ${wanted.clientId}`);
  const authorization = {
    ...newAuthorization(
      client,
      {
        subject: wanted.userId ?? newId(),
        ...(wanted.userId !== undefined && { userId: wanted.userId }),
        scope: wanted.scope ?? ["api1"],
        refresh: true,
        authentication: { authTime: wanted.authTime ?? now(), amr: wanted.amr ?? ["pwd"] },
      },
      { resource: wanted.resource ?? [], services },
    ),
    nonce: wanted.nonce ?? null,
  };
  const { text: code, key } = secret.mintOpaque("code", now());
  await store.insertCode(
    {
      key,
      authorizationId: authorization.id,
      clientId: client.id,
      redirectUri: wanted.redirectUri ?? REDIRECT_URI,
      codeChallenge: wanted.challenge ?? null,
      codeChallengeMethod: wanted.challenge === undefined ? null : (wanted.method ?? "S256"),
      dpopJkt,
      expiresAt: now() + settings.codeLifetimeSeconds,
      consumedAt: null,
    },
    authorization,
  );
  return { code, key, authorizationId: authorization.id };
}
