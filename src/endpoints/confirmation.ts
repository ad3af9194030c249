import { Elysia, t } from "elysia";
import { addresseeOf, authenticateClient, nameClient } from "../http/authenticate_client.ts";
import type { Context } from "../http/context.ts";
import { type FormOperation, formOperation } from "../http/form_docs.ts";
import { isForm, readForm, refuseUrlParameters } from "../http/read_form.ts";
import { readJsonObject } from "../http/read_json.ts";
import { emptyNoStore } from "../http/responses.ts";
import { hasControl, type Params } from "../protocol/form.ts";
import {
  IDENTIFIER_LENGTH_MAX,
  isEmailAddress,
  isPhoneNumber,
  normalizeIdentifier,
} from "../protocol/identifier.ts";
import {
  answering,
  malformedParameter,
  missingParameter,
  OAuthError,
} from "../protocol/oauth_error.ts";
import { countSending, makeConfirmationCode } from "../services/confirmation_codes.ts";
import { type Destination, deliver } from "../services/deliveries.ts";
import type { Services } from "../services/services.ts";
import type { Client } from "../store/clients.ts";

/** Parameters of `POST /code`: one of the two addresses. */
export const ConfirmationParameters = t.Object({
  phone_number: t.Optional(
    t.String({
      maxLength: IDENTIFIER_LENGTH_MAX,
      description: "E.164 number",
      examples: ["+41791234567"],
    }),
  ),
  email: t.Optional(t.String({ maxLength: IDENTIFIER_LENGTH_MAX, description: "E-mail address" })),
});

/** `POST /code`: sends a confirmation code that the password grant takes (decisions D6). */
export function confirmationEndpoint(context: Context) {
  return new Elysia({ name: "confirmation" }).post(
    "/code",
    ({ request }) => confirmation(request, context),
    {
      parse: "none",
      detail: withJson(context, {
        operationId: "sendConfirmationCode",
        summary: "Send a confirmation code",
        description:
          "The user enters the code in the place of a password. The answer is the same whether or not anybody has the address; an address gets three codes an hour, apart from those of sign-in. The parameters may also come as a JSON object.",
        parameters: ConfirmationParameters,
        confidential: true,
        responses: { 200: { description: "A code is on its way, if somebody has the address" } },
        errors: ["json_unreadable", "caller_public", "confirmation_refused", "too_many_attempts"],
      }),
    },
  );
}

/** The operation with its form and, as the seed's system has it, the same members in JSON. */
function withJson(context: Context, operation: FormOperation) {
  const { requestBody, ...rest } = formOperation(context, operation);
  const [media] = Object.values(requestBody.content);
  const content = { ...requestBody.content, ...(media && { "application/json": media }) };
  return { ...rest, requestBody: { ...requestBody, content } };
}

const ownParameters = Object.keys(ConfirmationParameters.properties);

async function confirmation(request: Request, { registry, services }: Context): Promise<Response> {
  const known = new Set([...ownParameters, ...registry.clientAuthParameters]);
  const params = await readParams(request, known);
  const named = await nameClient(request, params, { registry, services });
  return answering(addresseeOf(named), async () => {
    const destination = destinationOf(params);
    const { client } = await authenticateClient(named, { registry, services });
    if (client.authMethod === "none")
      throw new OAuthError("caller_public", { values: [client.id] });
    if (client.metadata.confirmation_codes !== true) {
      throw new OAuthError("confirmation_refused", { values: [client.id] });
    }
    await countSending({ purpose: "password_grant", address: destination.address }, services);
    await send(destination, client, services);
    return emptyNoStore();
  });
}

/** A form, or as the seed's system has it a JSON object whose texts count as parameters. */
async function readParams(request: Request, known: ReadonlySet<string>): Promise<Params> {
  if (isForm(request.headers)) return readForm(request, known);
  refuseUrlParameters(request.url, known);
  const texts = Object.entries(await readJsonObject(request)).map(([name, value]) => {
    if (typeof value !== "string" || hasControl(value)) {
      throw malformedParameter(known.has(name) ? name : "body");
    }
    return [name, value] as const;
  });
  return new Map(texts.filter(([, value]) => value.trim() !== ""));
}

/** Throws `parameter_missing` without an address, `parameter_malformed` for two or a wrong one. */
function destinationOf(params: Params): Destination {
  const [phone, email] = [params.get("phone_number"), params.get("email")];
  if (phone !== undefined && email !== undefined) throw malformedParameter("email");
  if (phone !== undefined) {
    const address = normalizeIdentifier(phone);
    if (!isPhoneNumber(address)) throw malformedParameter("phone_number");
    return { kind: "phone", address };
  }
  if (email === undefined) throw missingParameter("phone_number");
  const address = normalizeIdentifier(email);
  if (!isEmailAddress(address)) throw malformedParameter("email");
  return { kind: "email", address };
}

/** Makes the code, and sends it without being waited for: an unknown address must not answer sooner. */
async function send(destination: Destination, client: Client, services: Services): Promise<void> {
  const user = await services.store.findUserByIdentifier(destination.address);
  const binding = {
    purpose: "password_grant",
    party: client.id,
    address: destination.address,
  } as const;
  const code = await makeConfirmationCode(binding, user?.id ?? null, services);
  if (user?.disabledAt !== null) return;
  // What goes wrong is in the log and the audit; saying it would tell who has an account.
  void deliver(destination, code, services).catch(() =>
    services.audit.refuse({ code: "delivery_failed", clientId: client.id, userId: user.id }),
  );
}
