/** People, browsers and tokens for the tests of OpenID Connect. */
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";
import type { ClaimsRequest } from "../../src/protocol/authorization_types.ts";
import { normalizeIdentifier } from "../../src/protocol/identifier.ts";
import { newId } from "../../src/services/ids.ts";
import { issueCode } from "../../src/services/issue_code.ts";
import { beginSession } from "../../src/services/sessions.ts";
import type { Session } from "../../src/store/sessions.ts";
import type { TestServer } from "./server.ts";

/** Where codes of these tests arrive. */
export const CALLBACK = "https://app.example/callback";

/** A person to add; claims as an operator imports them. */
export interface TestPerson {
  readonly username: string;
  readonly password?: string;
  readonly email?: string;
  readonly phone_number?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Adds a user with claims and returns his id. */
export async function addPerson({ services }: TestServer, person: TestPerson): Promise<string> {
  const id = newId();
  const at = services.now();
  const { username, password, email, phone_number: phoneNumber, claims = {} } = person;
  const row = {
    id,
    username,
    passwordHash: password === undefined ? null : await services.passwords.hash(password),
    phoneNumber: phoneNumber ?? null,
    email: email ?? null,
    claims,
    origin: "admin",
    createdAt: at,
    updatedAt: at,
    notBefore: at - 1,
  } as const;
  const identifiers = [normalizeIdentifier(username)];
  await services.store.writeParties({
    clients: [],
    users: [{ row, identifiers, passwordChanged: false }],
  });
  return id;
}

/** Signs a user in without pages; the cookie is what his browser would send. */
export async function signInAs(
  { services }: TestServer,
  userId: string,
  amr: readonly string[] = ["pwd"],
): Promise<{ readonly session: Session; readonly cookie: string }> {
  const user = await services.store.findUser(userId);
  if (!user) throw new TypeError(`No user ${userId}`);
  const begun = await beginSession({ user, amr, device: "a test" }, services);
  if (!begun) throw new TypeError(`User ${userId} may not sign in`);
  const { session, cookie } = begun;
  return { session, cookie: `tessera_session=${cookie}` };
}

/** What a test says about the tokens it wants. */
export interface WantedTokens {
  readonly clientId: string;
  readonly secret?: string;
  readonly session: Session;
  readonly scope: readonly string[];
  readonly resource?: readonly string[];
  readonly nonce?: string;
  readonly claims?: ClaimsRequest;
}

/** A successful token response. */
export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
  readonly scope: string;
}

/** Redeems a code that was issued in a session, over HTTP. */
export async function tokensOf(server: TestServer, wanted: WantedTokens): Promise<Tokens> {
  const { clientId, secret = "s", session, scope, resource = [], nonce, claims } = wanted;
  const { store } = server.services;
  const [client, user] = await Promise.all([
    store.findClient(clientId),
    store.findUser(session.userId),
  ]);
  if (!client || !user) throw new TypeError("No such client or user");
  const request = {
    redirectUri: CALLBACK,
    scope,
    resource,
    ...(nonce !== undefined && { nonce }),
    ...(claims && { claims }),
  };
  const code = await issueCode({ client, user, session, request }, server.services);
  const response = await server.post(
    "/token",
    { grant_type: "authorization_code", code, redirect_uri: CALLBACK },
    { basic: [clientId, secret] },
  );
  if (response.status !== 200) throw new TypeError(await response.text());
  return bodyOf(response);
}

/** The JSON of an answer, as the test that asked knows it. */
export async function bodyOf<T>(response: Response | Promise<Response>): Promise<T> {
  return (await response).json() as Promise<T>;
}

/** Verifies a JWT by the published keys, as a client does; throws what jose throws. */
export async function verified(
  server: TestServer,
  jwt: string,
  { audience, typ = "JWT" }: { audience: string; typ?: string },
): Promise<{ payload: JWTPayload; alg: string }> {
  const jwks = await bodyOf<JSONWebKeySet>(server.get("/jwks"));
  const { payload, protectedHeader } = await jwtVerify(jwt, createLocalJWKSet(jwks), {
    issuer: server.services.issuer,
    audience,
    typ,
    currentDate: new Date(server.services.now() * 1000),
  });
  return { payload, alg: protectedHeader.alg };
}
