/** The single page application of `browser_oidc_client.test.ts`, bundled for the browser. */
import { createRemoteJWKSet, jwtVerify } from "jose";
import { type User, UserManager, type UserManagerSettings } from "oidc-client-ts";

/** A user as the test gets to see him, and his ID token as verified in the page. */
export interface Seen {
  readonly profile: Readonly<Record<string, unknown>>;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly idToken: string;
  readonly algorithm: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly scope: string | undefined;
}

/** What became of a request from the page. */
export interface Fetched {
  readonly status?: number;
  readonly body?: unknown;
  /** Name of what `fetch` threw: `TypeError` where CORS forbids to read. */
  readonly blocked?: string;
}

async function seen({ authority, client_id }: UserManagerSettings, user: User | null) {
  if (!user?.id_token) throw new Error("Nobody came back");
  const metadata = await fetch(`${authority}/.well-known/openid-configuration`);
  const { jwks_uri: keys } = (await metadata.json()) as { jwks_uri: string };
  const rules = { issuer: authority, audience: client_id };
  const { payload, protectedHeader } = await jwtVerify(
    user.id_token,
    createRemoteJWKSet(new URL(keys)),
    rules,
  );
  return {
    profile: user.profile,
    accessToken: user.access_token,
    refreshToken: user.refresh_token,
    idToken: user.id_token,
    algorithm: protectedHeader.alg,
    claims: payload,
    scope: user.scope,
  } satisfies Seen;
}

async function fetched(url: string, options: RequestInit): Promise<Fetched> {
  try {
    const response = await fetch(url, options);
    return { status: response.status, body: await response.json() };
  } catch (error) {
    return { blocked: error instanceof Error ? error.name : "unknown" };
  }
}

const app = {
  signIn: (settings: UserManagerSettings) => new UserManager(settings).signinRedirect(),

  async comeBack(settings: UserManagerSettings) {
    return seen(settings, await new UserManager(settings).signinRedirectCallback());
  },

  async renew(settings: UserManagerSettings) {
    return seen(settings, await new UserManager(settings).signinSilent());
  },

  signOut: (settings: UserManagerSettings) =>
    new UserManager(settings).signoutRedirect({ state: { from: "the application" } }),

  async signedOut(settings: UserManagerSettings) {
    const { userState } = await new UserManager(settings).signoutRedirectCallback();
    return userState;
  },

  redeem: (tokenEndpoint: string, form: Record<string, string>) =>
    fetched(tokenEndpoint, { method: "POST", body: new URLSearchParams(form) }),

  userinfo: (endpoint: string, accessToken: string) =>
    fetched(endpoint, { headers: { Authorization: `Bearer ${accessToken}` } }),
};

Object.assign(globalThis, { app });
