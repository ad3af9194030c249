import { Elysia, t } from "elysia";
import { addresseeOf, authenticateClient, nameClient } from "../http/authenticate_client.ts";
import type { Context } from "../http/context.ts";
import { formOperation } from "../http/form_docs.ts";
import { readForm } from "../http/read_form.ts";
import { emptyNoStore } from "../http/responses.ts";
import { answering, OAuthError } from "../protocol/oauth_error.ts";
import { TOKEN_LENGTH_MAX } from "../protocol/token_claims.ts";
import { parserOf } from "../registry.ts";
import { type RecognizedToken, recognizeToken } from "../services/recognize_token.ts";
import type { Services } from "../services/services.ts";
import type { Client } from "../store/clients.ts";

/** Parameters of revocation (RFC 7009 §2.1). The hint is taken and needs not be right. */
export const RevocationParameters = t.Object({
  token: t.String({
    maxLength: TOKEN_LENGTH_MAX,
    description: "The access or refresh token to end",
    examples: ["tsr_CkhwVqcA"],
  }),
  token_type_hint: t.Optional(
    t.String({
      maxLength: 255,
      description: "refresh, access, refresh_token or access_token; anything else is ignored",
      examples: ["refresh_token"],
    }),
  ),
});

/** `POST /token/revoke` (RFC 7009). */
export function revocationEndpoint(context: Context) {
  return new Elysia({ name: "revocation" }).post(
    "/token/revoke",
    ({ request }) => revocation(request, context),
    {
      parse: "none",
      detail: formOperation(context, {
        operationId: "revokeToken",
        summary: "Revoke a token",
        description:
          "Revoking a refresh token ends its whole authorization, access tokens included; revoking an access token ends that one.",
        parameters: RevocationParameters,
        responses: { 200: { description: "The token is dead. The body is empty." } },
        errors: ["token_missing", "token_foreign", "token_unknown"],
      }),
    },
  );
}

const parse = parserOf(RevocationParameters);
const ownParameters = Object.keys(RevocationParameters.properties);

async function revocation(request: Request, { registry, services }: Context): Promise<Response> {
  const form = await readForm(
    request,
    new Set([...ownParameters, ...registry.clientAuthParameters]),
  );
  const named = await nameClient(request, form, { registry, services });
  return answering(addresseeOf(named), async () => {
    const { token } = parse(form);
    const { client } = await authenticateClient(named, { registry, services });
    const recognized = await recognizeToken(token, services);
    if (!recognized) return refuseUnknown(services);
    if (recognized.kind !== "swept") await revoke(recognized, client, services);
    return emptyNoStore();
  });
}

/** A token that never was: the seed's 400, or RFC 7009's 200 where so configured (decisions D5). */
function refuseUnknown({ settings }: Services): Response {
  if (settings.revocationUnknownToken === "ok") return emptyNoStore();
  throw new OAuthError("token_unknown");
}

async function revoke(
  recognized: Exclude<RecognizedToken, { kind: "swept" }>,
  client: Client,
  { store, audit, metrics, now }: Services,
): Promise<void> {
  const owner =
    recognized.kind === "access"
      ? recognized.claims.client_id
      : recognized.refresh.authorization.clientId;
  if (owner !== client.id) throw new OAuthError("token_foreign", { values: [client.id] });
  metrics.count("revocations", recognized.kind);
  if (recognized.kind === "access") {
    const { jti, exp, authorization_id } = recognized.claims;
    if (exp <= now()) return;
    await store.revokeToken(jti, exp);
    await audit.record("token.revoked", {
      clientId: client.id,
      details: { jti, authorization_id },
    });
    return;
  }
  const { id, userId } = recognized.refresh.authorization;
  if (!(await store.revokeAuthorization(id, now()))) return;
  await audit.record("authorization.revoked", {
    clientId: client.id,
    userId: userId ?? undefined,
    details: { authorization_id: id },
  });
}
