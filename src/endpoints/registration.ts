import { Elysia } from "elysia";
import type { Context } from "../http/context.ts";
import { callerAddress } from "../http/peer.ts";
import { readJsonObject } from "../http/read_json.ts";
import { NO_STORE, noStore } from "../http/responses.ts";
import { callerNetwork } from "../protocol/network.ts";
import { OAuthError } from "../protocol/oauth_error.ts";
import {
  judgeMetadata,
  registerClient,
  replaceMetadata,
  requireInitialAccess,
  requireRegistrant,
} from "../services/registration.ts";
import type { Services } from "../services/services.ts";
import type { Client } from "../store/clients.ts";
import { registrationDocs } from "./registration_docs.ts";

/** `POST /register` (RFC 7591) and `/register/:id` (RFC 7592); absent while registration is off. */
export function registrationEndpoint(context: Context) {
  const app = new Elysia({ name: "registration" });
  if (context.services.settings.registration === "off") return app;
  const docs = registrationDocs(context);
  return app
    .post("/register", ({ request }) => register(request, context), {
      parse: "none",
      detail: docs.register,
    })
    .get("/register/:id", ({ request, params }) => read(request, params.id, context), {
      detail: docs.read,
    })
    .put("/register/:id", ({ request, params }) => replace(request, params.id, context), {
      parse: "none",
      detail: docs.replace,
    })
    .delete("/register/:id", ({ request, params }) => remove(request, params.id, context), {
      detail: docs.remove,
    });
}

async function register(request: Request, { registry, services }: Context): Promise<Response> {
  await requireInitialAccess(bearer(request), services);
  await limitCaller(request, services);
  const metadata = await judgeMetadata(
    await readJsonObject(request),
    registry.capabilities,
    services,
  );
  const { client, clientSecret, registrationToken } = await registerClient(metadata, services);
  return noStore(describe(client, { clientSecret, registrationToken }, services), 201);
}

async function read(request: Request, id: string, { services }: Context): Promise<Response> {
  const token = bearer(request);
  const client = await requireRegistrant(id, token, services);
  return noStore(describe(client, { registrationToken: token }, services));
}

async function replace(
  request: Request,
  id: string,
  { registry, services }: Context,
): Promise<Response> {
  const token = bearer(request);
  const known = await requireRegistrant(id, token, services);
  const value = await readJsonObject(request);
  if (value["client_id"] !== known.id) {
    const values = ["client_id", "must be the client's own (RFC 7592 §2.2)"];
    throw new OAuthError("client_metadata_refused", { values, parameter: "client_id" });
  }
  const metadata = await judgeMetadata(value, registry.capabilities, services);
  const { client, clientSecret } = await replaceMetadata(known, metadata, services);
  return noStore(describe(client, { clientSecret, registrationToken: token }, services));
}

async function remove(request: Request, id: string, { services }: Context): Promise<Response> {
  const client = await requireRegistrant(id, bearer(request), services);
  await services.store.deleteClient(client.id);
  await services.audit.record("client.deleted", { clientId: client.id });
  return new Response(null, { status: 204, headers: NO_STORE });
}

/** What is told once: later answers leave the secret out, since only its hash is kept. */
interface Told {
  readonly clientSecret?: string | undefined;
  readonly registrationToken: string | undefined;
}

/** A client information response (RFC 7591 §3.2.1, RFC 7592 §3). */
function describe(client: Client, told: Told, { issuer }: Services) {
  return {
    ...client.metadata,
    client_id: client.id,
    client_id_issued_at: client.createdAt,
    ...(told.clientSecret !== undefined && { client_secret: told.clientSecret }),
    ...(client.secrets.length > 0 && { client_secret_expires_at: 0 }),
    registration_access_token: told.registrationToken,
    registration_client_uri: `${issuer}/register/${encodeURIComponent(client.id)}`,
  };
}

/** Registrations of one network address are bounded like its failed sign-ins. */
async function limitCaller(request: Request, { throttle, settings }: Services): Promise<void> {
  const address = callerAddress(request, settings);
  if (address === undefined) return;
  // The attempt is counted whatever becomes of it: registering is what is limited.
  await throttle.attempt(
    [{ kind: "address", name: `registration ${callerNetwork(address)}` }],
    async () => false,
  );
}

function bearer(request: Request): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(request.headers.get("authorization") ?? "")?.[1];
}
