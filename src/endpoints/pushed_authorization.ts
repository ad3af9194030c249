import { Type as t } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { addresseeOf, authenticateClient, nameClient } from "../http/authenticate_client.ts";
import type { Context } from "../http/context.ts";
import { withDpopHeader } from "../http/dpop_docs.ts";
import { formOperation } from "../http/form_docs.ts";
import { limitPushedRequests } from "../http/limit_requests.ts";
import { readForm } from "../http/read_form.ts";
import { noStore } from "../http/responses.ts";
import { shownKey } from "../http/sender_constraint.ts";
import { AuthorizationParameters } from "../protocol/authorization_parameters.ts";
import { checkDestination } from "../protocol/authorization_request.ts";
import type { AuthorizationRequest } from "../protocol/authorization_types.ts";
import { answering, OAuthError } from "../protocol/oauth_error.ts";
import { checkRequest } from "../services/authorization_requests.ts";
import { pushRequest } from "../services/pushed_requests.ts";
import { REQUEST_ERRORS } from "./authorization_docs.ts";

/** What a pushed request is answered (RFC 9126 §2.2). */
const PushedResponse = t.Object({
  request_uri: t.String({ description: "Send it to /authorize, once, with client_id" }),
  expires_in: t.Integer({ description: "Seconds" }),
});

const EXAMPLE_RESPONSE = {
  request_uri: "urn:ietf:params:oauth:request_uri:bwc4JK-ESC0w8acc191e-Y1LTC2",
  expires_in: 60,
};

const parameterNames = Object.keys(AuthorizationParameters.properties);

/** `POST /par` (RFC 9126). */
export function pushedAuthorizationEndpoint(context: Context) {
  return new Elysia({ name: "pushed_authorization" }).post(
    "/par",
    ({ request }) => push(request, context),
    {
      parse: "none",
      detail: {
        ...withDpopHeader(
          formOperation(context, {
            operationId: "pushAuthorizationRequest",
            tag: "Authorization",
            summary: "Push an authorization request",
            description:
              "The client authenticates as at /token and sends the parameters of /authorize. They stay out of the browser, and are checked before a user sees anything.",
            parameters: { ...AuthorizationParameters, required: ["response_type", "redirect_uri"] },
            responses: {
              201: {
                description: "A name for the request",
                schema: PushedResponse,
                examples: { pushed: EXAMPLE_RESPONSE },
              },
            },
            errors: [
              "redirect_uri_missing",
              "redirect_uri_malformed",
              "redirect_uri_unregistered",
              "request_uri_pushed",
              "too_many_requests",
              "dpop_proof_incorrect",
              "dpop_nonce_needed",
              ...REQUEST_ERRORS,
            ],
          }),
        ),
      },
    },
  );
}

async function push(request: Request, { registry, services }: Context): Promise<Response> {
  const form = await readForm(
    request,
    new Set([...parameterNames, ...registry.clientAuthParameters]),
  );
  const named = await nameClient(request, form, { registry, services });
  return answering(addresseeOf(named), async () => {
    const { client } = await authenticateClient(named, { registry, services });
    if (form.has("request_uri")) throw new OAuthError("request_uri_pushed");
    const destination = checkDestination(form, client);
    const asked = await checkRequest(form, { client, destination }, services);
    const bound = bindToKey(asked, await shownKey(request, { client, services }));
    await limitPushedRequests(client, request, services);
    const { requestUri, expiresIn } = await pushRequest(bound, services);
    return noStore({ request_uri: requestUri, expires_in: expiresIn }, 201);
  });
}

/** The request with the key that it was pushed with, which is the one it names if it names one. */
function bindToKey(request: AuthorizationRequest, shown: string | undefined): AuthorizationRequest {
  if (shown === undefined) return request;
  if (request.dpopJkt !== undefined && request.dpopJkt !== shown) {
    throw new OAuthError("dpop_proof_incorrect", { cause: "dpop_jkt is another key's" });
  }
  return { ...request, dpopJkt: shown };
}
