import { Type } from "@sinclair/typebox";
import { Elysia, t } from "elysia";
import { addresseeOf, authenticateClient, nameClient } from "../http/authenticate_client.ts";
import type { Context } from "../http/context.ts";
import { readForm } from "../http/read_form.ts";
import { noStore } from "../http/responses.ts";
import { answering, OAuthError } from "../protocol/oauth_error.ts";
import { type AccessTokenClaims, TOKEN_LENGTH_MAX } from "../protocol/token_claims.ts";
import { parserOf } from "../registry.ts";
import {
  isAccessTokenLive,
  isRefreshTokenLive,
  recognizeToken,
} from "../services/recognize_token.ts";
import type { Services } from "../services/services.ts";
import type { Client } from "../store/clients.ts";
import type { RefreshTokenOfAuthorization } from "../store/tokens.ts";
import { formOperation } from "./form_docs.ts";

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
  token_type: t.Optional(t.String({ enum: ["Bearer", "refresh_token"] })),
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
          "For the client that owns the token, a resource server in its audience, or a client allowed to introspect any. Everybody else sees an inactive token.",
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
    const described = await describe(token, client, services);
    return noStore(described ?? (await inactive(client, services)));
  });
}

/**
 * `active: false`, of which a client gets so many a minute (RFC 7662 §4). Live tokens are not
 * counted, and are answered even when the minute's number is used up: else whoever sends junk to a
 * resource server would lock its honest users out. A caller that goes on hears of a 429 what it
 * would have heard of the answer, that the token is of no use to it; guesses are hopeless at any
 * speed, since a token carries 256 random bits and a tag.
 */
async function inactive(client: Client, { budgets }: Services) {
  await budgets.spend({ kind: "inactive_client", name: client.id });
  return { active: false };
}

/** What the caller may know of a live token; undefined for every other token and caller. */
async function describe(token: string, caller: Client, services: Services) {
  const recognized = await recognizeToken(token, services);
  if (recognized?.kind === "access") return describeAccess(recognized.claims, caller, services);
  if (recognized?.kind === "refresh") return describeRefresh(recognized.refresh, caller, services);
  return undefined;
}

async function describeAccess(claims: AccessTokenClaims, caller: Client, services: Services) {
  if (!mayIntrospect(caller, claims.client_id, [claims.aud].flat())) return undefined;
  if (!(await isAccessTokenLive(claims, services))) return undefined;
  const username = await usernameOf(claims, services);
  return { active: true, token_type: "Bearer", ...username, ...claims };
}

async function describeRefresh(
  refresh: RefreshTokenOfAuthorization,
  caller: Client,
  services: Services,
) {
  const { token, authorization } = refresh;
  if (!mayIntrospect(caller, authorization.clientId, [])) return undefined;
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
  };
}

function mayIntrospect(caller: Client, owner: string, audience: readonly string[]): boolean {
  const names = [caller.id, ...caller.resources];
  return caller.introspectAny || caller.id === owner || audience.some((aud) => names.includes(aud));
}

/** By the authorization, since `sub` may be pairwise, or a client's id that looks like a user's. */
async function usernameOf({ authorization_id: id }: AccessTokenClaims, { store }: Services) {
  const authorization = id === undefined ? undefined : await store.findAuthorization(id);
  const userId = authorization?.userId ?? undefined;
  const user = userId === undefined ? undefined : await store.findUser(userId);
  return user && { username: user.username };
}
