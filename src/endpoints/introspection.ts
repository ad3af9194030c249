import { Type } from "@sinclair/typebox";
import { Elysia, t } from "elysia";
import { addresseeOf, authenticateClient, nameClient } from "../http/authenticate_client.ts";
import type { Context } from "../http/context.ts";
import { formOperation } from "../http/form_docs.ts";
import { readForm } from "../http/read_form.ts";
import { noStore } from "../http/responses.ts";
import { releasedClaims } from "../protocol/claims.ts";
import { answering, OAuthError } from "../protocol/oauth_error.ts";
import { splitScope } from "../protocol/scope.ts";
import {
  type AccessTokenClaims,
  TOKEN_LENGTH_MAX,
  TOKEN_TYPES,
  tokenTypeOf,
} from "../protocol/token_claims.ts";
import { parserOf } from "../registry.ts";
import {
  isAccessTokenLive,
  isRefreshTokenLive,
  recognizeToken,
} from "../services/recognize_token.ts";
import {
  introspectPermissions,
  isRequestingPartyToken,
} from "../services/requesting_party_token.ts";
import type { Services } from "../services/services.ts";
import type { Client } from "../store/clients.ts";
import type { RefreshTokenOfAuthorization } from "../store/tokens.ts";

/** Parameters of introspection (RFC 7662 §2.1). */
export const IntrospectionParameters = t.Object({
  token: t.String({
    maxLength: TOKEN_LENGTH_MAX,
    description: "The token to ask about",
    examples: ["tsa_CkhwVqcA"],
  }),
  token_type_hint: t.Optional(
    t.String({ maxLength: 255, description: "Taken and not needed", examples: ["access_token"] }),
  ),
});

/**
 * What introspection answers (RFC 7662 §2.2). Of a token that is not live, `active` alone. Elysia's
 * own `t.Integer` would document text as well, which it reads from queries.
 */
export const IntrospectionResponse = t.Object({
  active: t.Boolean(),
  scope: t.Optional(t.String()),
  client_id: t.Optional(t.String()),
  username: t.Optional(t.String()),
  token_type: t.Optional(t.String({ enum: [...TOKEN_TYPES, "refresh_token"] })),
  exp: t.Optional(Type.Integer()),
  iat: t.Optional(Type.Integer()),
  sub: t.Optional(t.String()),
  aud: t.Optional(
    t.Unsafe<string | string[]>({
      oneOf: [{ type: "string" }, { type: "array", items: { type: "string" } }],
    }),
  ),
  iss: t.Optional(t.String()),
  jti: t.Optional(t.String()),
  authorization_id: t.Optional(t.String()),
  auth_time: t.Optional(Type.Integer()),
  amr: t.Optional(t.Array(t.String())),
  acr: t.Optional(t.String()),
  cnf: t.Optional(t.Object({}, { additionalProperties: true })),
  permissions: t.Optional(
    t.Array(
      t.Object({
        resource_id: t.String(),
        resource_scopes: t.Array(t.String()),
        exp: Type.Integer(),
        iat: Type.Integer(),
      }),
      { description: "Of requesting party tokens (UMA 2.0 Federated Authorization §5.1.1)" },
    ),
  ),
  ticket: t.Optional(
    t.Array(t.Object({ resource_id: t.String(), scopes: t.String() }), {
      description: "The same, with scopes separated by spaces",
    }),
  ),
});

const EXAMPLE = {
  active: true,
  token_type: "Bearer",
  iss: "https://id.example",
  sub: "my-client",
  aud: "https://id.example",
  client_id: "my-client",
  scope: "api1",
  iat: 1_800_000_000,
  exp: 1_800_003_600,
  jti: "019bc1a2-7c00-7000-8000-000000000000",
};

/** `POST /introspect` (RFC 7662). */
export function introspectionEndpoint(context: Context) {
  return new Elysia({ name: "introspection" }).post(
    "/introspect",
    ({ request }) => introspection(request, context),
    {
      parse: "none",
      detail: formOperation(context, {
        operationId: "introspectToken",
        summary: "Ask whether a token is live",
        description:
          "For the client that owns the token, a resource server in its audience, or a client allowed to introspect any. Everybody else sees an inactive token. username is told with the scope profile, and to resource servers unless the token's client has pairwise subjects.",
        parameters: IntrospectionParameters,
        confidential: true,
        responses: {
          200: {
            description: "The state of the token",
            schema: IntrospectionResponse,
            examples: { live: EXAMPLE, other: { active: false } },
          },
        },
        errors: ["token_missing", "caller_public", "too_many_requests"],
      }),
    },
  );
}

