import { Elysia, t } from "elysia";
import { bearerRefusal, requireBearer } from "../http/bearer.ts";
import type { Context } from "../http/context.ts";
import { withDpopHeader } from "../http/dpop_docs.ts";
import { exampleOf, formBody, publicOperation } from "../http/form_docs.ts";
import { NO_STORE, noStore } from "../http/responses.ts";
import type { ErrorCode } from "../protocol/catalogue.ts";
import { releasedClaims } from "../protocol/claims.ts";
import { answering } from "../protocol/oauth_error.ts";
import { splitScope } from "../protocol/scope.ts";
import type { AccessTokenClaims } from "../protocol/token_claims.ts";
import type { Services } from "../services/services.ts";
import { signJwt } from "../services/sign_jwt.ts";
import type { Client } from "../store/clients.ts";

/** `GET` and `POST /userinfo` (OpenID Connect Core §5.3). */
export function userinfoEndpoint(context: Context) {
  const handle = ({ request }: { request: Request }) => userinfo(request, context.services);
  const options = (method: "GET" | "POST") => ({
    parse: "none" as const,
    detail: userinfoDocs(context.services.issuer, method),
  });
  return new Elysia({ name: "userinfo" })
    .get("/userinfo", handle, options("GET"))
    .post("/userinfo", handle, options("POST"));
}

async function userinfo(request: Request, services: Services): Promise<Response> {
  const { claims, scheme } = await requireBearer(request, { scope: "openid", services });
  return answering({ dialect: "oauth", clientId: claims.client_id }, async () => {
    const client = await services.store.findClient(claims.client_id);
    const told = client && (await claimsOf(claims, client, services));
    if (!client || !told) {
      // A client's own token is a good token, and says nothing of any user.
      const details = { scope: "openid", scheme, cause: "no user" };
      throw bearerRefusal("bearer_incorrect", details, services);
    }
    const algorithm = client.metadata.userinfo_signed_response_alg;
    if (algorithm === undefined) return noStore(told);
    // It has neither `exp` nor `iat`, so that nobody takes it for an ID token.
    const stated = { iss: services.issuer, aud: client.id };
    const jwt = await signJwt({ ...told, ...stated }, { algorithm, type: "JWT" }, services);
    return new Response(jwt, { headers: { ...NO_STORE, "Content-Type": "application/jwt" } });
  });
}

/** What the token's client may know of its user; undefined for a token that belongs to none. */
async function claimsOf(
  { authorization_id: id, scope }: AccessTokenClaims,
  client: Client,
  { store }: Services,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const authorization = id === undefined ? undefined : await store.findAuthorization(id);
  const user = authorization?.userId ? await store.findUser(authorization.userId) : undefined;
  if (!authorization || !user) return undefined;
  const released = releasedClaims(user, {
    scope: splitScope(scope),
    allowed: client.scopes,
    requested: authorization.claims?.userinfo,
  });
  return { ...released, sub: authorization.subject };
}

const Userinfo = t.Object(
  { sub: t.String({ description: "The user, as the ID token names him" }) },
  { additionalProperties: true, description: "OpenID Connect Core §5.3.2" },
);

const UserinfoForm = t.Object({
  access_token: t.Optional(
    t.String({ description: "The access token, when it is not in the header" }),
  ),
});

/** What a form with a token may be refused for. */
const FORM_ERRORS: readonly ErrorCode[] = [
  "body_unreadable",
  "body_malformed",
  "body_too_large",
  "too_many_parameters",
  "parameter_malformed",
  "parameter_repeated",
];

function userinfoDocs(issuer: string, method: "GET" | "POST") {
  const form = formBody(UserinfoForm, { request: exampleOf(UserinfoForm) });
  const operation = withDpopHeader(
    publicOperation(issuer, {
      operationId: method === "GET" ? "getUserinfo" : "getUserinfoByForm",
      tag: "OpenID Connect",
      summary: "Claims of the user who granted the access token",
      description:
        "The claims of the token's scopes and of the claims parameter; signed for clients that registered userinfo_signed_response_alg, then as application/jwt.",
      responses: {
        200: { description: "The claims", schema: Userinfo, examples: { claims: { sub: "ada" } } },
      },
      errors: [
        ...(method === "POST" ? FORM_ERRORS : []),
        "bearer_missing",
        "bearer_several",
        "bearer_incorrect",
        "bearer_proof_incorrect",
        "bearer_nonce_needed",
        "bearer_scope_insufficient",
        "parameter_in_url",
        "store_read_failed",
        "store_timed_out",
      ],
    }),
  );
  return {
    ...operation,
    security: [{ access_token: [] }],
    ...(method === "POST" && { requestBody: { ...form, required: false } }),
  };
}