const parse = parserOf(IntrospectionParameters);
const ownParameters = Object.keys(IntrospectionParameters.properties);

async function introspection(request: Request, { registry, services }: Context): Promise<Response> {
  const form = await readForm(
    request,
    new Set([...ownParameters, ...registry.clientAuthParameters]),
  );
  const named = await nameClient(request, form, { registry, services });
  return answering(addresseeOf(named), async () => {
    const { token } = parse(form);
    const { client } = await authenticateClient(named, { registry, services });
    if (client.authMethod === "none")
      throw new OAuthError("caller_public", { values: [client.id] });
    return noStore((await describe(token, client, services)) ?? { active: false });
  });
}

/** What the caller may know of a live token; undefined for every other token and caller. */
async function describe(token: string, caller: Client, services: Services) {
  const recognized = await recognizeToken(token, services);
  if (recognized?.kind === "access") return describeAccess(recognized.claims, caller, services);
  if (recognized?.kind === "refresh") return describeRefresh(recognized.refresh, caller, services);
  return undefined;
}

async function describeAccess(claims: AccessTokenClaims, caller: Client, services: Services) {
  if (!mayIntrospect(caller, claims.client_id, [claims.aud].flat())) {
    return countForeign(caller, services);
  }
  if (!(await isAccessTokenLive(claims, services))) return undefined;
  const told = isRequestingPartyToken(claims)
    ? await introspectPermissions(claims, caller, services)
    : claims;
  if (!told) return undefined;
  const username = await usernameOf(claims, caller, services);
  return { active: true, token_type: tokenTypeOf(claims.cnf), ...username, ...told };
}

/**
 * Counts a question about a token that this server issued and that is none of the caller's business,
 * live or not: whoever asks many of them scans (RFC 7662 §4). Tokens that have ended at their own
 * party are everyday's, and forged ones tell nobody anything. Past the minute's number the 429 says
 * that the token is a real one, which who holds a real token knows. Throws `too_many_requests`.
 */
async function countForeign({ id }: Client, { budgets }: Services): Promise<undefined> {
  await budgets.spend({ kind: "foreign_tokens", name: id });
}

async function describeRefresh(
  refresh: RefreshTokenOfAuthorization,
  caller: Client,
  services: Services,
) {
  const { token, authorization } = refresh;
  if (!mayIntrospect(caller, authorization.clientId, [])) return countForeign(caller, services);
  // A spent refresh token is history: only its head is active.
  if (token.consumedAt !== null || !(await isRefreshTokenLive(refresh, services))) return undefined;
  return {
    active: true,
    token_type: "refresh_token",
    scope: authorization.scope.join(" "),
    client_id: authorization.clientId,
    sub: authorization.subject,
    iss: services.issuer,
    iat: token.issuedAt,
    exp: token.expiresAt,
    authorization_id: authorization.id,
    ...(token.confirmation && { cnf: token.confirmation }),
  };
}

function mayIntrospect(caller: Client, owner: string, audience: readonly string[]): boolean {
  return caller.id === owner || servesIt(caller, audience);
}

/** Whether the caller is meant to judge the token of others: its audience, or allowed any. */
function servesIt(caller: Client, audience: readonly string[]): boolean {
  const names = [caller.id, ...caller.resources];
  return caller.introspectAny || audience.some((aud) => names.includes(aud));
}

/**
 * The name that the user signs in by, which is the same at every client: with it, pairwise subjects
 * could be compared all the same. It is told
 *
 * - to everybody who may introspect the token, where the token's client is told it as
 *   `preferred_username` at userinfo: the user granted `profile`, the client is registered for it,
 *   and the operator has the user go by no other name;
 * - to resource servers and clients that may introspect any, which an administrator registered,
 *   unless the token's client has pairwise subjects.
 *
 * The user is found by the authorization, since `sub` may be a client's id that looks like a user's.
 */
async function usernameOf(claims: AccessTokenClaims, caller: Client, { store }: Services) {
  const { authorization_id: id, client_id: owner, scope, aud } = claims;
  const authorization = id === undefined ? undefined : await store.findAuthorization(id);
  const userId = authorization?.userId ?? undefined;
  const [client, user] = await Promise.all([
    store.findClient(owner),
    userId === undefined ? undefined : store.findUser(userId),
  ]);
  if (!client || !user) return undefined;
  const facts = { scope: splitScope(scope), allowed: client.scopes, requested: undefined };
  const released = releasedClaims(user, facts)["preferred_username"] === user.username;
  const appointed = caller.origin !== "dynamic" && servesIt(caller, [aud].flat());
  return released || (appointed && client.subjectType === "public")
    ? { username: user.username }
    : undefined;
}
